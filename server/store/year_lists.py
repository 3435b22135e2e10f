"""Reminders of a year, and its confirmed lists, as rows that are only added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.year_lists import Reminder, YearList
from server.store.batches import batched
from server.store.schema import year_lists, year_reminders

_r, _l = year_reminders.c, year_lists.c


class SqlYearLists:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def reminded(self, member_ids: Collection[str], year: int) -> dict[str, dt.datetime]:
        found: dict[str, dt.datetime] = {}
        last = sa.func.max(_r.at, type_=_r.at.type)
        for some in batched(member_ids):
            query = sa.select(_r.member_id, last).where(_r.member_id.in_(some), _r.year == year).group_by(_r.member_id)
            found |= {row[0]: row[1] for row in self._connection.execute(query)}
        return found

    def last_reminder(self, member_id: str, year: int) -> Reminder | None:
        mine = (_r.member_id == member_id, _r.year == year)
        query = sa.select(year_reminders).where(*mine).order_by(_r.at.desc(), _r.id).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Reminder(**row._mapping)

    def reminders(self, reminder_ids: Collection[str]) -> tuple[Reminder, ...]:
        found: list[Reminder] = []
        for some in batched(reminder_ids):
            query = sa.select(year_reminders).where(_r.id.in_(some))
            found += [Reminder(**row._mapping) for row in self._connection.execute(query)]
        return tuple(found)

    def remind(self, reminders: Sequence[Reminder]) -> None:
        if reminders:
            self._connection.execute(sa.insert(year_reminders), [asdict(each) for each in reminders])

    def last_list(self, unit_id: str, year: int) -> YearList | None:
        its = (_l.unit_id == unit_id, _l.year == year)
        query = sa.select(year_lists).where(*its).order_by(_l.version.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else YearList(**row._mapping)

    def add_list(self, one: YearList) -> None:
        self._connection.execute(sa.insert(year_lists).values(asdict(one)))
