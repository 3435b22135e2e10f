"""People who operate rooms, by days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0041"

_TIME = sa.DateTime(timezone=True)
_ACCOUNTS = ("account_id", "by", "ended_by")


def upgrade() -> None:
    op.create_table(
        "room_operators",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("venue_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["venue_id"], ["venues.id"], name=op.f("fk_room_operators_venue_id")),
        *(
            sa.ForeignKeyConstraint([name], ["accounts.id"], name=op.f(f"fk_room_operators_{name}"))
            for name in _ACCOUNTS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_operators")),
    )
    for column in ("venue_id", "account_id"):
        op.create_index(op.f(f"ix_room_operators_{column}"), "room_operators", [column])
