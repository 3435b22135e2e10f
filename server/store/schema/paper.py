"""Papers (试卷)."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import json, key, metadata, number, reference, text, time

papers = sa.Table(
    "papers",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    text("name"),
    json("plan"),
    reference("created_by", "accounts.id"),
    time("created_at"),
    time("changed_at"),
    time("retired_at", nullable=True),
    number("revision"),
    sa.Index(None, "unit_id", "name"),
)

paper_draws = sa.Table(
    "paper_draws",
    metadata,
    key(),
    reference("paper_id", "papers.id"),
    reference("lesson_id", "lessons.id"),
    json("facts"),
    reference("by", "accounts.id"),
    time("at"),
    sa.Index(None, "lesson_id", "at"),
)
"""Seed, candidates and what came of it: the evidence of a draw."""
