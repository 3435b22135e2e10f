"""Units, members and venues; membership and parentage are dated."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, number, reference, text

units = sa.Table("units", metadata, key(), text("name"), text("kind"))

placements = sa.Table(
    "placements",
    metadata,
    reference("unit_id", "units.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    sa.Column("until", sa.Date),
    reference("parent_id", "units.id", nullable=True),
)

members = sa.Table("members", metadata, key(), text("name"), text("kind"))

memberships = sa.Table(
    "memberships",
    metadata,
    reference("member_id", "members.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    sa.Column("until", sa.Date),
    reference("unit_id", "units.id"),
    sa.Index(None, "unit_id"),
)

venues = sa.Table(
    "venues",
    metadata,
    key(),
    text("name"),
    reference("unit_id", "units.id"),
    text("room"),
    number("seats"),
    sa.Column("networks", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("shares_device", sa.Boolean, nullable=False, server_default=sa.false()),
)
