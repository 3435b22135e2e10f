"""What a rule says of a lesson's worth, of its questions together and of who teaches; and who made it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0056"


def upgrade() -> None:
    with op.batch_alter_table("credit_rules") as batch_op:
        batch_op.add_column(sa.Column("quiz", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("worth", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("teaching_percent", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("made_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_credit_rules_made_by"), "accounts", ["made_by"], ["id"])
