"""Make-up study (补学): offers, what was watched of their recordings, attempts at the questions, answers at marks."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

make_ups = sa.Table(
    "make_ups",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("member_id", "members.id"),
    reference("unit_id", "units.id"),
    reference("recording_id", "recordings.id"),
    text("standing"),
    json("terms"),
    number("hundredths"),
    flag("skips"),
    time("offered_at"),
    time("deadline_at"),
    text("state"),
    number("progress"),
    flag("passed"),
    time("done_at", nullable=True),
    text("entry_id", nullable=True),
    time("reminded_at", nullable=True),
    json("extensions"),
    sa.UniqueConstraint("lesson_id", "member_id"),
    sa.Index(None, "unit_id", "deadline_at"),
    sa.Index(None, "member_id", "deadline_at"),
)

replay_watches = sa.Table(
    "replay_watches",
    metadata,
    reference("recording_id", "recordings.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    json("watched"),
    json("fetched"),
    json("anchors"),
    number("position_ms"),
    time("spent_at", nullable=True),
    sa.Index(None, "member_id"),
)
"""Only of those who have something to make up: nobody else's watching is written down."""

make_up_attempts = sa.Table(
    "make_up_attempts",
    metadata,
    key(),
    reference("make_up_id", "make_ups.id"),
    reference("member_id", "members.id"),
    number("number"),
    json("paper"),
    time("started_at"),
    time("submitted_at", nullable=True),
    json("choices", nullable=True),
    number("right"),
    flag("passed"),
    sa.UniqueConstraint("make_up_id", "number"),
    sa.Index(None, "member_id"),
)

make_up_marks = sa.Table(
    "make_up_marks",
    metadata,
    reference("make_up_id", "make_ups.id", primary_key=True),
    reference("quiz_id", "quizzes.id", primary_key=True),
    reference("member_id", "members.id"),
    json("choice"),
    flag("right"),
    time("at"),
    sa.Index(None, "member_id"),
)
"""What was asked in the lesson, answered at its mark of the replay: the first answer stays."""
