"""Notices of lessons: the waves that were made, and one row per member and channel."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, number, reference, text, time

waves = sa.Table(
    "waves",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    sa.Column("round", sa.BigInteger, primary_key=True, autoincrement=False),
    text("wave", primary_key=True),
    time("starts_at"),
    time("made_at"),
    number("members"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    number("round"),
    text("wave"),
    reference("member_id", "members.id"),
    text("channel"),
    text("place", nullable=True),
    text("state"),
    time("next_at"),
    number("tries"),
    text("claimed_by", nullable=True),
    time("claimed_at", nullable=True),
    time("sent_at", nullable=True),
    time("read_at", nullable=True),
    text("code"),
    time("unsure_since", nullable=True),
    sa.UniqueConstraint("lesson_id", "round", "wave", "member_id", "channel"),
    sa.Index(None, "member_id", "channel", "sent_at"),
    sa.Index(None, "state", "channel", "next_at"),
    sa.Index(None, "channel", "claimed_at"),
)

claims = sa.Table("channel_claims", metadata, text("channel", primary_key=True), time("at"))
"""Locked while somebody claims messages of a channel, so that its pace is one for all processes."""
