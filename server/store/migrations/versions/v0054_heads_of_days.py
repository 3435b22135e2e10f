"""The ledger's head of each day; a note is not changed or deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"

_SQLITE = tuple(
    f"""CREATE TRIGGER ledger_days_{name} BEFORE {what} ON ledger_days
BEGIN SELECT RAISE(ABORT, 'noted heads are only added to'); END"""
    for name, what in (("change", "UPDATE"), ("cut", "DELETE"))
)
_POSTGRES = (
    """CREATE FUNCTION ledger_days_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'noted heads are only added to';
END $$""",
    """CREATE TRIGGER ledger_days_guard BEFORE UPDATE OR DELETE ON ledger_days
FOR EACH ROW EXECUTE FUNCTION ledger_days_guard()""",
    """CREATE TRIGGER ledger_days_whole BEFORE TRUNCATE ON ledger_days
FOR EACH STATEMENT EXECUTE FUNCTION ledger_days_guard()""",
)


def upgrade() -> None:
    op.create_table(
        "ledger_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_ledger_days")),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
