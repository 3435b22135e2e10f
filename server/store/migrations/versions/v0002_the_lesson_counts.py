"""The lesson counts: roster, sign-ins, presence, quizzes, verdicts, the credit ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "ledger_heads",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ledger_heads")),
    )
    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    with op.batch_alter_table("outages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outages_until"), ["until"], unique=False)

    op.create_table(
        "pulses",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pulses")),
    )
    op.create_table(
        "credit_rules",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("late_after_minutes", sa.BigInteger(), nullable=False),
        sa.Column("least_present_percent", sa.BigInteger(), nullable=False),
        sa.Column("least_answered_percent", sa.BigInteger(), nullable=True),
        sa.Column("least_right_percent", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_credit_rules_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_rules")),
        sa.UniqueConstraint("unit_id", "version", name=op.f("uq_credit_rules_unit_id_version")),
    )
    op.create_table(
        "credit_entries",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=True),
        sa.Column("hundredths", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("corrects", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_credit_entries_lesson_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_credit_entries_member_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_credit_entries_unit_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_credit_entries")),
        sa.UniqueConstraint("id", name=op.f("uq_credit_entries_id")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_credit_entries_idempotency_key")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_credit_entries_previous_hash")),
    )
    with op.batch_alter_table("credit_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_entries_lesson_id"), ["lesson_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_entries_member_id_at"), ["member_id", "at"], unique=False)

    op.create_table(
        "member_assignments",
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("venue_id", sa.String(), nullable=True),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_member_assignments_lesson_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_assignments_member_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venues.id"], name=op.f("fk_member_assignments_venue_id")),
        sa.PrimaryKeyConstraint("lesson_id", "member_id", name=op.f("pk_member_assignments")),
    )
    with op.batch_alter_table("member_assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_assignments_member_id"), ["member_id"], unique=False)

    op.create_table(
        "questions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("correct", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_questions_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_questions_lesson_id_position"), ["lesson_id", "position"], unique=False)

    op.create_table(
        "quizzes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("correct", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("launched_by", sa.String(), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("running_key", sa.String(), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["launched_by"], ["accounts.id"], name=op.f("fk_quizzes_launched_by")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_quizzes_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quizzes")),
        sa.UniqueConstraint("lesson_id", "number", name=op.f("uq_quizzes_lesson_id_number")),
        sa.UniqueConstraint("running_key", name=op.f("uq_quizzes_running_key")),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("open_key", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_reviews_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_reviews_decided_by")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_reviews_lesson_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_reviews_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("open_key", name=op.f("uq_reviews_open_key")),
    )
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviews_lesson_id_state"), ["lesson_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_reviews_member_id"), ["member_id"], unique=False)

    op.create_table(
        "unit_assignments",
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("venue_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_unit_assignments_lesson_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_assignments_unit_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venues.id"], name=op.f("fk_unit_assignments_venue_id")),
        sa.PrimaryKeyConstraint("lesson_id", "unit_id", name=op.f("pk_unit_assignments")),
    )
    op.create_table(
        "verdicts",
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("failings", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("hundredths", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_verdicts_lesson_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_verdicts_member_id")),
        sa.PrimaryKeyConstraint("lesson_id", "member_id", name=op.f("pk_verdicts")),
    )
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdicts_member_id"), ["member_id"], unique=False)

    op.create_table(
        "answers",
        sa.Column("quiz_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("command_id", sa.String(), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_answers_account_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_answers_member_id")),
        sa.ForeignKeyConstraint(["quiz_id"], ["quizzes.id"], name=op.f("fk_answers_quiz_id")),
        sa.PrimaryKeyConstraint("quiz_id", "member_id", name=op.f("pk_answers")),
        sa.UniqueConstraint("command_id", name=op.f("uq_answers_command_id")),
    )
    op.create_table(
        "presence_spans",
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("lesson_venue_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_presence_spans_lesson_id")),
        sa.ForeignKeyConstraint(
            ["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_presence_spans_lesson_venue_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_presence_spans_member_id")),
        sa.PrimaryKeyConstraint("lesson_id", "device", "since", name=op.f("pk_presence_spans")),
    )
    with op.batch_alter_table("presence_spans", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_presence_spans_lesson_id_member_id"), ["lesson_id", "member_id"], unique=False
        )

    op.create_table(
        "roster_entries",
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("lesson_venue_id", sa.String(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["accounts.id"], name=op.f("fk_roster_entries_added_by")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_roster_entries_lesson_id")),
        sa.ForeignKeyConstraint(
            ["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_roster_entries_lesson_venue_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_roster_entries_member_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_roster_entries_unit_id")),
        sa.PrimaryKeyConstraint("lesson_id", "member_id", name=op.f("pk_roster_entries")),
    )
    with op.batch_alter_table("roster_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_roster_entries_lesson_id_lesson_venue_id"), ["lesson_id", "lesson_venue_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_roster_entries_lesson_id_unit_id"), ["lesson_id", "unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_entries_member_id"), ["member_id"], unique=False)

    op.create_table(
        "sign_in_proofs",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("lesson_venue_id", sa.String(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_sign_in_proofs_lesson_id")),
        sa.ForeignKeyConstraint(
            ["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_sign_in_proofs_lesson_venue_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_proofs")),
    )
    with op.batch_alter_table("sign_in_proofs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_proofs_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "sign_ins",
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("lesson_venue_id", sa.String(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("command_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("device_digest", sa.String(), nullable=True),
        sa.Column("proof_digest", sa.String(), nullable=True),
        sa.Column("slot", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sign_ins_account_id")),
        sa.ForeignKeyConstraint(["left_by"], ["accounts.id"], name=op.f("fk_sign_ins_left_by")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_sign_ins_lesson_id")),
        sa.ForeignKeyConstraint(["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_sign_ins_lesson_venue_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_sign_ins_member_id")),
        sa.PrimaryKeyConstraint("lesson_id", "member_id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("lesson_id", "device_digest", name=op.f("uq_sign_ins_lesson_id_device_digest")),
        sa.UniqueConstraint("proof_digest", name=op.f("uq_sign_ins_proof_digest")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_ins_lesson_id_lesson_venue_id"), ["lesson_id", "lesson_venue_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sign_ins_member_id"), ["member_id"], unique=False)

    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.add_column(sa.Column("credit_hundredths", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("rule_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_lessons_rule_id"), "credit_rules", ["rule_id"], ["id"])
