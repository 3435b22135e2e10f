"""Micro-videos of courses, films that come in pieces, and how members go through them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0039"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("credit_rules") as batch_op:
        batch_op.add_column(sa.Column("micro", sa.JSON(), nullable=True))
    _videos()
    _studies()
    _watching()


def _videos() -> None:
    op.create_table(
        "micro_videos",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("course_id", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("skips", "asks")),
        sa.Column("film_id", sa.String(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("sha256", "runner")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("attempts", "progress")),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("published_at", _TIME, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_micro_videos_course_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_micro_videos_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_micro_videos")),
    )
    op.create_index(op.f("ix_micro_videos_course_id_position"), "micro_videos", ["course_id", "position"])
    op.create_index(op.f("ix_micro_videos_state"), "micro_videos", ["state"])
    op.create_table(
        "uploads",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "video_id", "account_id")),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        *(sa.Column(name, _TIME, nullable=False) for name in ("created_at", "expires_at")),
        sa.Column("done_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["video_id"], ["micro_videos.id"], name=op.f("fk_uploads_video_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_uploads_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    for name in ("account_id", "video_id", "expires_at"):
        op.create_index(op.f(f"ix_uploads_{name}"), "uploads", [name])


def _ids(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _of(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))
        for name, target in targets.items()
    ]


def _studies() -> None:
    op.create_table(
        "micro_questions",
        *_ids("id", "video_id"),
        sa.Column("position", sa.BigInteger(), nullable=False),
        *_ids("kind", "text"),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("options", "correct")),
        *_ids("explanation"),
        sa.Column("mark_ms", sa.BigInteger(), nullable=True),
        *_of("micro_questions", video_id="micro_videos"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_micro_questions")),
    )
    op.create_index(op.f("ix_micro_questions_video_id_position"), "micro_questions", ["video_id", "position"])
    op.create_table(
        "micro_studies",
        *_ids("id", "video_id", "member_id", "unit_id"),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("hundredths", "test_hundredths")),
        sa.Column("skips", sa.Boolean(), nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("progress", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("done_at", _TIME, nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("entry_id", "test_entry_id")),
        *_of("micro_studies", video_id="micro_videos", member_id="members", unit_id="units", rule_id="credit_rules"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_micro_studies")),
        sa.UniqueConstraint("video_id", "member_id", name=op.f("uq_micro_studies_video_id_member_id")),
    )
    op.create_index(op.f("ix_micro_studies_member_id"), "micro_studies", ["member_id"])
    op.create_table(
        "micro_attempts",
        *_ids("id", "study_id", "member_id"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("paper", sa.JSON(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("submitted_at", _TIME, nullable=True),
        sa.Column("choices", sa.JSON(), nullable=True),
        sa.Column("right", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        *_of("micro_attempts", study_id="micro_studies", member_id="members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_micro_attempts")),
        sa.UniqueConstraint("study_id", "number", name=op.f("uq_micro_attempts_study_id_number")),
    )
    op.create_index(op.f("ix_micro_attempts_member_id"), "micro_attempts", ["member_id"])


def _watching() -> None:
    op.create_table(
        "micro_watches",
        *_ids("video_id", "member_id"),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("watched", "fetched", "anchors")),
        sa.Column("position_ms", sa.BigInteger(), nullable=False),
        sa.Column("spent_at", _TIME, nullable=True),
        *_of("micro_watches", video_id="micro_videos", member_id="members"),
        sa.PrimaryKeyConstraint("video_id", "member_id", name=op.f("pk_micro_watches")),
    )
    op.create_index(op.f("ix_micro_watches_member_id"), "micro_watches", ["member_id"])
    op.create_table(
        "micro_marks",
        *_ids("question_id", "member_id", "video_id"),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        *_of("micro_marks", member_id="members", video_id="micro_videos"),
        sa.PrimaryKeyConstraint("question_id", "member_id", name=op.f("pk_micro_marks")),
    )
    op.create_index(op.f("ix_micro_marks_member_id_video_id"), "micro_marks", ["member_id", "video_id"])
