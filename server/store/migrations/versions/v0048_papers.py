"""Papers, and the evidence of what was drawn of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0050"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "papers",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "unit_id", "name")),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        *(sa.Column(name, _TIME, nullable=name == "retired_at") for name in ("created_at", "changed_at", "retired_at")),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_papers_unit_id")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_papers_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    op.create_index(op.f("ix_papers_unit_id_name"), "papers", ["unit_id", "name"])
    op.create_table(
        "paper_draws",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "paper_id", "lesson_id")),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_paper_draws_paper_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_paper_draws_lesson_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_paper_draws_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_draws")),
    )
    op.create_index(op.f("ix_paper_draws_lesson_id_at"), "paper_draws", ["lesson_id", "at"])
