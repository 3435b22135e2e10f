"""Hands: one queue of members and venues, and whose phone is on the air."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.add_column(sa.Column("guest", sa.JSON(none_as_null=True), nullable=True))

    op.create_table(
        "hands",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("speaker_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("through", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_air_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("former", sa.String(), nullable=True),
        sa.Column("active_key", sa.String(), nullable=True),
        sa.Column("open_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_hands_lesson_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_hands_account_id")),
        sa.ForeignKeyConstraint(["through"], ["lesson_venues.id"], name=op.f("fk_hands_through")),
        sa.ForeignKeyConstraint(["ended_by"], ["accounts.id"], name=op.f("fk_hands_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hands")),
        sa.UniqueConstraint("active_key", name=op.f("uq_hands_active_key")),
        sa.UniqueConstraint("open_key", name=op.f("uq_hands_open_key")),
    )
    with op.batch_alter_table("hands", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_hands_lesson_id_state_raised_at"), ["lesson_id", "state", "raised_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hands_lesson_id_speaker_id"), ["lesson_id", "speaker_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hands_account_id"), ["account_id"], unique=False)
