"""Recordings, alarms and peer connections."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, key, metadata, number, reference, text, time

recordings = sa.Table(
    "recordings",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    text("state"),
    time("started_at", nullable=True),
    number("duration_ms"),
    number("bytes"),
    flag("recovered"),
    number("gaps_ms"),
    time("told_at", nullable=True),
    sa.Index(None, "lesson_id"),
    sa.Index(None, "state"),
)

alarms = sa.Table(
    "alarms",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    text("code", primary_key=True),
    text("source", primary_key=True),
    text("detail"),
    time("since"),
)

media_sessions = sa.Table(
    "media_sessions",
    metadata,
    text("resource_digest", primary_key=True),
    text("session_id"),
    reference("lesson_id", "lessons.id"),
    text("direction"),
    text("name"),
    reference("account_id", "accounts.id"),
    text("client_id"),
    time("started_at"),
    time("ended_at", nullable=True),
    text("login", nullable=True),
    sa.Index(None, "session_id"),
    sa.Index(None, "lesson_id", "name"),
    sa.Index(None, "login"),
)

venue_keys = sa.Table(
    "venue_keys",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("lesson_venue_id", "lesson_venues.id"),
    text("digest"),
    reference("account_id", "accounts.id"),
    text("by"),
    time("issued_at"),
    time("used_at", nullable=True),
    time("revoked_at", nullable=True),
    text("revoked_by", nullable=True),
    sa.Index(None, "digest", unique=True),
    sa.Index(None, "lesson_id"),
)
