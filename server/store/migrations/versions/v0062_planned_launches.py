"""Planned launches (预约发布): questions that the house launches by itself when a mark of the lesson is reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0066"


def upgrade() -> None:
    op.create_table(
        "planned_launches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("question_ids", sa.JSON(), nullable=False),
        sa.Column("mark_kind", sa.String(), nullable=False),
        sa.Column("mark_number", sa.BigInteger(), nullable=False),
        sa.Column("material_id", sa.String(), nullable=True),
        sa.Column("seconds", sa.BigInteger(), nullable=True),
        sa.Column("keep", sa.String(), nullable=False),
        sa.Column("grace_ms", sa.BigInteger(), nullable=False),
        sa.Column("mix_questions", sa.Boolean(), nullable=False),
        sa.Column("mix_options", sa.Boolean(), nullable=False),
        sa.Column("planned_by", sa.String(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("held", "missed", "quiz_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_planned_launches_lesson_id")),
        sa.ForeignKeyConstraint(["planned_by"], ["accounts.id"], name=op.f("fk_planned_launches_planned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_launches")),
    )
    op.create_index(op.f("ix_planned_launches_lesson_id_planned_at"), "planned_launches", ["lesson_id", "planned_at"])
    op.create_index(op.f("ix_planned_launches_state_due_at"), "planned_launches", ["state", "due_at"])
