"""Questions, quizzes and answers."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

questions = sa.Table(
    "questions",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    number("position"),
    text("kind"),
    text("text"),
    json("options"),
    json("correct"),
    text("explanation"),
    number("seconds"),
    number("version"),
    text("bank_version_id", nullable=True),
    number("scoring"),
    json("blanks"),
    json("picture", nullable=True),
    sa.Index(None, "lesson_id", "position"),
)

quizzes = sa.Table(
    "quizzes",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    number("number"),
    text("question_id"),
    text("kind"),
    text("text"),
    json("options"),
    json("correct"),
    text("explanation"),
    number("seconds"),
    reference("launched_by", "accounts.id"),
    time("launched_at"),
    time("deadline_at"),
    time("closed_at", nullable=True),
    text("running_key", nullable=True),
    json("outcome", nullable=True),
    number("scoring"),
    json("blanks"),
    text("keep"),
    number("grace_ms"),
    time("paused_at", nullable=True),
    number("round"),
    text("reopen_reason"),
    text("bank_version_id", nullable=True),
    text("run_id", nullable=True),
    number("run_place"),
    json("picture", nullable=True),
    sa.UniqueConstraint("lesson_id", "number"),
    sa.UniqueConstraint("running_key"),
)

answers = sa.Table(
    "answers",
    metadata,
    reference("quiz_id", "quizzes.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    text("command_id"),
    json("choice"),
    flag("right"),
    time("received_at"),
    reference("account_id", "accounts.id"),
    text("channel"),
    number("marks", nullable=True),
    number("round"),
    text("reason"),
    number("nth"),
    json("turns"),
    sa.UniqueConstraint("command_id"),
)
