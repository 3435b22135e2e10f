"""Planned launches (预约发布)."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

planned_launches = sa.Table(
    "planned_launches",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    json("question_ids"),
    text("mark_kind"),
    number("mark_number"),
    text("material_id", nullable=True),
    number("seconds", nullable=True),
    text("keep"),
    number("grace_ms"),
    flag("mix_questions"),
    flag("mix_options"),
    reference("planned_by", "accounts.id"),
    time("planned_at"),
    time("due_at", nullable=True),
    text("state"),
    text("held", nullable=True),
    text("missed", nullable=True),
    text("quiz_id", nullable=True),
    sa.Index(None, "lesson_id", "planned_at"),
    sa.Index(None, "state", "due_at"),
)
"""What the house launches by itself; each at most once, by its state under the lesson's lock."""
