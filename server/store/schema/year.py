"""What is asked of members for a year, and who is asked for more or for nothing."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

year_rules = sa.Table(
    "year_rules",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    text("name"),
    number("version"),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    json("targets"),
    json("caps"),
    number("carry_most_hundredths"),
    flag("by_month"),
    text("loans"),
    reference("made_by", "accounts.id"),
    time("made_at"),
    sa.UniqueConstraint("unit_id", "version"),
)

study_roles = sa.Table(
    "study_roles",
    metadata,
    key(),
    reference("member_id", "members.id"),
    text("role"),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    text("reason"),
    reference("made_by", "accounts.id"),
    time("made_at"),
    reference("ended_by", "accounts.id", nullable=True),
    time("ended_at", nullable=True),
    sa.Index(None, "member_id"),
)
