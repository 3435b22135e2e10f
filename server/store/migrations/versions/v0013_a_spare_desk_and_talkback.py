"""The lecturer's spare machine, talkback to a venue, and names over live pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"


def upgrade() -> None:
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("desk", sa.String(), server_default="main", nullable=False))
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.add_column(sa.Column("watermark", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("talkbacks", sa.JSON(), nullable=True))
