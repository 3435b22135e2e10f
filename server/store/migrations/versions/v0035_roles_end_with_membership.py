"""Why an account is disabled; days to come on which roles and logins end with a membership."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    with op.batch_alter_table("accounts") as batch_op:
        batch_op.add_column(sa.Column("disabled_because", sa.String(), nullable=True))
    op.create_table(
        "membership_steps",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_membership_steps_member_id")),
        sa.PrimaryKeyConstraint("member_id", "day", name=op.f("pk_membership_steps")),
    )
    op.create_index(op.f("ix_membership_steps_day"), "membership_steps", ["day"])
