"""Micro-videos of courses (微视频), and the films that come in pieces."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

micro_videos = sa.Table(
    "micro_videos",
    metadata,
    key(),
    reference("course_id", "courses.id"),
    number("position"),
    text("title"),
    reference("account_id", "accounts.id"),
    text("created_by"),
    time("created_at"),
    text("state"),
    flag("skips"),
    flag("asks"),
    text("film_id", nullable=True),
    number("bytes"),
    text("sha256"),
    text("runner"),
    number("attempts"),
    number("progress"),
    text("code", nullable=True),
    json("facts", nullable=True),
    time("published_at", nullable=True),
    time("retired_at", nullable=True),
    number("version"),
    sa.Index(None, "course_id", "position"),
    sa.Index(None, "state"),
)

uploads = sa.Table(
    "uploads",
    metadata,
    key(),
    reference("video_id", "micro_videos.id"),
    reference("account_id", "accounts.id"),
    number("size_bytes"),
    text("sha256"),
    time("created_at"),
    time("expires_at"),
    time("done_at", nullable=True),
    sa.Index(None, "account_id"),
    sa.Index(None, "video_id"),
    sa.Index(None, "expires_at"),
)
"""How much of one is here is the size of its file."""
