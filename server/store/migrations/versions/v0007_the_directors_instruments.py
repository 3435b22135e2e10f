"""The director's instruments: roll calls, alarms of one source, venues that staff muted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "roll_calls",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("called", sa.String(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_roll_calls_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_calls")),
        sa.UniqueConstraint("lesson_id", "number", name=op.f("uq_roll_calls_lesson_id_number")),
    )
    op.create_table(
        "roll_entries",
        sa.Column("roll_call_id", sa.String(), nullable=False),
        sa.Column("lesson_venue_id", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_roll_entries_lesson_venue_id")
        ),
        sa.ForeignKeyConstraint(["roll_call_id"], ["roll_calls.id"], name=op.f("fk_roll_entries_roll_call_id")),
        sa.PrimaryKeyConstraint("roll_call_id", "lesson_venue_id", name=op.f("pk_roll_entries")),
    )
    op.drop_table("alarms")  # they are of the moment: whatever is wrong still is raised again
    op.create_table(
        "alarms",
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_alarms_lesson_id")),
        sa.PrimaryKeyConstraint("lesson_id", "code", "source", name=op.f("pk_alarms")),
    )
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("muted", sa.JSON(), server_default="[]", nullable=False))
