"""Credit from outside: what was entered, its proofs, its entries in the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0060"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "outside_proofs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_outside_proofs_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_proofs")),
    )
    op.create_index(op.f("ix_outside_proofs_account_id"), "outside_proofs", ["account_id"])
    op.create_table(
        "outside_credits",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("organiser", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hundredths", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", moment, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proof_id", sa.String(), nullable=True),
        sa.Column("proof_sha256", sa.String(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("standing_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_outside_credits_member_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_outside_credits_unit_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["accounts.id"], name=op.f("fk_outside_credits_entered_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_outside_credits_decided_by")),
        sa.ForeignKeyConstraint(["proof_id"], ["outside_proofs.id"], name=op.f("fk_outside_credits_proof_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_credits")),
        sa.UniqueConstraint("standing_key", name=op.f("uq_outside_credits_standing_key")),
    )
    op.create_index(op.f("ix_outside_credits_member_id_held_on"), "outside_credits", ["member_id", "held_on"])
    op.create_index(op.f("ix_outside_credits_unit_id_state"), "outside_credits", ["unit_id", "state"])
    op.create_index(op.f("ix_outside_credits_proof_id"), "outside_credits", ["proof_id"])
    op.create_table(
        "outside_entries",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("outside_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("counts_at", moment, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(["outside_id"], ["outside_credits.id"], name=op.f("fk_outside_entries_outside_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_outside_entries_member_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_outside_entries_by")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_outside_entries")),
    )
    op.create_index(op.f("ix_outside_entries_outside_id"), "outside_entries", ["outside_id"])
