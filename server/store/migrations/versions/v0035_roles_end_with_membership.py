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
    _remember_what_was_planned()


def _remember_what_was_planned() -> None:
    """Without a row its day would end nothing."""
    columns = ("member_id", "since", "until")
    dated = [sa.table(name, *map(sa.column, columns)) for name in ("memberships", "loans")]
    planned = [
        sa.select(table.c.member_id, day).where(day >= sa.func.current_date())
        for table in dated
        for day in (table.c.since, table.c.until)
    ]
    steps = sa.table("membership_steps", sa.column("member_id"), sa.column("day"))
    op.execute(sa.insert(steps).from_select(["member_id", "day"], sa.union(*planned)))
