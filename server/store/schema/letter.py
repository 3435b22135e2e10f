"""Letters to one person that belong to no lesson."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, reference, text, time

letters = sa.Table(
    "letters",
    metadata,
    key(),
    text("topic"),
    text("about"),
    text("occasion"),
    reference("member_id", "members.id", nullable=True),
    reference("account_id", "accounts.id", nullable=True),
    sa.Column("due_on", sa.Date, nullable=False),
    time("sent_at"),
    time("read_at", nullable=True),
    sa.UniqueConstraint("member_id", "occasion"),
    sa.UniqueConstraint("account_id", "occasion"),
    sa.Index(None, "about"),
)
