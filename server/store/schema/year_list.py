"""Who was reminded of what is missing in a year, and the lists of a year that branches confirmed."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, number, reference, text, time

year_reminders = sa.Table(
    "year_reminders",
    metadata,
    key(),
    reference("member_id", "members.id"),
    reference("unit_id", "units.id"),
    number("year"),
    number("short"),
    reference("by", "accounts.id"),
    time("at"),
    sa.Index(None, "member_id", "year"),
)

year_lists = sa.Table(
    "year_lists",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    number("year"),
    number("version"),
    text("content"),
    text("digest"),
    reference("confirmed_by", "accounts.id"),
    time("confirmed_at"),
    sa.UniqueConstraint("unit_id", "year", "version"),
)
