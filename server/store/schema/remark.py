"""Re-markings of quizzes (改判)."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import json, key, metadata, number, reference, text, time

quiz_remarks = sa.Table(
    "quiz_remarks",
    metadata,
    key(),
    reference("quiz_id", "quizzes.id"),
    reference("lesson_id", "lessons.id"),
    number("number"),
    json("former"),
    json("key"),
    text("reason"),
    reference("by", "accounts.id"),
    time("at"),
    number("changed"),
    number("raised"),
    number("granted"),
    number("kept"),
    number("made_up"),
    sa.UniqueConstraint("quiz_id", "number"),
    sa.Index(None, "lesson_id"),
)

quiz_remark_marks = sa.Table(
    "quiz_remark_marks",
    metadata,
    reference("remark_id", "quiz_remarks.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    number("before"),
    number("after"),
    text("credit", nullable=True),
    sa.Index(None, "member_id"),
)
"""What each changed answer was worth before and after: the former marks are not lost."""
