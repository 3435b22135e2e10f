"""INSERT … ON CONFLICT, which SQLAlchemy spells per dialect; lists that make few different statements."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


def insert(connection: sa.Connection, table: sa.Table) -> Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def padded(values: Collection[str]) -> list[str]:
    """For ``IN``: the last one repeated up to a power of two, so that a driver prepares few statements."""
    listed = list(values)
    wanted = 1 << max(0, len(listed) - 1).bit_length()
    return listed + listed[-1:] * (wanted - len(listed)) if listed else listed
