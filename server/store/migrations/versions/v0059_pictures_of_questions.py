"""Pictures of questions: who brought one, and which one a question of a lesson and what was asked of it names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0062"


def upgrade() -> None:
    op.create_table(
        "question_pictures",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_question_pictures_account_id")),
        sa.PrimaryKeyConstraint("account_id", "sha256", name=op.f("pk_question_pictures")),
    )
    op.create_index(op.f("ix_question_pictures_at"), "question_pictures", ["at"])
    for table in ("questions", "quizzes"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("picture", sa.JSON(none_as_null=True), nullable=True))
