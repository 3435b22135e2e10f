"""Calls for help, and notices with their receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "helps",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("lesson_venue_id", sa.String(), nullable=True),
        sa.Column("caller_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_helps_account_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_helps_lesson_id")),
        sa.ForeignKeyConstraint(["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_helps_lesson_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helps")),
    )
    with op.batch_alter_table("helps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helps_lesson_id_caller_key"), ["lesson_id", "caller_key"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_notices_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_lesson_id_sent_at"), ["lesson_id", "sent_at"], unique=False)
    op.create_table(
        "notice_receipts",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("lesson_venue_id", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_notice_receipts_lesson_venue_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_receipts_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "lesson_venue_id", name=op.f("pk_notice_receipts")),
    )
