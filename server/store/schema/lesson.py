"""Lessons, what is on the air, what happened, and the commands that were done."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

lessons = sa.Table(
    "lessons",
    metadata,
    key(),
    text("title"),
    reference("unit_id", "units.id"),
    reference("lecturer_id", "accounts.id", nullable=True),
    text("state"),
    time("starts_at"),
    time("ends_at"),
    flag("recorded"),
    text("video_codec"),
    time("opened_at", nullable=True),
    time("live_at", nullable=True),
    time("ended_at", nullable=True),
    text("recording_id", nullable=True),
    sa.Column("credit_hundredths", sa.BigInteger, nullable=False, server_default="0"),
    reference("rule_id", "credit_rules.id", nullable=True),
    time("settled_at", nullable=True),
    json("guest", nullable=True),
    json("clip", nullable=True),
    sa.Column("watermark", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("replay_skips", sa.Boolean, nullable=False, server_default=sa.false()),
    json("talkbacks", nullable=True),
    sa.Column("kind", sa.String, nullable=False, server_default="lecture"),
    sa.Column("media", sa.Boolean, nullable=False, server_default=sa.true()),
    reference("course_id", "courses.id", nullable=True),
    reference("series_id", "lesson_series.id", nullable=True),
    text("group_id", nullable=True),
    text("group_name", nullable=True),
    number("version"),
    number("last_seq"),
    sa.Index(None, "starts_at", "id"),
    sa.Index(None, "state"),
    sa.Index(None, "course_id"),
    sa.Index(None, "series_id"),
)

lesson_venues = sa.Table(
    "lesson_venues",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    reference("venue_id", "venues.id"),
    text("name"),
    text("part"),
    number("position"),
    flag("online"),
    text("microphone"),
    text("fallback", nullable=True),
    text("failover_id", nullable=True),
    text("failover_to", nullable=True),
    sa.Column("kiosk", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("lesson_id", "venue_id"),
)

programmes = sa.Table(
    "programmes",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    text("camera", nullable=True),
    text("screen", nullable=True),
    sa.Column("opened", sa.JSON, nullable=False),
    sa.Column("muted", sa.JSON, nullable=False, server_default="[]"),
    flag("recording_paused"),
    json("cut", nullable=True),
    json("standby", nullable=True),
    time("last_cut_at", nullable=True),
    number("version"),
    sa.Column("desk", sa.String, nullable=False, server_default="main"),
)

lesson_events = sa.Table(
    "lesson_events",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    time("at"),
    text("kind"),
    text("audience"),
    sa.Column("data", sa.JSON, nullable=False),
    text("actor", nullable=True),
)

commands = sa.Table(
    "commands",
    metadata,
    text("command_id", primary_key=True),
    text("actor"),
    text("body_digest"),
    text("result", nullable=True),
    time("at"),
    sa.Index(None, "at"),
)
