"""Courses, series, how often each kind of lesson is held, and the secret addresses of calendars."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

courses = sa.Table(
    "courses",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    text("title"),
    text("note"),
    flag("closed"),
    number("version"),
    sa.Index(None, "unit_id"),
)

lesson_series = sa.Table(
    "lesson_series",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    json("repeats"),
    reference("created_by", "accounts.id"),
    time("created_at"),
    time("undone_at", nullable=True),
)

kind_rules = sa.Table(
    "kind_rules",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    text("kind"),
    sa.Column("since", sa.Date, nullable=False),
    text("every"),
    number("times"),
    number("day", nullable=True),
    flag("above"),
    sa.UniqueConstraint("unit_id", "kind", "since"),
)

calendar_feeds = sa.Table(
    "calendar_feeds",
    metadata,
    key(),
    reference("account_id", "accounts.id"),
    text("token_digest"),
    time("created_at"),
    time("used_at", nullable=True),
    sa.UniqueConstraint("account_id"),
    sa.UniqueConstraint("token_digest"),
)
