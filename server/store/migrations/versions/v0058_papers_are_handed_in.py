"""交卷: when a member handed a paper in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0061"


def upgrade() -> None:
    op.create_table(
        "paper_hand_ins",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("run_id", "member_id")),
        sa.Column("round", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["paper_runs.id"], name=op.f("fk_paper_hand_ins_run_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_paper_hand_ins_member_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_paper_hand_ins_account_id")),
        sa.PrimaryKeyConstraint("run_id", "member_id", "round", name=op.f("pk_paper_hand_ins")),
    )
