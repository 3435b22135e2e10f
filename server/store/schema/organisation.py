"""Units, members and venues; membership and parentage are dated."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from server.store.schema.columns import json, key, metadata, number, reference, text, time


def _version() -> sa.Column[Any]:
    return sa.Column("version", sa.BigInteger, nullable=False, server_default="1")


def _blank(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String, nullable=False, server_default="")


units = sa.Table(
    "units",
    metadata,
    key(),
    text("name"),  # founded under; unit_names has what it is called since
    text("kind"),
    sa.Column("until", sa.Date),
    _version(),
)

unit_names = sa.Table(
    "unit_names",
    metadata,
    reference("unit_id", "units.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    text("name"),
)

unit_rules = sa.Table(
    "unit_rules",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    sa.Column("since", sa.Date, nullable=False),
    text("loans"),
    json("sizes"),
    sa.UniqueConstraint("unit_id", "since"),
)

unit_groups = sa.Table(
    "unit_groups",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    text("name"),
    reference("leader_id", "members.id", nullable=True),
    _version(),
    sa.Index(None, "unit_id"),
)

placements = sa.Table(
    "placements",
    metadata,
    reference("unit_id", "units.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    sa.Column("until", sa.Date),
    reference("parent_id", "units.id", nullable=True),
)

members = sa.Table(
    "members",
    metadata,
    key(),
    text("name"),
    text("kind"),  # began as; member_kinds has what it is since
    text("phone", nullable=True),
    text("group_id", nullable=True),
    _version(),
    _blank("spelling"),
    _blank("initials"),
    sa.Index(None, "spelling", "id"),
    sa.Index(None, "group_id"),
)

member_kinds = sa.Table(
    "member_kinds",
    metadata,
    reference("member_id", "members.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    text("kind"),
)

memberships = sa.Table(
    "memberships",
    metadata,
    reference("member_id", "members.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    sa.Column("until", sa.Date),
    reference("unit_id", "units.id"),
    text("ending", nullable=True),
    _blank("note"),
    sa.Index(None, "unit_id"),
)

loans = sa.Table(
    "loans",
    metadata,
    reference("member_id", "members.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    sa.Column("until", sa.Date),
    reference("unit_id", "units.id"),
    _blank("note"),
    sa.Index(None, "unit_id"),
)

membership_steps = sa.Table(
    "membership_steps",
    metadata,
    reference("member_id", "members.id", primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Index(None, "day"),
)
"""Days to come on which roles and logins may end."""

organisation_changes = sa.Table(
    "organisation_changes",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
    time("at"),
    text("actor"),
    text("kind"),
    text("unit_id", nullable=True),
    text("member_id", nullable=True),
    sa.Column("since", sa.Date),
    json("facts"),
    sa.Index(None, "unit_id", "position"),
    sa.Index(None, "member_id", "position"),
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
    _blank("notes"),
    sa.Column("retired", sa.Boolean, nullable=False, server_default=sa.false()),
    _version(),
)

venue_changes = sa.Table(
    "venue_changes",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
    time("at"),
    text("actor"),
    text("kind"),
    reference("venue_id", "venues.id"),
    json("facts"),
    sa.Index(None, "venue_id", "position"),
)

venue_devices = sa.Table(
    "venue_devices",
    metadata,
    key(),
    reference("venue_id", "venues.id"),
    reference("account_id", "accounts.id"),
    text("name"),
    text("browser"),
    reference("paired_by", "accounts.id"),
    time("paired_at"),
    reference("revoked_by", "accounts.id", nullable=True),
    time("revoked_at", nullable=True),
    sa.UniqueConstraint("account_id"),
    sa.Index(None, "venue_id"),
)

room_operators = sa.Table(
    "room_operators",
    metadata,
    key(),
    reference("venue_id", "venues.id"),
    reference("account_id", "accounts.id"),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    reference("by", "accounts.id"),
    time("at"),
    reference("ended_by", "accounts.id", nullable=True),
    time("ended_at", nullable=True),
    sa.Index(None, "venue_id"),
    sa.Index(None, "account_id"),
)

pairings = sa.Table(
    "pairings",
    metadata,
    key(),
    text("code_digest"),
    text("secret_digest"),
    text("browser"),
    text("address"),
    time("created_at"),
    time("expires_at"),
    reference("device_id", "venue_devices.id", nullable=True),
    sa.UniqueConstraint("code_digest"),
    sa.Index(None, "expires_at"),
)
