"""What people are asked to agree to, and who did; how long what is kept, and what became of a person's data."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import UtcTime, json, key, metadata, number, reference, text, time

consent_texts = sa.Table(
    "consent_texts",
    metadata,
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    text("text"),
    text("text_en"),
    time("since"),
    reference("published_by", "accounts.id"),
)

consent_acceptances = sa.Table(
    "consent_acceptances",
    metadata,
    reference("account_id", "accounts.id", primary_key=True),
    sa.Column("version", sa.BigInteger, sa.ForeignKey("consent_texts.version"), primary_key=True, autoincrement=False),
    time("at"),
    text("address"),
    text("device"),
    sa.Index(None, "version"),
)

data_exports = sa.Table(
    "data_exports",
    metadata,
    key(),
    reference("account_id", "accounts.id"),  # whose data
    reference("asked_by", "accounts.id"),
    text("created_by"),
    text("reason"),
    time("created_at"),
    text("runner"),
    text("state"),
    number("attempts"),
    text("code", nullable=True),
    number("bytes"),
    sa.Column("content", sa.LargeBinary),
    time("ended_at", nullable=True),
    sa.Index(None, "account_id", "created_at"),
    sa.Index(None, "created_at"),
    sa.Index(None, "state"),
)

erasures = sa.Table(
    "erasures",
    metadata,
    key(),
    reference("account_id", "accounts.id"),  # whose data
    text("state"),
    reference("asked_by", "accounts.id"),
    time("asked_at"),
    text("note"),
    text("open_key", nullable=True),
    reference("decided_by", "accounts.id", nullable=True),
    time("decided_at", nullable=True),
    text("reason"),
    text("pseudonym"),
    json("counts", nullable=True),
    sa.UniqueConstraint("open_key"),
    sa.Index(None, "account_id"),
    sa.Index(None, "asked_at"),
)

legal_holds = sa.Table(
    "legal_holds",
    metadata,
    key(),
    reference("account_id", "accounts.id", nullable=True),  # a person's, else a lesson's
    reference("lesson_id", "lessons.id", nullable=True),
    text("reason"),
    reference("set_by", "accounts.id"),
    time("set_at"),
    reference("lifted_by", "accounts.id", nullable=True),
    time("lifted_at", nullable=True),
    sa.Index(None, "lifted_at"),
)

retention_rules = sa.Table(
    "retention_rules",
    metadata,
    text("data_class", primary_key=True),
    sa.Column("since", UtcTime, primary_key=True),
    number("days"),
    reference("set_by", "accounts.id"),
)

retention_sweeps = sa.Table(
    "retention_sweeps",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    text("runner"),
    time("begun_at"),
    time("seen_at"),
    json("counts"),
    time("ended_at", nullable=True),
)
