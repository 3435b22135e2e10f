"""Opinions and words of clouds are decided on before they are shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0063"

_TABLE = "opinion_rulings"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        *(sa.Column(name, sa.String(), nullable=False) for name in ("quiz_id", "key", "text_id", "ruling", "by")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["quiz_id"], ["quizzes.id"], name=op.f(f"fk_{_TABLE}_quiz_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f(f"fk_{_TABLE}_by")),
        sa.PrimaryKeyConstraint("quiz_id", "key", name=op.f(f"pk_{_TABLE}")),
    )
