"""The question bank."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import json, key, metadata, number, reference, text, time

bank_questions = sa.Table(
    "bank_questions",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    text("latest_id"),
    text("kind"),
    text("difficulty"),
    text("text"),
    text("search"),
    time("created_at"),
    time("retired_at", nullable=True),
    reference("retired_by", "accounts.id", nullable=True),
    number("revision"),
    sa.Index(None, "unit_id", "created_at"),
)
"""What stands in the newest version beside what lists are narrowed by."""

bank_versions = sa.Table(
    "bank_versions",
    metadata,
    key(),
    reference("question_id", "bank_questions.id"),
    number("number"),
    json("content"),
    reference("created_by", "accounts.id"),
    time("created_at"),
    time("used_at", nullable=True),
    sa.UniqueConstraint("question_id", "number"),
)

bank_tags = sa.Table(
    "bank_tags",
    metadata,
    reference("question_id", "bank_questions.id", primary_key=True),
    text("tag", primary_key=True),
    sa.Index(None, "tag"),
)
"""Of the newest version."""
