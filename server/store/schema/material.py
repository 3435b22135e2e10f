"""What was uploaded for lessons, and the long work on it."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import json, key, metadata, number, reference, text, time

materials = sa.Table(
    "materials",
    metadata,
    key(),
    reference("lesson_id", "lessons.id"),
    text("kind"),
    text("name"),
    text("state"),
    text("release"),
    reference("account_id", "accounts.id"),
    text("created_by"),
    time("created_at"),
    number("bytes"),
    text("sha256"),
    text("job_id", nullable=True),
    text("code", nullable=True),
    json("result", nullable=True),
    sa.Index(None, "lesson_id", "created_at"),
    sa.Index(None, "state"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    key(),
    text("kind"),
    reference("lesson_id", "lessons.id"),
    reference("material_id", "materials.id"),
    reference("account_id", "accounts.id"),
    text("runner"),
    time("created_at"),
    text("state"),
    number("progress"),
    number("attempts"),
    text("code", nullable=True),
    json("result", nullable=True),
    time("started_at", nullable=True),
    time("ended_at", nullable=True),
    sa.Index(None, "runner", "state", "created_at"),
)

runners = sa.Table("runners", metadata, text("name", primary_key=True), time("at"))
"""When each control process last said that it does its work."""

slide_turns = sa.Table(
    "slide_turns",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    time("at"),
    reference("material_id", "materials.id", nullable=True),
    number("page"),
)
"""The last one is what is on stage; one without material closed it."""
