"""What members write in a lesson, who was asked to be silent, and the words that a unit has listed."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

chat_settings = sa.Table(
    "chat_settings",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    text("mode"),
    number("slow_seconds"),
)

chat_lines = sa.Table(
    "chat_lines",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    number("seq"),
    text("kind"),
    text("speaker_id"),
    reference("account_id", "accounts.id"),
    text("name"),
    text("unit"),
    text("text"),
    text("state"),
    flag("held"),
    time("at"),
    time("decided_at", nullable=True),
    reference("decided_by", "accounts.id", nullable=True),
    sa.Index(None, "lesson_id", "seq"),
    sa.Index(None, "lesson_id", "state", "seq"),
    sa.Index(None, "lesson_id", "speaker_id", "at"),
    sa.Index(None, "lesson_id", "at"),
)

talk_mutes = sa.Table(
    "talk_mutes",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    text("speaker_id", primary_key=True),
    reference("account_id", "accounts.id"),
    text("name"),
    time("until"),
    text("reason"),
    reference("by", "accounts.id"),
    time("at"),
)

word_lists = sa.Table(
    "word_lists",
    metadata,
    reference("unit_id", "units.id", primary_key=True),
    json("words"),
    number("version"),
    reference("changed_by", "accounts.id"),
    time("changed_at"),
)
