"""An answer may be changed where the last one counts: which of the member's it is, and all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0055"


def upgrade() -> None:
    with op.batch_alter_table("answers") as batch_op:
        batch_op.add_column(sa.Column("nth", sa.BigInteger(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("turns", sa.JSON(), server_default="[]", nullable=False))
