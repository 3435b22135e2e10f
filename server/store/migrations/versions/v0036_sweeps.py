"""Sweeps of what has been kept long enough."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "retention_sweeps",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("runner", sa.String(), nullable=False),
        *(sa.Column(name, _TIME, nullable=False) for name in ("begun_at", "seen_at")),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_retention_sweeps")),
    )
