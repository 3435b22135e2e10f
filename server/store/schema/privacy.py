"""What people are asked to agree to, and who did."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import metadata, reference, text, time

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
