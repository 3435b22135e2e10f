"""Papers (试卷)."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

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

paper_runs = sa.Table(
    "paper_runs",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    text("name"),
    text("draw_id", nullable=True),
    text("seed"),
    flag("mix_questions"),
    flag("mix_options"),
    json("quiz_ids"),
    reference("launched_by", "accounts.id"),
    time("launched_at"),
    sa.Index(None, "lesson_id", "launched_at"),
)
"""Papers asked as a whole: what their quizzes have together."""

paper_hand_ins = sa.Table(
    "paper_hand_ins",
    metadata,
    reference("run_id", "paper_runs.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    sa.Column("round", sa.BigInteger, primary_key=True, autoincrement=False),
    time("at"),
    reference("account_id", "accounts.id"),
)
"""交卷: one per member and round. Whoever has none when the time is over is collected by the clock."""
