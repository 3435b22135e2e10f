"""Quizzes of every kind: how they are marked, what each answer is worth; pauses, extensions and further rounds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0049"

_NUMBER, _WORD = sa.BigInteger(), sa.String()


def upgrade() -> None:
    for table in ("questions", "quizzes"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("scoring", _NUMBER, server_default="1", nullable=False))
            batch_op.add_column(sa.Column("blanks", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("quizzes") as batch_op:
        batch_op.add_column(sa.Column("keep", _WORD, server_default="first", nullable=False))
        batch_op.add_column(sa.Column("grace_ms", _NUMBER, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("round", _NUMBER, server_default="1", nullable=False))
        batch_op.add_column(sa.Column("reopen_reason", _WORD, server_default="", nullable=False))
    with op.batch_alter_table("answers") as batch_op:
        batch_op.add_column(sa.Column("marks", _NUMBER, nullable=True))
        batch_op.add_column(sa.Column("round", _NUMBER, server_default="1", nullable=False))
        batch_op.add_column(sa.Column("reason", _WORD, server_default="", nullable=False))
    answers = sa.table("answers", sa.column("right", sa.Boolean()), sa.column("marks", _NUMBER))
    op.execute(sa.update(answers).values(marks=sa.case((answers.c.right, 100), else_=0)))
