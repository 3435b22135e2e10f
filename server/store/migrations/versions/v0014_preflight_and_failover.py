"""Preflights of venues, fallbacks, and members who move because their venue broke down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("lesson_venues", schema=None) as batch_op:
        for name in ("fallback", "failover_id", "failover_to"):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=True))
    with op.batch_alter_table("roster_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moved_at", _TIME, nullable=True))
        batch_op.add_column(sa.Column("moved_to", sa.String(), nullable=True))
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moved_at", _TIME, nullable=True))
        batch_op.add_column(sa.Column("moved_to", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("arrived_at", _TIME, nullable=True))
    _preflights()
    _failovers()
    _moves()


def _preflights() -> None:
    op.create_table(
        "preflights",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("lesson_venue_id", sa.String(), nullable=False),
        sa.Column("ran_at", _TIME, nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("device_now", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("signed_at", _TIME, nullable=True),
        sa.Column("signed_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_preflights_account_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_preflights_lesson_id")),
        sa.ForeignKeyConstraint(["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_preflights_lesson_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preflights")),
    )
    with op.batch_alter_table("preflights", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_preflights_lesson_id_lesson_venue_id_ran_at"),
            ["lesson_id", "lesson_venue_id", "ran_at"],
            unique=False,
        )


def _failovers() -> None:
    op.create_table(
        "failovers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("bridge_minutes", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", _TIME, nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_failovers_lesson_id")),
        sa.ForeignKeyConstraint(["origin"], ["lesson_venues.id"], name=op.f("fk_failovers_origin")),
        sa.ForeignKeyConstraint(["target"], ["lesson_venues.id"], name=op.f("fk_failovers_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failovers")),
    )
    with op.batch_alter_table("failovers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_failovers_lesson_id_at"), ["lesson_id", "at"], unique=False)


def _moves() -> None:
    op.create_table(
        "failover_moves",
        sa.Column("failover_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("signed_in", sa.Boolean(), nullable=False),
        sa.Column("rostered", sa.Boolean(), nullable=False),
        sa.Column("bridge_minutes", sa.BigInteger(), nullable=False),
        sa.Column("back", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", _TIME, nullable=True),
        sa.Column("arrived_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["arrived_by"], ["accounts.id"], name=op.f("fk_failover_moves_arrived_by")),
        sa.ForeignKeyConstraint(["failover_id"], ["failovers.id"], name=op.f("fk_failover_moves_failover_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_failover_moves_lesson_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_failover_moves_member_id")),
        sa.ForeignKeyConstraint(["target"], ["lesson_venues.id"], name=op.f("fk_failover_moves_target")),
        sa.PrimaryKeyConstraint("failover_id", "member_id", "at", name=op.f("pk_failover_moves")),
    )
    with op.batch_alter_table("failover_moves", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_failover_moves_lesson_id_member_id"), ["lesson_id", "member_id"], unique=False
        )
