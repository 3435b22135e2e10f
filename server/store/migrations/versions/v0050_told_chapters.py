"""Chapters told from the log are kept for the search; since when a micro-video is retired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0045"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "told_chapters",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("lesson_id", "told_id")),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_told_chapters_lesson_id")),
        sa.PrimaryKeyConstraint("lesson_id", "told_id", name=op.f("pk_told_chapters")),
    )
    with op.batch_alter_table("recordings") as batch_op:
        batch_op.add_column(sa.Column("told_at", _TIME, nullable=True))
    with op.batch_alter_table("micro_videos") as batch_op:
        batch_op.add_column(sa.Column("retired_at", _TIME, nullable=True))
