"""SQLite's INSERT OR REPLACE deletes what stands in its way without asking a trigger: it is refused before it does."""

from __future__ import annotations

from alembic import op

revision = "0069"
down_revision = "0065"

_SQLITE = (
    """CREATE TRIGGER credit_entries_replace BEFORE INSERT ON credit_entries
WHEN EXISTS (SELECT 1 FROM credit_entries WHERE position = NEW.position OR rowid = NEW.rowid OR id = NEW.id
OR idempotency_key = NEW.idempotency_key OR previous_hash = NEW.previous_hash)
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END""",
    """CREATE TRIGGER ledger_days_replace BEFORE INSERT ON ledger_days
WHEN EXISTS (SELECT 1 FROM ledger_days WHERE day = NEW.day OR rowid = NEW.rowid)
BEGIN SELECT RAISE(IGNORE); END""",
    """CREATE TRIGGER audit_lines_replace BEFORE INSERT ON audit_lines
WHEN EXISTS (SELECT 1 FROM audit_lines
WHERE position = NEW.position OR rowid = NEW.rowid OR previous_hash = NEW.previous_hash)
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
)


def upgrade() -> None:
    """The tables have a rowid beside their key, by which a row could be replaced, too. A day that is noted already is
    passed over without a word, as ON CONFLICT DO NOTHING has it: that is how the house notes it.
    """
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
