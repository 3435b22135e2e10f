"""What settling found of everybody stands beside who was expected, where reports over many lessons read it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0023"

_AT_ONCE = 500


def upgrade() -> None:
    with op.batch_alter_table("roster_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("standing", sa.String(), nullable=True))
    _settled_before()


def _settled_before() -> None:
    connection = op.get_bind()
    verdicts = sa.table("verdicts", *map(sa.column, ("lesson_id", "member_id")), sa.column("evidence", sa.JSON))
    entries = sa.table("roster_entries", *map(sa.column, ("lesson_id", "member_id", "standing")))
    change = sa.update(entries).where(
        entries.c.lesson_id == sa.bindparam("lesson"), entries.c.member_id == sa.bindparam("member")
    )
    change = change.values(standing=sa.bindparam("found"))
    for lesson_id in connection.execute(sa.select(verdicts.c.lesson_id).distinct()).scalars().all():
        rows = connection.execute(sa.select(verdicts).where(verdicts.c.lesson_id == lesson_id)).all()
        found = [{"lesson": lesson_id, "member": row.member_id, "found": _standing(row.evidence)} for row in rows]
        for first in range(0, len(found), _AT_ONCE):
            connection.execute(change, found[first : first + _AT_ONCE])


def _standing(evidence: dict[str, Any]) -> str:
    """As it was told when the lesson was settled."""
    if evidence.get("corrected"):
        return str(evidence["corrected"])
    if evidence.get("signed_in_at") is None:
        return "on_leave" if evidence.get("on_leave") else "absent"
    if evidence.get("left_early"):
        return "left_early"
    return "late" if evidence.get("late") else "present"
