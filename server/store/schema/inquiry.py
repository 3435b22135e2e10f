"""Inquiries, votes for them, how a lesson shows them; chapters."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, key, metadata, number, reference, text, time

inquiries = sa.Table(
    "inquiries",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("account_id", "accounts.id"),
    reference("member_id", "members.id"),
    text("name"),
    text("unit_name"),
    text("text"),
    text("state"),
    time("asked_at"),
    time("decided_at", nullable=True),
    time("staged_at", nullable=True),
    time("answered_at", nullable=True),
    text("answer", nullable=True),
    text("merged_into", nullable=True),
    text("assigned_to"),
    number("position", nullable=True),
    number("votes"),
    sa.Column("told_votes", sa.BigInteger, server_default="0", nullable=False),
    number("shown_seq", nullable=True),
    sa.Column("listed", sa.JSON, server_default="[]", nullable=False),
    sa.Index(None, "lesson_id", "asked_at", "id"),
    sa.Index(None, "lesson_id", "state"),
    sa.Index(None, "member_id", "lesson_id"),
    sa.Index(None, "merged_into"),
)

inquiry_votes = sa.Table(
    "inquiry_votes",
    metadata,
    reference("inquiry_id", "inquiries.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
)

inquiry_desks = sa.Table(
    "inquiry_desks",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    flag("names"),
    text("order"),
    flag("band"),
)

chapters = sa.Table(
    "chapters",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    time("at"),
    text("title"),
    reference("marked_by", "accounts.id"),
    text("inquiry_id", nullable=True),
    sa.Index(None, "lesson_id", "at"),
    sa.UniqueConstraint("inquiry_id"),
)

told_chapters = sa.Table(
    "told_chapters",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    text("told_id", primary_key=True),
    time("at"),
    text("title"),
)
"""Chapters that follow from the log, for the search: written when a recording ends, and anew after an erasure."""
