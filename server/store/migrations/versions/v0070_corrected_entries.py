"""Who corrected an entry of the ledger, to what, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"

_NUMBERS = ("number", "before", "after")


def upgrade() -> None:
    op.create_table(
        "entry_corrections",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("entry_id", "corrected_id", "member_id")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _NUMBERS),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("reason", "by")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("counts_at", "at")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_entry_corrections_member_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_entry_corrections_by")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_corrections")),
        sa.UniqueConstraint("corrected_id", "number", name=op.f("uq_entry_corrections_corrected_id_number")),
    )
