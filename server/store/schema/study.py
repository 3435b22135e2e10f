"""How members go through micro-videos: what was watched, their tests, their answers at marks."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

micro_questions = sa.Table(
    "micro_questions",
    metadata,
    key(),
    reference("video_id", "micro_videos.id"),
    number("position"),
    text("kind"),
    text("text"),
    json("options"),
    json("correct"),
    text("explanation"),
    number("mark_ms", nullable=True),
    sa.Index(None, "video_id", "position"),
)

micro_studies = sa.Table(
    "micro_studies",
    metadata,
    key(),
    reference("video_id", "micro_videos.id"),
    reference("member_id", "members.id"),
    reference("unit_id", "units.id"),
    json("terms"),
    reference("rule_id", "credit_rules.id", nullable=True),
    number("hundredths"),
    number("test_hundredths"),
    flag("skips"),
    time("began_at"),
    number("progress"),
    flag("passed"),
    time("done_at", nullable=True),
    text("entry_id", nullable=True),
    text("test_entry_id", nullable=True),
    sa.UniqueConstraint("video_id", "member_id"),
    sa.Index(None, "member_id"),
)

micro_watches = sa.Table(
    "micro_watches",
    metadata,
    reference("video_id", "micro_videos.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    json("watched"),
    json("fetched"),
    json("anchors"),
    number("position_ms"),
    time("spent_at", nullable=True),
    sa.Index(None, "member_id"),
)

micro_attempts = sa.Table(
    "micro_attempts",
    metadata,
    key(),
    reference("study_id", "micro_studies.id"),
    reference("member_id", "members.id"),
    number("number"),
    json("paper"),
    time("started_at"),
    time("submitted_at", nullable=True),
    json("choices", nullable=True),
    number("right"),
    flag("passed"),
    sa.UniqueConstraint("study_id", "number"),
    sa.Index(None, "member_id"),
)

micro_marks = sa.Table(
    "micro_marks",
    metadata,
    text("question_id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    reference("video_id", "micro_videos.id"),
    json("choice"),
    flag("right"),
    time("at"),
    sa.Index(None, "member_id", "video_id"),
)
"""The first answer at a mark stays, whatever becomes of the question."""

course_certificates = sa.Table(
    "course_certificates",
    metadata,
    key(),
    text("number"),
    reference("course_id", "courses.id"),
    reference("member_id", "members.id"),
    reference("unit_id", "units.id"),
    text("name"),
    text("unit"),
    text("course"),
    text("issuer"),
    number("videos"),
    number("tests"),
    number("hundredths"),
    time("issued_at"),
    time("withdrawn_at", nullable=True),
    reference("withdrawn_by", "accounts.id", nullable=True),
    text("reason"),
    sa.UniqueConstraint("number"),
    sa.UniqueConstraint("course_id", "member_id"),
    sa.Index(None, "member_id"),
)
