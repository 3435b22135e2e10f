"""A unit's year of credit is read by an index."""

from __future__ import annotations

from alembic import op

revision = "0055"
down_revision = "0051"


def upgrade() -> None:
    op.create_index(op.f("ix_credit_entries_unit_id_at"), "credit_entries", ["unit_id", "at"])
