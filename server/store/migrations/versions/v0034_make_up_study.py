"""Make-up study (补学): offers, what was watched, attempts; its terms stand in a credit rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0030"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("credit_rules") as batch_op:
        batch_op.add_column(sa.Column("make_up", sa.JSON(), nullable=True))
    with op.batch_alter_table("lessons") as batch_op:
        batch_op.add_column(sa.Column("replay_skips", sa.Boolean(), server_default=sa.false(), nullable=False))
    _make_ups()
    _watches()
    _attempts()


def _make_ups() -> None:
    op.create_table(
        "make_ups",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(f"{name}_id", sa.String(), nullable=False) for name in ("lesson", "member", "unit", "recording")),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("hundredths", sa.BigInteger(), nullable=False),
        sa.Column("skips", sa.Boolean(), nullable=False),
        sa.Column("offered_at", _TIME, nullable=False),
        sa.Column("deadline_at", _TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("progress", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("done_at", _TIME, nullable=True),
        sa.Column("entry_id", sa.String(), nullable=True),
        sa.Column("reminded_at", _TIME, nullable=True),
        sa.Column("extensions", sa.JSON(), nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}s.id"], name=op.f(f"fk_make_ups_{name}_id"))
            for name in ("lesson", "member", "unit", "recording")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_make_ups")),
        sa.UniqueConstraint("lesson_id", "member_id", name=op.f("uq_make_ups_lesson_id_member_id")),
    )
    op.create_index(op.f("ix_make_ups_unit_id_deadline_at"), "make_ups", ["unit_id", "deadline_at"])
    op.create_index(op.f("ix_make_ups_member_id_deadline_at"), "make_ups", ["member_id", "deadline_at"])


def _watches() -> None:
    op.create_table(
        "replay_watches",
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("watched", "fetched", "anchors")),
        sa.Column("position_ms", sa.BigInteger(), nullable=False),
        sa.Column("spent_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_replay_watches_recording_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_replay_watches_member_id")),
        sa.PrimaryKeyConstraint("recording_id", "member_id", name=op.f("pk_replay_watches")),
    )
    op.create_index(op.f("ix_replay_watches_member_id"), "replay_watches", ["member_id"])


def _attempts() -> None:
    op.create_table(
        "make_up_attempts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("make_up_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("paper", sa.JSON(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("submitted_at", _TIME, nullable=True),
        sa.Column("choices", sa.JSON(), nullable=True),
        sa.Column("right", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["make_up_id"], ["make_ups.id"], name=op.f("fk_make_up_attempts_make_up_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_make_up_attempts_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_make_up_attempts")),
        sa.UniqueConstraint("make_up_id", "number", name=op.f("uq_make_up_attempts_make_up_id_number")),
    )
    op.create_index(op.f("ix_make_up_attempts_member_id"), "make_up_attempts", ["member_id"])
