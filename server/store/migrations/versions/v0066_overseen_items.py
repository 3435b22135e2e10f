"""Overseen items (督办): what a unit above asks of one below by a day, and what was said about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0064"


def upgrade() -> None:
    op.create_table(
        "oversights",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("above_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("returns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_oversights_unit_id")),
        sa.ForeignKeyConstraint(["above_id"], ["units.id"], name=op.f("fk_oversights_above_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["accounts.id"], name=op.f("fk_oversights_opened_by")),
        sa.ForeignKeyConstraint(["answered_by"], ["accounts.id"], name=op.f("fk_oversights_answered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversights")),
    )
    op.create_index(op.f("ix_oversights_unit_id_state"), "oversights", ["unit_id", "state"])
    op.create_table(
        "oversight_steps",
        sa.Column("oversight_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["oversight_id"], ["oversights.id"], name=op.f("fk_oversight_steps_oversight_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_oversight_steps_by")),
        sa.PrimaryKeyConstraint("oversight_id", "number", name=op.f("pk_oversight_steps")),
    )
