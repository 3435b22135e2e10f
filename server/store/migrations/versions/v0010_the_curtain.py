"""The programme's curtain: the emergency cut and the standby slate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cut", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("standby", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("last_cut_at", sa.DateTime(timezone=True), nullable=True))
