"""When an overseen item (督办) was closed or withdrawn: from then on its period of being kept counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    with op.batch_alter_table("oversights") as batch_op:
        batch_op.add_column(sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE oversights SET done_at = (SELECT MAX(at) FROM oversight_steps WHERE oversight_id = oversights.id) "
        "WHERE state IN ('closed', 'withdrawn')"
    )
