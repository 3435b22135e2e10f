"""Rules, verdicts, the ledger, reviews."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

credit_rules = sa.Table(
    "credit_rules",
    metadata,
    key(),
    reference("unit_id", "units.id"),
    text("name"),
    number("version"),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    number("late_after_minutes"),
    number("least_present_percent"),
    number("least_answered_percent", nullable=True),
    number("least_right_percent", nullable=True),
    number("left_early_minutes", nullable=True),
    sa.Column("checks", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("checks_in_rooms", sa.Boolean, nullable=False, server_default=sa.false()),
    number("least_checks_percent", nullable=True),
    json("make_up", nullable=True),
    json("micro", nullable=True),
    json("quiz", nullable=True),
    json("worth", nullable=True),
    number("teaching_percent", nullable=True),
    reference("made_by", "accounts.id", nullable=True),
    time("made_at", nullable=True),
    sa.UniqueConstraint("unit_id", "version"),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    flag("passed"),
    json("failings"),
    json("evidence"),
    number("hundredths"),
    text("entry_id", nullable=True),
    time("at"),
    sa.Index(None, "member_id"),
)

credit_entries = sa.Table(
    "credit_entries",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    text("id"),
    text("idempotency_key"),
    text("kind"),
    reference("member_id", "members.id"),
    reference("unit_id", "units.id"),
    reference("lesson_id", "lessons.id", nullable=True),
    number("hundredths"),
    text("rule"),
    text("evidence"),
    text("reason"),
    text("corrects", nullable=True),
    text("actor", nullable=True),
    time("at"),
    text("previous_hash"),
    text("hash"),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("idempotency_key"),
    sa.UniqueConstraint("previous_hash"),
    # All that a year's sums ask for, so that they read no row: a member's lie far apart, each with its evidence.
    sa.Index("ix_credit_entries_of_member", *("member_id", "at", "kind", "hundredths", "lesson_id", "id", "unit_id")),
    sa.Index(None, "unit_id", "at"),
    sa.Index(None, "lesson_id"),
)

ledger_heads = sa.Table("ledger_heads", metadata, text("name", primary_key=True), number("position"), text("hash"))

ledger_days = sa.Table(
    "ledger_days",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    number("position"),
    text("hash"),
    time("at"),
)

entry_corrections = sa.Table(
    "entry_corrections",
    metadata,
    text("entry_id", primary_key=True),
    text("corrected_id"),
    number("number"),
    reference("member_id", "members.id"),
    number("before"),
    number("after"),
    text("reason"),
    reference("by", "accounts.id"),
    time("counts_at"),
    time("at"),
    sa.UniqueConstraint("corrected_id", "number"),
)

reviews = sa.Table(
    "reviews",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("member_id", "members.id"),
    reference("asked_by", "accounts.id"),
    text("text"),
    text("state"),
    text("open_key", nullable=True),
    time("asked_at"),
    time("decided_at", nullable=True),
    reference("decided_by", "accounts.id", nullable=True),
    text("answer"),
    text("entry_id", nullable=True),
    sa.UniqueConstraint("open_key"),
    sa.Index(None, "lesson_id", "state"),
    sa.Index(None, "member_id"),
)
