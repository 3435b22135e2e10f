"""A member's entries are summed from an index that holds all that is asked for."""

from __future__ import annotations

from alembic import op

revision = "0067"
down_revision = "0059"

_SUMMED = ["member_id", "at", "kind", "hundredths", "lesson_id", "id", "unit_id"]


def upgrade() -> None:
    op.create_index("ix_credit_entries_of_member", "credit_entries", _SUMMED)
    op.drop_index(op.f("ix_credit_entries_member_id_at"), "credit_entries")
