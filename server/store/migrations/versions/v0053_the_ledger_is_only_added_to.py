"""The database refuses to change or delete an entry of the ledger of credit."""

from __future__ import annotations

from alembic import op

revision = "0053"
down_revision = "0047"

_SQLITE = tuple(
    f"""CREATE TRIGGER credit_entries_{name} BEFORE {what} ON credit_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END"""
    for name, what in (("change", "UPDATE"), ("cut", "DELETE"))
)
_POSTGRES = (
    """CREATE FUNCTION credit_entries_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'the ledger is only added to';
END $$""",
    """CREATE TRIGGER credit_entries_guard BEFORE UPDATE OR DELETE ON credit_entries
FOR EACH ROW EXECUTE FUNCTION credit_entries_guard()""",
    """CREATE TRIGGER credit_entries_whole BEFORE TRUNCATE ON credit_entries
FOR EACH STATEMENT EXECUTE FUNCTION credit_entries_guard()""",
)


def upgrade() -> None:
    """On SQLite a later ``batch_alter_table`` of this table copies it and must make the triggers again."""
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
