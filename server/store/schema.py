"""The tables. One schema for SQLite and PostgreSQL; migrations/ makes exactly this (a test compares)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

HEAD = "0001"
"""The migration this code works with."""


class UtcTime(sa.types.TypeDecorator[dt.datetime]):
    """An aware time, in UTC on both sides; SQLite keeps it without zone. A naive time is our bug: ValueError."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> sa.Column[Any]:
    return sa.Column("id", sa.String, primary_key=True)


def _reference(name: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String, sa.ForeignKey(target), nullable=nullable, primary_key=primary_key)


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String, nullable=nullable, primary_key=primary_key)


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UtcTime, nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False)


units = sa.Table("units", metadata, _key(), _text("name"), _text("kind"))

placements = sa.Table(
    "placements",
    metadata,
    _reference("unit_id", "units.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    sa.Column("until", sa.Date),
    _reference("parent_id", "units.id", nullable=True),
)

members = sa.Table("members", metadata, _key(), _text("name"), _text("kind"))

memberships = sa.Table(
    "memberships",
    metadata,
    _reference("member_id", "members.id", primary_key=True),
    sa.Column("since", sa.Date, primary_key=True),
    sa.Column("until", sa.Date),
    _reference("unit_id", "units.id"),
    sa.Index(None, "unit_id"),
)

venues = sa.Table(
    "venues", metadata, _key(), _text("name"), _reference("unit_id", "units.id"), _text("room"), _number("seats")
)

accounts = sa.Table(
    "accounts",
    metadata,
    _key(),
    _text("number"),
    _text("name"),
    _text("kind"),
    _text("password_hash", nullable=True),
    _reference("member_id", "members.id", nullable=True),
    _reference("unit_id", "units.id", nullable=True),
    _reference("venue_id", "venues.id", nullable=True),
    _flag("disabled"),
    sa.UniqueConstraint("number"),
    sa.UniqueConstraint("member_id"),
)

role_grants = sa.Table(
    "role_grants",
    metadata,
    _reference("account_id", "accounts.id", primary_key=True),
    _text("role", primary_key=True),
    _reference("unit_id", "units.id", primary_key=True),
    sa.Index(None, "role"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _text("token_digest", primary_key=True),
    _reference("account_id", "accounts.id"),
    _time("created_at"),
    _time("expires_at"),
    sa.Index(None, "expires_at"),
)

login_failures = sa.Table(
    "login_failures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _text("number"),
    _text("address"),
    _time("at"),
    sa.Index(None, "number", "address", "at"),
    sa.Index(None, "at"),
)

lessons = sa.Table(
    "lessons",
    metadata,
    _key(),
    _text("title"),
    _reference("unit_id", "units.id"),
    _reference("lecturer_id", "accounts.id", nullable=True),
    _text("state"),
    _time("starts_at"),
    _time("ends_at"),
    _flag("recorded"),
    _text("video_codec"),
    _time("opened_at", nullable=True),
    _time("live_at", nullable=True),
    _time("ended_at", nullable=True),
    _text("recording_id", nullable=True),
    _number("version"),
    _number("last_seq"),
    sa.Index(None, "starts_at", "id"),
    sa.Index(None, "state"),
)

lesson_venues = sa.Table(
    "lesson_venues",
    metadata,
    _key(),
    _reference("lesson_id", "lessons.id"),
    _reference("venue_id", "venues.id"),
    _text("name"),
    _text("part"),
    _number("position"),
    _flag("online"),
    _text("microphone"),
    sa.UniqueConstraint("lesson_id", "venue_id"),
)

programmes = sa.Table(
    "programmes",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    _text("camera", nullable=True),
    _text("screen", nullable=True),
    sa.Column("opened", sa.JSON, nullable=False),
    _flag("recording_paused"),
    _number("version"),
)

lesson_events = sa.Table(
    "lesson_events",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    _time("at"),
    _text("kind"),
    _text("audience"),
    sa.Column("data", sa.JSON, nullable=False),
    _text("actor", nullable=True),
)

commands = sa.Table(
    "commands",
    metadata,
    _text("command_id", primary_key=True),
    _text("actor"),
    _text("body_digest"),
    _text("result", nullable=True),
    _time("at"),
    sa.Index(None, "at"),
)

recordings = sa.Table(
    "recordings",
    metadata,
    _key(),
    _reference("lesson_id", "lessons.id"),
    _text("state"),
    _time("started_at", nullable=True),
    _number("duration_ms"),
    _number("bytes"),
    _flag("recovered"),
    _number("gaps_ms"),
    sa.Index(None, "lesson_id"),
    sa.Index(None, "state"),
)

alarms = sa.Table(
    "alarms",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    _text("code", primary_key=True),
    _text("detail"),
    _time("since"),
)

media_sessions = sa.Table(
    "media_sessions",
    metadata,
    _text("resource_digest", primary_key=True),
    _text("session_id"),
    _reference("lesson_id", "lessons.id"),
    _text("direction"),
    _text("name"),
    _reference("account_id", "accounts.id"),
    _text("client_id"),
    _time("started_at"),
    _time("ended_at", nullable=True),
    sa.Index(None, "session_id"),
    sa.Index(None, "lesson_id", "name"),
)
