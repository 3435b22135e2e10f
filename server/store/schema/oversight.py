"""Overseen items (督办), and what was said about each."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, number, reference, text, time

oversights = sa.Table(
    "oversights",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    reference("above_id", "units.id"),
    text("subject"),
    text("text"),
    sa.Column("due_on", sa.Date, nullable=False),
    reference("opened_by", "accounts.id"),
    time("opened_at"),
    text("state"),
    reference("answered_by", "accounts.id", nullable=True),
    number("returns"),
    time("done_at", nullable=True),
    sa.Index(None, "unit_id", "state"),
)

oversight_steps = sa.Table(
    "oversight_steps",
    metadata,
    reference("oversight_id", "oversights.id", primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    text("step"),
    reference("by", "accounts.id"),
    time("at"),
    text("text"),
    sa.Column("due_on", sa.Date, nullable=False),
)
