"""Roll calls and what came of each venue."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, number, reference, text, time

roll_calls = sa.Table(
    "roll_calls",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    number("number"),
    time("started_at"),
    text("started_by"),
    text("called", nullable=True),
    time("called_at", nullable=True),
    time("finished_at", nullable=True),
    sa.UniqueConstraint("lesson_id", "number"),
)

roll_entries = sa.Table(
    "roll_entries",
    metadata,
    reference("roll_call_id", "roll_calls.id", primary_key=True),
    reference("lesson_venue_id", "lesson_venues.id", primary_key=True),
    number("position"),
    text("name"),
    time("answered_at", nullable=True),
    text("proposed", nullable=True),
    text("result", nullable=True),
    time("decided_at", nullable=True),
    text("decided_by", nullable=True),
)
