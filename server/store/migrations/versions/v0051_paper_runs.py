"""Papers asked as a whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0054"


def upgrade() -> None:
    op.create_table(
        "paper_runs",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "lesson_id", "name", "seed", "launched_by")),
        sa.Column("draw_id", sa.String(), nullable=True),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("mix_questions", "mix_options")),
        sa.Column("quiz_ids", sa.JSON(), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_paper_runs_lesson_id")),
        sa.ForeignKeyConstraint(["launched_by"], ["accounts.id"], name=op.f("fk_paper_runs_launched_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_runs")),
    )
    op.create_index(op.f("ix_paper_runs_lesson_id_launched_at"), "paper_runs", ["lesson_id", "launched_at"])
    with op.batch_alter_table("quizzes") as table:
        table.add_column(sa.Column("run_id", sa.String(), nullable=True))
        table.add_column(sa.Column("run_place", sa.BigInteger(), nullable=False, server_default="0"))
