"""Sign-in sheets as they were confirmed; rows are only added."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import key, metadata, number, reference, text, time

attendance_sheets = sa.Table(
    "attendance_sheets",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("unit_id", "units.id"),
    number("version"),
    text("content"),
    text("digest"),
    text("previous", nullable=True),
    text("why"),
    reference("confirmed_by", "accounts.id"),
    time("confirmed_at"),
    time("redacted_at", nullable=True),
    text("redacted_digest", nullable=True),  # of the content as an erasure left it
    sa.UniqueConstraint("lesson_id", "unit_id", "version"),
)

sheet_bundles = sa.Table(
    "sheet_bundles",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("unit_id", "units.id"),
    text("format"),
    reference("account_id", "accounts.id"),  # who asked
    text("created_by"),
    time("created_at"),
    text("runner"),
    text("state"),
    number("attempts"),
    text("code", nullable=True),
    number("bytes"),
    sa.Column("content", sa.LargeBinary),
    time("ended_at", nullable=True),
    sa.Index(None, "account_id", "created_at"),
    sa.Index(None, "lesson_id"),
    sa.Index(None, "state"),
)
