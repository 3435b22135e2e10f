"""Venues with notes and a history, their devices by pairing, the kiosk, and where members choose to be."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"

_TARGETS = {"venue_id": "venues.id", "lesson_id": "lessons.id", "member_id": "members.id"}
_TARGETS |= {"device_id": "venue_devices.id"} | dict.fromkeys(("account_id", "paired_by", "revoked_by"), "accounts.id")


def upgrade() -> None:
    _columns()
    _changes()
    _devices()
    _choices()


def _columns() -> None:
    with op.batch_alter_table("venues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notes", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    with op.batch_alter_table("lesson_venues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kiosk", sa.Boolean(), server_default=sa.false(), nullable=False))


def _changes() -> None:
    position = sa.Column("position", sa.Integer(), autoincrement=True, nullable=False)
    facts = sa.Column("facts", sa.JSON(), nullable=False)
    columns = [position, _time("at"), _text("actor"), _text("kind"), _text("venue_id"), facts]
    _table("venue_changes", columns, key=["position"], indexes=[["venue_id", "position"]])


def _devices() -> None:
    whose = [_text("id"), _text("venue_id"), _text("account_id"), _text("name"), _text("browser")]
    paired = [_text("paired_by"), _time("paired_at")]
    revoked = [_text("revoked_by", nullable=True), _time("revoked_at", nullable=True)]
    unique = [["account_id"]]
    _table("venue_devices", [*whose, *paired, *revoked], key=["id"], unique=unique, indexes=[["venue_id"]])
    digests = [_text("id"), _text("code_digest"), _text("secret_digest"), _text("browser"), _text("address")]
    times = [_time("created_at"), _time("expires_at"), _text("device_id", nullable=True)]
    _table("pairings", [*digests, *times], key=["id"], unique=[["code_digest"]], indexes=[["expires_at"]])


def _choices() -> None:
    columns = [_text("lesson_id"), _text("member_id"), _text("venue_id", nullable=True), _time("chosen_at")]
    _table("place_choices", columns, key=["lesson_id", "member_id"], indexes=[["member_id"]])


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _table(
    name: str,
    columns: list[sa.Column[Any]],
    *,
    key: list[str],
    unique: list[list[str]] | None = None,
    indexes: list[list[str]] | None = None,
) -> None:
    """With a foreign key for every column that names a row of another table."""
    targets = {column.name: _TARGETS.get(column.name) for column in columns}
    foreign = [
        sa.ForeignKeyConstraint([own], [target], name=op.f(f"fk_{name}_{own}"))
        for own, target in targets.items()
        if target
    ]
    once = [sa.UniqueConstraint(*each, name=op.f(f"uq_{name}_{'_'.join(each)}")) for each in unique or []]
    op.create_table(name, *columns, *foreign, *once, sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")))
    with op.batch_alter_table(name, schema=None) as batch_op:
        for each in indexes or []:
            batch_op.create_index(batch_op.f(f"ix_{name}_{'_'.join(each)}"), each, unique=False)
