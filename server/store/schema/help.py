"""Calls for help, and notices to the venues' operators."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, reference, text, time

helps = sa.Table(
    "helps",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("account_id", "accounts.id"),
    reference("lesson_venue_id", "lesson_venues.id", nullable=True),
    text("caller_key"),
    text("name"),
    text("urgency"),
    text("text"),
    time("asked_at"),
    text("answer"),
    time("answered_at", nullable=True),
    text("answered_by", nullable=True),
    time("closed_at", nullable=True),
    text("closed_by", nullable=True),
    sa.Index(None, "lesson_id", "caller_key"),
)

notices = sa.Table(
    "notices",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    text("text"),
    time("sent_at"),
    text("sent_by"),
    sa.Index(None, "lesson_id", "sent_at"),
)

notice_receipts = sa.Table(
    "notice_receipts",
    metadata,
    reference("notice_id", "notices.id", primary_key=True),
    reference("lesson_venue_id", "lesson_venues.id", primary_key=True),
    time("read_at"),
)
