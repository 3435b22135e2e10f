"""Who is expected, who came, who was there."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import UtcTime, flag, metadata, number, reference, text, time

unit_assignments = sa.Table(
    "unit_assignments",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    reference("unit_id", "units.id", primary_key=True),
    reference("venue_id", "venues.id", nullable=True),
)

member_assignments = sa.Table(
    "member_assignments",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    reference("venue_id", "venues.id", nullable=True),
    flag("expected"),
    sa.Index(None, "member_id"),
)

place_choices = sa.Table(
    "place_choices",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    reference("venue_id", "venues.id", nullable=True),
    time("chosen_at"),
    sa.Index(None, "member_id"),
)

roster_entries = sa.Table(
    "roster_entries",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    text("name"),
    text("kind"),
    reference("unit_id", "units.id"),
    reference("lesson_venue_id", "lesson_venues.id", nullable=True),
    time("added_at", nullable=True),
    reference("added_by", "accounts.id", nullable=True),
    text("reason"),
    time("moved_at", nullable=True),
    text("moved_to", nullable=True),
    text("corrected", nullable=True),
    reference("loan_unit_id", "units.id", nullable=True),
    text("standing", nullable=True),  # what settling found; reports over many lessons read it
    sa.Index(None, "lesson_id", "unit_id"),
    sa.Index(None, "lesson_id", "lesson_venue_id"),
    sa.Index(None, "member_id"),
)

sign_in_proofs = sa.Table(
    "sign_in_proofs",
    metadata,
    text("digest", primary_key=True),
    reference("lesson_id", "lessons.id"),
    reference("lesson_venue_id", "lesson_venues.id"),
    number("slot"),
    time("redeemed_at"),
    time("expires_at"),
    text("address"),
    sa.Index(None, "expires_at"),
)

sign_ins = sa.Table(
    "sign_ins",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    reference("member_id", "members.id", primary_key=True),
    time("at"),
    text("way"),
    reference("lesson_venue_id", "lesson_venues.id", nullable=True),
    reference("account_id", "accounts.id"),
    text("command_id"),
    text("address"),
    text("device_digest", nullable=True),
    text("proof_digest", nullable=True),
    number("slot", nullable=True),
    time("left_at", nullable=True),
    reference("left_by", "accounts.id", nullable=True),
    time("moved_at", nullable=True),
    text("moved_to", nullable=True),
    time("arrived_at", nullable=True),
    sa.Column("at_network", sa.Boolean),
    time("shown_at", nullable=True),
    sa.Column("reason", sa.String, nullable=False, server_default=""),
    sa.UniqueConstraint("lesson_id", "device_digest"),
    sa.UniqueConstraint("proof_digest"),
    sa.Index(None, "lesson_id", "lesson_venue_id"),
    sa.Index(None, "member_id"),
)

presence_spans = sa.Table(
    "presence_spans",
    metadata,
    reference("lesson_id", "lessons.id", primary_key=True),
    text("device", primary_key=True),
    sa.Column("since", UtcTime, primary_key=True),
    time("until"),
    text("channel"),
    reference("member_id", "members.id", nullable=True),
    reference("lesson_venue_id", "lesson_venues.id", nullable=True),
    sa.Index(None, "lesson_id", "member_id"),
)

outages = sa.Table(
    "outages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    text("cause"),
    time("since"),
    time("until"),
    sa.Index(None, "until"),
)

pulses = sa.Table("pulses", metadata, text("name", primary_key=True), time("at"))
