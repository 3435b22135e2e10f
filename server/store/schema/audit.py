"""The audit log. Its head stands among ``ledger_heads``; triggers (migration 0018) let nobody change or cut it."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, number, reference, text, time

audit_lines = sa.Table(
    "audit_lines",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    time("at"),
    text("actor", nullable=True),
    text("address"),
    text("login"),
    text("request_id"),
    text("action"),
    text("about"),
    text("result"),
    text("detail_digest"),
    text("detail", nullable=True),
    text("salt", nullable=True),
    text("previous_hash"),
    text("hash"),
    sa.UniqueConstraint("previous_hash"),
    sa.Index(None, "at"),
    sa.Index(None, "actor", "position"),
    sa.Index(None, "about", "position"),
)

audit_checks = sa.Table(
    "audit_checks",
    metadata,
    key(),
    reference("account_id", "accounts.id"),
    text("created_by"),
    time("created_at"),
    text("runner"),
    text("noted", nullable=True),
    text("state"),
    number("attempts"),
    text("code", nullable=True),
    sa.Column("result", sa.JSON(none_as_null=True)),
    time("ended_at", nullable=True),
    sa.Index(None, "created_at"),
    sa.Index(None, "state"),
)
"""Verifications of the log."""
