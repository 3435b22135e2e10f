"""Who corrected which entry of the ledger, and why, as rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.entry_corrections import EntryCorrection
from server.store.schema import entry_corrections

_rows = entry_corrections.c
_AT_ONCE = 500


class SqlEntryCorrections:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, correction: EntryCorrection) -> None:
        self._connection.execute(sa.insert(entry_corrections).values(asdict(correction)))

    def about(self, entry_ids: Collection[str]) -> tuple[EntryCorrection, ...]:
        found, listed = list[EntryCorrection](), sorted(entry_ids)
        for start in range(0, len(listed), _AT_ONCE):
            some = listed[start : start + _AT_ONCE]
            either = sa.or_(_rows.corrected_id.in_(some), _rows.entry_id.in_(some))
            rows = self._connection.execute(sa.select(entry_corrections).where(either))
            found += (EntryCorrection(**row._mapping) for row in rows)
        return tuple(sorted(set(found), key=lambda one: (one.corrected_id, one.number)))
