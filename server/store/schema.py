"""The tables. One schema for SQLite and PostgreSQL; migrations/ makes exactly this (a test compares)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

HEAD = "0003"
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


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=nullable)


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
    sa.Column("credit_hundredths", sa.BigInteger, nullable=False, server_default="0"),
    _reference("rule_id", "credit_rules.id", nullable=True),
    _time("settled_at", nullable=True),
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
    _text("login", nullable=True),
    sa.Index(None, "session_id"),
    sa.Index(None, "lesson_id", "name"),
    sa.Index(None, "login"),
)

# ---- who is expected, who came ---------------------------------------------------------------------------

unit_assignments = sa.Table(
    "unit_assignments",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    _reference("unit_id", "units.id", primary_key=True),
    _reference("venue_id", "venues.id", nullable=True),
)

member_assignments = sa.Table(
    "member_assignments",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    _reference("member_id", "members.id", primary_key=True),
    _reference("venue_id", "venues.id", nullable=True),
    _flag("expected"),
    sa.Index(None, "member_id"),
)

roster_entries = sa.Table(
    "roster_entries",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    _reference("member_id", "members.id", primary_key=True),
    _text("name"),
    _text("kind"),
    _reference("unit_id", "units.id"),
    _reference("lesson_venue_id", "lesson_venues.id", nullable=True),
    _time("added_at", nullable=True),
    _reference("added_by", "accounts.id", nullable=True),
    _text("reason"),
    sa.Index(None, "lesson_id", "unit_id"),
    sa.Index(None, "lesson_id", "lesson_venue_id"),
    sa.Index(None, "member_id"),
)

sign_in_proofs = sa.Table(
    "sign_in_proofs",
    metadata,
    _text("digest", primary_key=True),
    _reference("lesson_id", "lessons.id"),
    _reference("lesson_venue_id", "lesson_venues.id"),
    _number("slot"),
    _time("redeemed_at"),
    _time("expires_at"),
    _text("address"),
    sa.Index(None, "expires_at"),
)

sign_ins = sa.Table(
    "sign_ins",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    _reference("member_id", "members.id", primary_key=True),
    _time("at"),
    _text("way"),
    _reference("lesson_venue_id", "lesson_venues.id", nullable=True),
    _reference("account_id", "accounts.id"),
    _text("command_id"),
    _text("address"),
    _text("device_digest", nullable=True),
    _text("proof_digest", nullable=True),
    _number("slot", nullable=True),
    _time("left_at", nullable=True),
    _reference("left_by", "accounts.id", nullable=True),
    sa.UniqueConstraint("lesson_id", "device_digest"),
    sa.UniqueConstraint("proof_digest"),
    sa.Index(None, "lesson_id", "lesson_venue_id"),
    sa.Index(None, "member_id"),
)

presence_spans = sa.Table(
    "presence_spans",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    _text("device", primary_key=True),
    sa.Column("since", UtcTime, primary_key=True),
    _time("until"),
    _text("channel"),
    _reference("member_id", "members.id", nullable=True),
    _reference("lesson_venue_id", "lesson_venues.id", nullable=True),
    sa.Index(None, "lesson_id", "member_id"),
)

outages = sa.Table(
    "outages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _text("cause"),
    _time("since"),
    _time("until"),
    sa.Index(None, "until"),
)

pulses = sa.Table("pulses", metadata, _text("name", primary_key=True), _time("at"))

# ---- quizzes ---------------------------------------------------------------------------------------------

questions = sa.Table(
    "questions",
    metadata,
    _key(),
    _reference("lesson_id", "lessons.id"),
    _number("position"),
    _text("kind"),
    _text("text"),
    _json("options"),
    _json("correct"),
    _text("explanation"),
    _number("seconds"),
    _number("version"),
    sa.Index(None, "lesson_id", "position"),
)

quizzes = sa.Table(
    "quizzes",
    metadata,
    _key(),
    _reference("lesson_id", "lessons.id"),
    _number("number"),
    _text("question_id"),
    _text("kind"),
    _text("text"),
    _json("options"),
    _json("correct"),
    _text("explanation"),
    _number("seconds"),
    _reference("launched_by", "accounts.id"),
    _time("launched_at"),
    _time("deadline_at"),
    _time("closed_at", nullable=True),
    _text("running_key", nullable=True),
    _json("outcome", nullable=True),
    sa.UniqueConstraint("lesson_id", "number"),
    sa.UniqueConstraint("running_key"),
)

answers = sa.Table(
    "answers",
    metadata,
    _reference("quiz_id", "quizzes.id", primary_key=True),
    _reference("member_id", "members.id", primary_key=True),
    _text("command_id"),
    _json("choice"),
    _flag("right"),
    _time("received_at"),
    _reference("account_id", "accounts.id"),
    _text("channel"),
    sa.UniqueConstraint("command_id"),
)

# ---- credit ----------------------------------------------------------------------------------------------

credit_rules = sa.Table(
    "credit_rules",
    metadata,
    _key(),
    _reference("unit_id", "units.id"),
    _text("name"),
    _number("version"),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    _number("late_after_minutes"),
    _number("least_present_percent"),
    _number("least_answered_percent", nullable=True),
    _number("least_right_percent", nullable=True),
    sa.UniqueConstraint("unit_id", "version"),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    _reference("lesson_id", "lessons.id", primary_key=True),
    _reference("member_id", "members.id", primary_key=True),
    _flag("passed"),
    _json("failings"),
    _json("evidence"),
    _number("hundredths"),
    _text("entry_id", nullable=True),
    _time("at"),
    sa.Index(None, "member_id"),
)

credit_entries = sa.Table(
    "credit_entries",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("id"),
    _text("idempotency_key"),
    _text("kind"),
    _reference("member_id", "members.id"),
    _reference("unit_id", "units.id"),
    _reference("lesson_id", "lessons.id", nullable=True),
    _number("hundredths"),
    _text("rule"),
    _text("evidence"),
    _text("reason"),
    _text("corrects", nullable=True),
    _text("actor", nullable=True),
    _time("at"),
    _text("previous_hash"),
    _text("hash"),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("idempotency_key"),
    sa.UniqueConstraint("previous_hash"),
    sa.Index(None, "member_id", "at"),
    sa.Index(None, "lesson_id"),
)

ledger_heads = sa.Table("ledger_heads", metadata, _text("name", primary_key=True), _number("position"), _text("hash"))

reviews = sa.Table(
    "reviews",
    metadata,
    _key(),
    _reference("lesson_id", "lessons.id"),
    _reference("member_id", "members.id"),
    _reference("asked_by", "accounts.id"),
    _text("text"),
    _text("state"),
    _text("open_key", nullable=True),
    _time("asked_at"),
    _time("decided_at", nullable=True),
    _reference("decided_by", "accounts.id", nullable=True),
    _text("answer"),
    _text("entry_id", nullable=True),
    sa.UniqueConstraint("open_key"),
    sa.Index(None, "lesson_id", "state"),
    sa.Index(None, "member_id"),
)
