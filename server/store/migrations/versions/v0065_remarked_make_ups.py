"""A re-marking says how many failed attempts at make-up studies pass by the right key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0068"


def upgrade() -> None:
    with op.batch_alter_table("quiz_remarks") as table:
        table.add_column(sa.Column("made_up", sa.BigInteger(), nullable=False, server_default="0"))
