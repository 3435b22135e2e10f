"""Sign-in sheets as their secretaries confirmed them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_VERSION = ("lesson_id", "unit_id", "version")


def upgrade() -> None:
    op.create_table(
        "attendance_sheets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by"], ["accounts.id"], name=op.f("fk_attendance_sheets_confirmed_by")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_attendance_sheets_lesson_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_attendance_sheets_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_sheets")),
        sa.UniqueConstraint(*_VERSION, name=op.f("uq_attendance_sheets_lesson_id_unit_id_version")),
    )
