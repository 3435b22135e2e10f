"""Answers at marks of a replay that makes a lesson up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0044"

_TABLE = "make_up_marks"
_REFERENCES = {"make_up_id": "make_ups", "quiz_id": "quizzes", "member_id": "members"}


def upgrade() -> None:
    op.create_table(
        _TABLE,
        *(sa.Column(name, sa.String(), nullable=False) for name in _REFERENCES),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{_TABLE}_{name}"))
            for name, target in _REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("make_up_id", "quiz_id", name=op.f(f"pk_{_TABLE}")),
    )
    op.create_index(op.f(f"ix_{_TABLE}_member_id"), _TABLE, ["member_id"])
