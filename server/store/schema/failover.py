"""Preflights of venues, and venues whose people moved."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import UtcTime, flag, json, key, metadata, number, reference, text, time

preflights = sa.Table(
    "preflights",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("lesson_venue_id", "lesson_venues.id"),
    time("ran_at"),
    reference("account_id", "accounts.id"),
    text("device"),
    text("device_now"),
    text("client"),
    json("checks"),
    time("signed_at", nullable=True),
    text("signed_by", nullable=True),
    text("reason"),
    sa.Index(None, "lesson_id", "lesson_venue_id", "ran_at"),
)

failovers = sa.Table(
    "failovers",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("origin", "lesson_venues.id"),
    reference("target", "lesson_venues.id", nullable=True),
    time("at"),
    text("by"),
    number("bridge_minutes"),
    time("undone_at", nullable=True),
    text("undone_by", nullable=True),
    sa.Index(None, "lesson_id", "at"),
)

failover_moves = sa.Table(
    "failover_moves",
    metadata,
    reference("failover_id", "failovers.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    sa.Column("at", UtcTime, primary_key=True),
    reference("lesson_id", "lessons.id"),
    reference("target", "lesson_venues.id", nullable=True),
    flag("signed_in"),
    flag("rostered"),
    number("bridge_minutes"),
    flag("back"),
    time("arrived_at", nullable=True),
    reference("arrived_by", "accounts.id", nullable=True),
    sa.Index(None, "lesson_id", "member_id"),
)
