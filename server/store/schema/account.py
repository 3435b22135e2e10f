"""Who can log in, and who has."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, json, key, metadata, number, reference, text, time

accounts = sa.Table(
    "accounts",
    metadata,
    key(),
    text("number"),
    text("name"),
    text("kind"),
    text("password_hash", nullable=True),
    reference("member_id", "members.id", nullable=True),
    reference("unit_id", "units.id", nullable=True),
    reference("venue_id", "venues.id", nullable=True),
    flag("disabled"),
    text("disabled_because", nullable=True),
    sa.UniqueConstraint("number"),
    sa.UniqueConstraint("member_id"),
)

role_grants = sa.Table(
    "role_grants",
    metadata,
    reference("account_id", "accounts.id", primary_key=True),
    text("role", primary_key=True),
    reference("unit_id", "units.id", primary_key=True),
    sa.Index(None, "role"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    text("token_digest", primary_key=True),
    reference("account_id", "accounts.id"),
    time("created_at"),
    time("expires_at"),
    sa.Column("device", sa.String, nullable=False, server_default=""),
    sa.Column("address", sa.String, nullable=False, server_default=""),
    time("used_at", nullable=True),
    sa.Index(None, "expires_at"),
    sa.Index(None, "account_id"),
)

access_codes = sa.Table(
    "access_codes",
    metadata,
    reference("account_id", "accounts.id", primary_key=True),
    text("kind", primary_key=True),
    text("digest"),
    time("issued_at"),
    time("expires_at"),
    reference("issued_by", "accounts.id"),
    time("used_at", nullable=True),
    text("used_command", nullable=True),
)

second_factors = sa.Table(
    "second_factors",
    metadata,
    reference("account_id", "accounts.id", primary_key=True),
    text("secret"),
    time("enrolled_at"),
    time("confirmed_at", nullable=True),
    number("last_step"),
    json("recovery"),
)

login_failures = sa.Table(
    "login_failures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    text("number"),
    text("address"),
    time("at"),
    sa.Index(None, "number", "address", "at"),
    sa.Index(None, "at"),
)
