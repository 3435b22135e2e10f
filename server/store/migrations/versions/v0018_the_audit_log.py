"""The audit log: only ever added to, but for details that are erased and old lines that are cut from its beginning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"

_KEPT = (
    *("position", "at", "actor", "address", "login", "request_id", "action", "about", "result"),
    *("detail_digest", "previous_hash", "hash"),
)
_SAME = " AND ".join(f"(NEW.{name} = OLD.{name} OR (NEW.{name} IS NULL AND OLD.{name} IS NULL))" for name in _KEPT)
_ERASES = f"NEW.detail IS NULL AND NEW.salt IS NULL AND {_SAME}"
_CUT_TO = "COALESCE((SELECT position FROM ledger_heads WHERE name = 'audit-cut'), 0)"

_SQLITE = (
    f"""CREATE TRIGGER audit_lines_change BEFORE UPDATE ON audit_lines WHEN NOT COALESCE(({_ERASES}), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
    f"""CREATE TRIGGER audit_lines_cut BEFORE DELETE ON audit_lines WHEN OLD.position > {_CUT_TO}
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
)
_POSTGRES = (
    f"""CREATE FUNCTION audit_lines_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF TG_OP = 'UPDATE' THEN
  IF {_ERASES} THEN RETURN NEW; END IF;
ELSIF TG_OP = 'DELETE' THEN
  IF OLD.position <= {_CUT_TO} THEN RETURN OLD; END IF;
END IF;
RAISE EXCEPTION 'the audit log is only added to';
END $$""",
    """CREATE TRIGGER audit_lines_guard BEFORE UPDATE OR DELETE ON audit_lines
FOR EACH ROW EXECUTE FUNCTION audit_lines_guard()""",
    """CREATE TRIGGER audit_lines_whole BEFORE TRUNCATE ON audit_lines
FOR EACH STATEMENT EXECUTE FUNCTION audit_lines_guard()""",
)


def upgrade() -> None:
    op.create_table(
        "audit_lines",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("address", "login", "request_id")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("action", "about", "result", "detail_digest")),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_lines")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_audit_lines_previous_hash")),
    )
    for columns in (["at"], ["actor", "position"], ["about", "position"]):
        op.create_index(op.f(f"ix_audit_lines_{'_'.join(columns)}"), "audit_lines", columns)
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
