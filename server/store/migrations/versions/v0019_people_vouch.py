"""Leave, random checks, networks and evidence of sign-ins, findings and corrections."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0010"

_TARGETS = {"lesson_id": "lessons.id", "member_id": "members.id", "check_id": "presence_checks.id"}
_ACCOUNTS = frozenset({"asked_by", "decided_by", "account_id", "by"})


def upgrade() -> None:
    _columns()
    _leaves()
    _checks()
    _findings()
    _corrections()


def _columns() -> None:
    with op.batch_alter_table("credit_rules", schema=None) as batch_op:
        batch_op.add_column(_number("left_early_minutes", nullable=True))
        batch_op.add_column(sa.Column("checks", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("checks_in_rooms", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(_number("least_checks_percent", nullable=True))
    with op.batch_alter_table("roster_entries", schema=None) as batch_op:
        batch_op.add_column(_text("corrected", nullable=True))
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("at_network", sa.Boolean(), nullable=True))
        batch_op.add_column(_time("shown_at", nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("venues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("networks", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("shares_device", sa.Boolean(), server_default=sa.false(), nullable=False))


def _leaves() -> None:
    told = [_text("reason"), _text("asked_by"), _time("asked_at"), _text("state")]
    decided = [_time("decided_at", nullable=True), _text("decided_by", nullable=True), _text("answer")]
    columns = [*_whose(), *told, *decided, _text("open_key", nullable=True)]
    _table("leaves", columns, key=["id"], unique=[["open_key"]], indexes=[["lesson_id", "member_id"], ["member_id"]])


def _checks() -> None:
    plan = [_text("lesson_id"), _text("seed"), sa.Column("in_rooms", sa.Boolean(), nullable=False)]
    _table("check_plans", plan, key=["lesson_id"])
    times = [_time("due_at"), *(_time(name, nullable=True) for name in ("asked_at", "deadline_at", "closed_at"))]
    check = [_text("id"), _text("lesson_id"), _number("number"), *times, _text("dropped", nullable=True)]
    _table("presence_checks", check, key=["id"], unique=[["lesson_id", "number"]], indexes=[["closed_at"]])
    told = [_text("command_id"), _time("received_at"), _text("account_id"), _text("channel")]
    answer = [_text("check_id"), _text("member_id"), *told]
    _table("check_answers", answer, key=["check_id", "member_id"], indexes=[["member_id"]])


def _findings() -> None:
    flag = [_text("lesson_id"), _text("member_id"), _text("code"), _text("account_id"), _time("at")]
    _table("sign_in_flags", flag, key=["lesson_id", "member_id", "code"], indexes=[["member_id"]])
    doubts = sa.Column("doubts", sa.JSON(), nullable=False)
    finding = [*_whose(), _text("outcome"), doubts, _text("reason"), _text("by"), _time("at")]
    _table("findings", finding, key=["id"], indexes=[["lesson_id", "member_id"], ["member_id"]])


def _corrections() -> None:
    what = [_number("number"), _text("before"), _text("after"), _text("reason"), _text("state")]
    asked = [_text("asked_by"), _time("asked_at")]
    decided = [_text("decided_by", nullable=True), _time("decided_at", nullable=True), _text("answer")]
    columns = [*_whose(), *what, *asked, *decided, _text("open_key", nullable=True)]
    unique = [["open_key"], ["lesson_id", "number"]]
    _table("corrections", columns, key=["id"], unique=unique, indexes=[["member_id"]])


def _whose() -> list[sa.Column[Any]]:
    return [_text("id"), _text("lesson_id"), _text("member_id")]


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


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
    targets = {
        column.name: "accounts.id" if column.name in _ACCOUNTS else _TARGETS.get(column.name) for column in columns
    }
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
