"""The question bank: questions by versions, their tags; a lesson's question says which version it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0036"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bank_questions",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("id", "unit_id", "latest_id", "kind", "difficulty", "text", "search")
        ),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("retired_at", _TIME, nullable=True),
        sa.Column("retired_by", sa.String(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_bank_questions_unit_id")),
        sa.ForeignKeyConstraint(["retired_by"], ["accounts.id"], name=op.f("fk_bank_questions_retired_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_questions")),
    )
    op.create_index(op.f("ix_bank_questions_unit_id_created_at"), "bank_questions", ["unit_id", "created_at"])
    op.create_table(
        "bank_versions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["question_id"], ["bank_questions.id"], name=op.f("fk_bank_versions_question_id")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_bank_versions_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_versions")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_bank_versions_question_id_number")),
    )
    op.create_table(
        "bank_tags",
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["bank_questions.id"], name=op.f("fk_bank_tags_question_id")),
        sa.PrimaryKeyConstraint("question_id", "tag", name=op.f("pk_bank_tags")),
    )
    op.create_index(op.f("ix_bank_tags_tag"), "bank_tags", ["tag"])
    with op.batch_alter_table("questions") as batch_op:
        batch_op.add_column(sa.Column("bank_version_id", sa.String(), nullable=True))
