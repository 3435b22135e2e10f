"""What members ask, who votes for it, how a lesson shows it; chapters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "inquiries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("assigned_to", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("votes", sa.BigInteger(), nullable=False),
        sa.Column("shown_seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_inquiries_account_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_inquiries_lesson_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_inquiries_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiries")),
    )
    with op.batch_alter_table("inquiries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inquiries_lesson_id_asked_at_id"), ["lesson_id", "asked_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_inquiries_lesson_id_state"), ["lesson_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_inquiries_member_id_lesson_id"), ["member_id", "lesson_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inquiries_merged_into"), ["merged_into"], unique=False)

    op.create_table(
        "inquiry_votes",
        sa.Column("inquiry_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiries.id"], name=op.f("fk_inquiry_votes_inquiry_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_inquiry_votes_member_id")),
        sa.PrimaryKeyConstraint("inquiry_id", "member_id", name=op.f("pk_inquiry_votes")),
    )
    op.create_table(
        "inquiry_desks",
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("names", sa.Boolean(), nullable=False),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("band", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_inquiry_desks_lesson_id")),
        sa.PrimaryKeyConstraint("lesson_id", name=op.f("pk_inquiry_desks")),
    )
    op.create_table(
        "chapters",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("marked_by", sa.String(), nullable=False),
        sa.Column("inquiry_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_chapters_lesson_id")),
        sa.ForeignKeyConstraint(["marked_by"], ["accounts.id"], name=op.f("fk_chapters_marked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapters")),
        sa.UniqueConstraint("inquiry_id", name=op.f("uq_chapters_inquiry_id")),
    )
    with op.batch_alter_table("chapters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chapters_lesson_id_at"), ["lesson_id", "at"], unique=False)
