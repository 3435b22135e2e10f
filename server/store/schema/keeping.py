"""How long recordings stay and where, and what was decided about each."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import UtcTime, metadata, number, reference, text, time

keep_rules = sa.Table(
    "keep_rules",
    metadata,
    text("keep_class", primary_key=True),
    sa.Column("since", UtcTime, primary_key=True),
    number("days", nullable=True),
    text("place"),
    text("reason"),
    reference("set_by", "accounts.id"),
)

keep_kinds = sa.Table(
    "keep_kinds",
    metadata,
    text("kind", primary_key=True),
    sa.Column("since", UtcTime, primary_key=True),
    text("keep_class"),
    text("reason"),
    reference("set_by", "accounts.id"),
)

kept_recordings = sa.Table(
    "kept_recordings",
    metadata,
    reference("recording_id", "recordings.id", primary_key=True),
    text("keep_class", nullable=True),
    text("reason"),
    reference("set_by", "accounts.id", nullable=True),
    time("set_at", nullable=True),
    time("deleted_at", nullable=True),
    reference("deleted_by", "accounts.id", nullable=True),
    text("why"),
    time("purged_at", nullable=True),
    text("place"),
    sa.Index(None, "deleted_at"),
)
"""No row: nothing was decided, its class is that of its lesson's kind, and its media lies in the data folder."""

recording_moves = sa.Table(
    "recording_moves",
    metadata,
    reference("recording_id", "recordings.id", primary_key=True),
    text("runner"),
    text("state"),
    number("attempts"),
    text("code", nullable=True),
    time("begun_at"),
    time("ended_at", nullable=True),
    sa.Index(None, "state"),
)
"""To the object store: the last try of each."""
