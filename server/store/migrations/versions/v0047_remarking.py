"""Quizzes marked again by the right key; a launched quiz names the version of the bank that it asks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0048"

_REMARKS, _MARKS = "quiz_remarks", "quiz_remark_marks"
_REFERENCES = {"quiz_id": "quizzes", "lesson_id": "lessons", "by": "accounts"}


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    with op.batch_alter_table("quizzes") as batch_op:
        batch_op.add_column(sa.Column("bank_version_id", sa.String(), nullable=True))
    quizzes = sa.table("quizzes", sa.column("question_id"), sa.column("bank_version_id"))
    questions = sa.table("questions", sa.column("id"), sa.column("bank_version_id"))
    asked = sa.select(questions.c.bank_version_id).where(questions.c.id == quizzes.c.question_id).scalar_subquery()
    op.execute(sa.update(quizzes).values(bank_version_id=asked))
    op.create_table(
        _REMARKS,
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _REFERENCES),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("former", "key")),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *map(_number, ("changed", "raised", "granted", "kept")),
        *(
            sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{_REMARKS}_{name}"))
            for name, target in _REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_REMARKS}")),
        sa.UniqueConstraint("quiz_id", "number", name=op.f(f"uq_{_REMARKS}_quiz_id_number")),
    )
    op.create_index(op.f(f"ix_{_REMARKS}_lesson_id"), _REMARKS, ["lesson_id"])
    op.create_table(
        _MARKS,
        *(sa.Column(name, sa.String(), nullable=False) for name in ("remark_id", "member_id")),
        *map(_number, ("before", "after")),
        sa.Column("credit", sa.String(), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{_MARKS}_{name}"))
            for name, target in (("remark_id", _REMARKS), ("member_id", "members"))
        ),
        sa.PrimaryKeyConstraint("remark_id", "member_id", name=op.f(f"pk_{_MARKS}")),
    )
    op.create_index(op.f(f"ix_{_MARKS}_member_id"), _MARKS, ["member_id"])
