"""Leave, random checks, what somebody should look at, and corrections: attendance as people vouch for it."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

leaves = sa.Table(
    "leaves",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("member_id", "members.id"),
    text("reason"),
    reference("asked_by", "accounts.id"),
    time("asked_at"),
    text("state"),
    time("decided_at", nullable=True),
    reference("decided_by", "accounts.id", nullable=True),
    text("answer"),
    text("open_key", nullable=True),
    sa.UniqueConstraint("open_key"),
    sa.Index(None, "lesson_id", "member_id"),
    sa.Index(None, "member_id"),
)

check_plans = sa.Table(
    "check_plans", metadata, reference("lesson_id", "lessons.id", primary_key=True), text("seed"), flag("in_rooms")
)

presence_checks = sa.Table(
    "presence_checks",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    number("number"),
    time("due_at"),
    time("asked_at", nullable=True),
    time("deadline_at", nullable=True),
    time("closed_at", nullable=True),
    text("dropped", nullable=True),
    sa.UniqueConstraint("lesson_id", "number"),
    sa.Index(None, "closed_at"),
)

check_answers = sa.Table(
    "check_answers",
    metadata,
    reference("check_id", "presence_checks.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    text("command_id"),
    time("received_at"),
    reference("account_id", "accounts.id"),
    text("channel"),
    sa.Index(None, "member_id"),
)

sign_in_flags = sa.Table(
    "sign_in_flags",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    text("code", primary_key=True),
    reference("account_id", "accounts.id"),
    time("at"),
    sa.Index(None, "member_id"),
)

findings = sa.Table(
    "findings",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("member_id", "members.id"),
    text("outcome"),
    json("doubts"),
    text("reason"),
    reference("by", "accounts.id"),
    time("at"),
    sa.Index(None, "lesson_id", "member_id"),
    sa.Index(None, "member_id"),
)

corrections = sa.Table(
    "corrections",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("member_id", "members.id"),
    number("number"),
    text("before"),
    text("after"),
    text("reason"),
    text("state"),
    reference("asked_by", "accounts.id"),
    time("asked_at"),
    reference("decided_by", "accounts.id", nullable=True),
    time("decided_at", nullable=True),
    text("answer"),
    text("open_key", nullable=True),
    sa.UniqueConstraint("open_key"),
    sa.UniqueConstraint("lesson_id", "number"),
    sa.Index(None, "member_id"),
)
