"""What is taken out of archives."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import json, key, metadata, number, reference, text, time

exports = sa.Table(
    "exports",
    metadata,
    key(),
    text("kind"),
    reference("recording_id", "recordings.id"),
    reference("lesson_id", "lessons.id"),
    reference("account_id", "accounts.id"),
    text("created_by"),
    time("created_at"),
    text("runner"),
    text("state"),
    number("attempts"),
    text("code", nullable=True),
    json("result", nullable=True),
    time("ended_at", nullable=True),
    time("until", nullable=True),
    sa.Index(None, "recording_id", "created_at"),
    sa.Index(None, "state"),
)
