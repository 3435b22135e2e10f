"""Reminders of what is missing in a year, and the lists of a year that branches confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0058"


def upgrade() -> None:
    op.create_table(
        "year_reminders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("short", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_year_reminders_member_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_year_reminders_unit_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_year_reminders_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_reminders")),
    )
    op.create_index(op.f("ix_year_reminders_member_id_year"), "year_reminders", ["member_id", "year"])
    op.create_table(
        "year_lists",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_year_lists_unit_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["accounts.id"], name=op.f("fk_year_lists_confirmed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_lists")),
        sa.UniqueConstraint("unit_id", "year", "version", name=op.f("uq_year_lists_unit_id_year_version")),
    )
