"""Notices of lessons, in waves, and what becomes of each message."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "waves",
        _text("lesson_id"),
        _number("round"),
        _text("wave"),
        *(_time(name) for name in ("starts_at", "made_at")),
        _number("members"),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_waves_lesson_id")),
        sa.PrimaryKeyConstraint("lesson_id", "round", "wave", name=op.f("pk_waves")),
    )
    which = ["lesson_id", "round", "wave", "member_id", "channel"]
    op.create_table(
        "deliveries",
        *(_text("id"), _text("lesson_id"), _number("round"), _text("wave"), _text("member_id"), _text("channel")),
        *(_text("place", nullable=True), _text("state"), _time("next_at"), _number("tries")),
        *(_text("claimed_by", nullable=True), _time("claimed_at", nullable=True)),
        *(_time("sent_at", nullable=True), _time("read_at", nullable=True), _text("code")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_deliveries_lesson_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_deliveries_member_id")),
        sa.UniqueConstraint(*which, name=op.f(f"uq_deliveries_{'_'.join(which)}")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        for each in (["member_id", "channel", "sent_at"], ["state", "channel", "next_at"], ["channel", "claimed_at"]):
            batch_op.create_index(batch_op.f(f"ix_deliveries_{'_'.join(each)}"), each, unique=False)
    op.create_table(
        "channel_claims",
        _text("channel"),
        _time("at"),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_claims")),
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
