"""Rosters that came as tables."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import json, key, metadata, number, reference, text, time

roster_imports = sa.Table(
    "roster_imports",
    metadata,
    key(),
    reference("account_id", "accounts.id"),
    text("created_by"),
    json("scope"),
    text("file"),
    sa.Column("since", sa.Date, nullable=False),
    time("created_at"),
    text("runner"),
    json("report"),
    sa.Column("content", sa.LargeBinary),
    text("state"),
    text("applied_by", nullable=True),
    number("attempts"),
    text("code", nullable=True),
    time("ended_at", nullable=True),
    sa.Index(None, "created_at"),
    sa.Index(None, "runner", "state"),
)
