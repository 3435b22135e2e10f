"""Outside credit, its proofs, and which entries of the ledger it has."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, number, reference, text, time

outside_proofs = sa.Table(
    "outside_proofs",
    metadata,
    key(),
    reference("account_id", "accounts.id"),
    text("name"),
    text("kind"),
    number("bytes"),
    text("sha256"),
    time("at"),
    sa.Index(None, "account_id"),
)

outside_credits = sa.Table(
    "outside_credits",
    metadata,
    key(),
    reference("member_id", "members.id"),
    reference("unit_id", "units.id"),
    text("title"),
    text("organiser"),
    sa.Column("held_on", sa.Date, nullable=False),
    number("hundredths"),
    reference("entered_by", "accounts.id"),
    time("entered_at"),
    text("state"),
    reference("proof_id", "outside_proofs.id", nullable=True),
    text("proof_sha256", nullable=True),
    time("decided_at", nullable=True),
    reference("decided_by", "accounts.id", nullable=True),
    text("answer"),
    number("entries"),
    text("standing_key", nullable=True),
    sa.UniqueConstraint("standing_key"),
    sa.Index(None, "member_id", "held_on"),
    sa.Index(None, "unit_id", "state"),
    sa.Index(None, "proof_id"),
)

outside_entries = sa.Table(
    "outside_entries",
    metadata,
    text("entry_id", primary_key=True),
    reference("outside_id", "outside_credits.id"),
    reference("member_id", "members.id"),
    reference("by", "accounts.id"),
    text("reason"),
    time("counts_at"),
    time("at"),
    sa.Index(None, "outside_id"),
)
