"""How long recordings stay and where; what was decided about each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "keep_rules",
        sa.Column("keep_class", sa.String(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("place", "reason", "set_by")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_keep_rules_set_by")),
        sa.PrimaryKeyConstraint("keep_class", "since", name=op.f("pk_keep_rules")),
    )
    op.create_table(
        "keep_kinds",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("keep_class", "reason", "set_by")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_keep_kinds_set_by")),
        sa.PrimaryKeyConstraint("kind", "since", name=op.f("pk_keep_kinds")),
    )
    op.create_table(
        "kept_recordings",
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("keep_class", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=True),
        sa.Column("set_at", _TIME, nullable=True),
        sa.Column("deleted_at", _TIME, nullable=True),
        sa.Column("deleted_by", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("purged_at", _TIME, nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_kept_recordings_recording_id")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_kept_recordings_set_by")),
        sa.ForeignKeyConstraint(["deleted_by"], ["accounts.id"], name=op.f("fk_kept_recordings_deleted_by")),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_kept_recordings")),
    )
    op.create_index(op.f("ix_kept_recordings_deleted_at"), "kept_recordings", ["deleted_at"])
    op.create_table(
        "recording_moves",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("recording_id", "runner", "state")),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_recording_moves_recording_id")),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recording_moves")),
    )
    op.create_index(op.f("ix_recording_moves_state"), "recording_moves", ["state"])
