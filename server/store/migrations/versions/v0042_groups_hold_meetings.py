"""Which group (党小组) holds a meeting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lessons") as batch_op:
        batch_op.add_column(sa.Column("group_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("group_name", sa.String(), nullable=True))
    op.create_index(op.f("ix_members_group_id"), "members", ["group_id"])
