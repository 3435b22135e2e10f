"""How long what is kept; a person's data given out, held and erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0033"

_TIME = sa.DateTime(timezone=True)


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _to(table: str, column: str, target: str = "accounts") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    _exports()
    _erasures()
    _holds()
    op.create_table(
        "retention_rules",
        _id("data_class"),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        _id("set_by"),
        _to("retention_rules", "set_by"),
        sa.PrimaryKeyConstraint("data_class", "since", name=op.f("pk_retention_rules")),
    )
    with op.batch_alter_table("attendance_sheets", schema=None) as batch:
        batch.add_column(sa.Column("redacted_at", _TIME, nullable=True))
        batch.add_column(sa.Column("redacted_digest", sa.String(), nullable=True))


def _exports() -> None:
    op.create_table(
        "data_exports",
        *(_id("id"), _id("account_id"), _id("asked_by"), _id("created_by"), _id("reason")),
        sa.Column("created_at", _TIME, nullable=False),
        *(_id("runner"), _id("state")),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        _id("code", nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        *(_to("data_exports", "account_id"), _to("data_exports", "asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_exports")),
    )
    _index("data_exports", "account_id", "created_at")
    _index("data_exports", "created_at")
    _index("data_exports", "state")


def _erasures() -> None:
    op.create_table(
        "erasures",
        *(_id("id"), _id("account_id"), _id("state"), _id("asked_by")),
        sa.Column("asked_at", _TIME, nullable=False),
        *(_id("note"), _id("open_key", nullable=True), _id("decided_by", nullable=True)),
        sa.Column("decided_at", _TIME, nullable=True),
        *(_id("reason"), _id("pseudonym")),
        sa.Column("counts", sa.JSON(), nullable=True),
        *(_to("erasures", column) for column in ("account_id", "asked_by", "decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("open_key", name=op.f("uq_erasures_open_key")),
    )
    _index("erasures", "account_id")
    _index("erasures", "asked_at")


def _holds() -> None:
    op.create_table(
        "legal_holds",
        *(_id("id"), _id("account_id", nullable=True), _id("lesson_id", nullable=True), _id("reason"), _id("set_by")),
        sa.Column("set_at", _TIME, nullable=False),
        _id("lifted_by", nullable=True),
        sa.Column("lifted_at", _TIME, nullable=True),
        *(_to("legal_holds", column) for column in ("account_id", "set_by", "lifted_by")),
        _to("legal_holds", "lesson_id", "lessons"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    _index("legal_holds", "lifted_at")
