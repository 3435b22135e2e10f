"""The ledger of credit, as rows that are only ever added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from server.domain.chain import EMPTY, Head, head_after
from server.domain.credit_sums import KindSum, MonthSum
from server.domain.day_heads import DayHead
from server.domain.ledger import Entry, flat
from server.store.heads import lock_head, move_head, read_head
from server.store.schema import credit_entries, entry_corrections, ledger_days, lessons, outside_entries
from server.store.upserts import insert, padded

BOOK = "credit"
"""The name of the one ledger that there is."""

_UNITS_AT_ONCE = 500
_EARLIEST = dt.timedelta(days=366)
_DATED = credit_entries.outerjoin(lessons, lessons.c.id == credit_entries.c.lesson_id).outerjoin(
    outside_entries, outside_entries.c.entry_id == credit_entries.c.id
)
_DATED = _DATED.outerjoin(entry_corrections, entry_corrections.c.entry_id == credit_entries.c.id)
_WHEN = sa.func.coalesce(
    *(lessons.c.starts_at, outside_entries.c.counts_at, entry_corrections.c.counts_at, credit_entries.c.at),
    type_=credit_entries.c.at.type,
)
"""To which moment an entry counts: its lesson's, the day of what was learned outside, that of the entry it corrects,
else its own.
"""


class SqlLedger:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lock(self) -> Head:
        return lock_head(self._connection, BOOK)

    def append(self, head: Head, entries: Sequence[Entry]) -> None:
        """Should the lock ever fail, the unique ``previous_hash`` forbids a fork."""
        if not entries:
            return
        self._connection.execute(sa.insert(credit_entries), [flat(entry) for entry in entries])
        move_head(self._connection, BOOK, head, head_after(entries[-1]))

    def of_lesson(self, lesson_id: str) -> tuple[Entry, ...]:
        query = sa.select(credit_entries).where(credit_entries.c.lesson_id == lesson_id)
        return self._entries(query.order_by(credit_entries.c.position))

    def of_member(self, member_id: str, since: dt.datetime, until: dt.datetime) -> tuple[Entry, ...]:
        mine = (credit_entries.c.member_id == member_id, since <= _WHEN, until > _WHEN)
        query = sa.select(credit_entries).select_from(_DATED).where(*mine)
        return self._entries(query.order_by(credit_entries.c.position.desc()))

    def sums(self, unit_ids: Collection[str], since: dt.datetime, until: dt.datetime) -> tuple[KindSum, ...]:
        """``at`` once more, and wider, for its index: no lesson is settled a year before it was to begin."""
        return self._sums(credit_entries.c.unit_id, unit_ids, since, until)

    def sums_of_members(
        self, member_ids: Collection[str], since: dt.datetime, until: dt.datetime
    ) -> tuple[KindSum, ...]:
        return self._sums(credit_entries.c.member_id, member_ids, since, until)

    def months_of_members(self, member_ids: Collection[str], bounds: Sequence[dt.datetime]) -> tuple[MonthSum, ...]:
        """Months are told apart within, sums are taken without: what is grouped by may not hold parameters twice."""
        entries, found = credit_entries.c, list[MonthSum]()
        month = sa.case(*((end > _WHEN, at) for at, end in enumerate(bounds[1:], 1))).label("month")
        listed = sorted(member_ids)
        for start in range(0, len(listed), _UNITS_AT_ONCE):
            theirs = entries.member_id.in_(padded(listed[start : start + _UNITS_AT_ONCE]))
            inner = (
                sa.select(entries.member_id, month, entries.kind, entries.hundredths)
                .select_from(_DATED)
                .where(theirs, entries.at >= bounds[0] - _EARLIEST, bounds[0] <= _WHEN, bounds[-1] > _WHEN)
                .subquery()
            )
            groups = (inner.c.member_id, inner.c.month, inner.c.kind)
            rows = self._connection.execute(sa.select(*groups, sa.func.sum(inner.c.hundredths)).group_by(*groups))
            found += (MonthSum(member, at, kind, int(total)) for member, at, kind, total in rows)
        return tuple(found)

    def _sums(
        self, key: sa.Column[str], keys: Collection[str], since: dt.datetime, until: dt.datetime
    ) -> tuple[KindSum, ...]:
        entries, found = credit_entries.c, list[KindSum]()
        groups, listed = (entries.unit_id, entries.member_id, entries.kind), sorted(keys)
        for start in range(0, len(listed), _UNITS_AT_ONCE):
            theirs = key.in_(padded(listed[start : start + _UNITS_AT_ONCE]))
            query = (
                sa.select(*groups, sa.func.sum(entries.hundredths), sa.func.count())
                .select_from(_DATED)
                .where(theirs, entries.at >= since - _EARLIEST, since <= _WHEN, until > _WHEN)
                .group_by(*groups)
                .order_by(*groups)
            )
            rows = self._connection.execute(query)
            found += (KindSum(unit, member, kind, int(total), count) for unit, member, kind, total, count in rows)
        return tuple(found)

    def named(self, entry_ids: Collection[str]) -> dict[str, Entry]:
        if not entry_ids:
            return {}
        return {e.id: e for e in self._entries(sa.select(credit_entries).where(credit_entries.c.id.in_(entry_ids)))}

    def head(self) -> Head:
        return read_head(self._connection, BOOK) or EMPTY

    def ended_with(self, hash_: str) -> tuple[int, Entry | None] | None:
        followed = sa.select(credit_entries.c.position - 1).where(credit_entries.c.previous_hash == hash_)
        head = self.head()
        position = self._connection.execute(followed).scalar()
        if position is None:
            if head.hash != hash_:
                return None
            position = head.position
        if position == 0:
            return None  # what the first entry follows is the end of no ledger
        try:
            there = self._entries(sa.select(credit_entries).where(credit_entries.c.position == position))
        except (ValueError, TypeError, OverflowError):  # a damaged row
            there = ()
        return int(position), there[0] if there else None

    def note_day(self, noted: DayHead) -> bool:
        row = {"day": noted.day, "position": noted.head.position, "hash": noted.head.hash, "at": noted.at}
        added = insert(self._connection, ledger_days).values(row).on_conflict_do_nothing()
        return self._connection.execute(added).rowcount == 1

    def day_heads(self, before: dt.date | None, limit: int | None) -> tuple[DayHead, ...]:
        query = sa.select(ledger_days).order_by(ledger_days.c.day.desc()).limit(limit)
        if before is not None:
            query = query.where(ledger_days.c.day < before)
        rows = self._connection.execute(query)
        return tuple(DayHead(row.day, Head(row.position, row.hash), row.at) for row in rows)

    def _entries(self, query: sa.Select[Any]) -> tuple[Entry, ...]:
        return tuple(Entry(**row._mapping) for row in self._connection.execute(query))
