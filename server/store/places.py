"""Where somebody of the roster or of the sign-ins is now: the first place, unless a failover moved them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def place_of(table: sa.Table) -> sa.Case[Any]:
    """Of ``roster_entries`` or ``sign_ins``. NULL: by phone (or no row at all)."""
    return sa.case((table.c.moved_at.is_(None), table.c.lesson_venue_id), else_=table.c.moved_to)
