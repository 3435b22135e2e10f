"""Hands that were raised."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, reference, text, time

hands = sa.Table(
    "hands",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    text("kind"),
    text("speaker_id"),
    reference("account_id", "accounts.id"),
    text("name"),
    text("unit"),
    text("topic"),
    reference("through", "lesson_venues.id", nullable=True),
    text("source"),
    text("state"),
    time("raised_at"),
    time("invited_at", nullable=True),
    time("on_air_at", nullable=True),
    time("ended_at", nullable=True),
    reference("ended_by", "accounts.id", nullable=True),
    text("former", nullable=True),
    text("active_key", nullable=True),
    text("open_key", nullable=True),
    sa.UniqueConstraint("active_key"),
    sa.UniqueConstraint("open_key"),
    sa.Index(None, "lesson_id", "state", "raised_at"),
    sa.Index(None, "lesson_id", "speaker_id"),
    sa.Index(None, "account_id"),
)
