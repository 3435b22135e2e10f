"""Failovers and the members whom they moved, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from server.domain.failover import Failover, Move, Person
from server.domain.roster import PHONE
from server.store.places import place_of
from server.store.roster import BOTH, WITH_SIGN_IN, entry_of, joined_sign_in
from server.store.schema import failover_moves, failovers, lesson_venues, roster_entries, sign_ins

_CHUNK = 500
_FAILOVER = [field.name for field in fields(Failover)]
_MOVE = [field.name for field in fields(Move)]
_PEOPLE = sa.select(*BOTH).select_from(WITH_SIGN_IN)


class SqlFailovers:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, failover_id: str) -> Failover | None:
        row = self._connection.execute(sa.select(failovers).where(failovers.c.id == failover_id)).one_or_none()
        return None if row is None else _failover(row)

    def of(self, lesson_id: str) -> tuple[Failover, ...]:
        query = sa.select(failovers).where(failovers.c.lesson_id == lesson_id).order_by(failovers.c.at, failovers.c.id)
        return tuple(_failover(row) for row in self._connection.execute(query))

    def add(self, failover: Failover) -> None:
        self._connection.execute(sa.insert(failovers).values(asdict(failover)))
        self._mark(failover, failover.id, failover.target or PHONE)

    def undo(self, failover: Failover) -> None:
        change = sa.update(failovers).where(failovers.c.id == failover.id)
        self._connection.execute(change.values(undone_at=failover.undone_at, undone_by=failover.undone_by))
        self._mark(failover, None, None)

    def _mark(self, failover: Failover, failover_id: str | None, to: str | None) -> None:
        change = sa.update(lesson_venues).where(lesson_venues.c.id == failover.origin)
        self._connection.execute(change.values(failover_id=failover_id, failover_to=to))

    def people(self, lesson_id: str, lesson_venue_id: str) -> tuple[Person, ...]:
        here = [place_of(table) == lesson_venue_id for table in (roster_entries, sign_ins)]
        return self._people(roster_entries.c.lesson_id == lesson_id, sa.or_(*here))

    def moved(self, failover_id: str) -> tuple[Person, ...]:
        went = sa.select(failover_moves.c.member_id).where(failover_moves.c.failover_id == failover_id)
        lesson = sa.select(failovers.c.lesson_id).where(failovers.c.id == failover_id).scalar_subquery()
        return self._people(roster_entries.c.lesson_id == lesson, roster_entries.c.member_id.in_(went))

    def _people(self, *conditions: sa.ColumnElement[bool]) -> tuple[Person, ...]:
        rows = self._connection.execute(_PEOPLE.where(*conditions).order_by(roster_entries.c.member_id))
        return tuple((entry_of(row), joined_sign_in(row)) for row in rows)

    def moves(self, lesson_id: str) -> tuple[Move, ...]:
        return self._moves(failover_moves.c.lesson_id == lesson_id)

    def moves_of(self, failover_id: str) -> tuple[Move, ...]:
        return self._moves(failover_moves.c.failover_id == failover_id)

    def _moves(self, condition: sa.ColumnElement[bool]) -> tuple[Move, ...]:
        order = (failover_moves.c.at, failover_moves.c.member_id)
        rows = self._connection.execute(sa.select(failover_moves).where(condition).order_by(*order))
        return tuple(Move(**{name: getattr(row, name) for name in _MOVE}) for row in rows)

    def move(self, lesson_id: str, moves: Sequence[Move]) -> None:
        if not moves:
            return
        rows = [{"lesson_id": lesson_id, **asdict(each)} for each in moves]
        self._connection.execute(sa.insert(failover_moves), rows)
        there = {"moved_at": moves[0].at, "moved_to": moves[0].target}
        self._set(roster_entries, lesson_id, [each.member_id for each in moves if each.rostered], there)
        for stayed in {each.arrived_at for each in moves}:
            ids = [each.member_id for each in moves if each.signed_in and each.arrived_at == stayed]
            self._set(sign_ins, lesson_id, ids, {**there, "arrived_at": stayed})

    def _set(self, table: sa.Table, lesson_id: str, member_ids: Sequence[str], values: dict[str, Any]) -> int:
        changed = 0
        for first in range(0, len(member_ids), _CHUNK):
            some = member_ids[first : first + _CHUNK]
            change = sa.update(table).where(table.c.lesson_id == lesson_id, table.c.member_id.in_(some))
            changed += self._connection.execute(change.values(values)).rowcount
        return changed

    def arriving(self, lesson_id: str, lesson_venue_id: str) -> tuple[str, ...]:
        awaited = (sign_ins.c.moved_to == lesson_venue_id, sign_ins.c.arrived_at.is_(None))
        query = sa.select(sign_ins.c.member_id).where(sign_ins.c.lesson_id == lesson_id, *awaited)
        return tuple(self._connection.execute(query.order_by(sign_ins.c.member_id)).scalars())

    def arrive(self, lesson_id: str, member_ids: Sequence[str], at: dt.datetime, by: str) -> int:
        arrived = 0
        for member_id in member_ids:
            mine = (sign_ins.c.lesson_id == lesson_id, sign_ins.c.member_id == member_id)
            waits = (sign_ins.c.moved_to.is_not(None), sign_ins.c.arrived_at.is_(None))
            came = sa.update(sign_ins).where(*mine, *waits).values(arrived_at=at).returning(sign_ins.c.moved_at)
            moved_at = self._connection.execute(came).scalar_one_or_none()
            if moved_at is None:
                continue
            arrived += 1
            moves = failover_moves.c
            its = (moves.lesson_id == lesson_id, moves.member_id == member_id, moves.at == moved_at)
            self._connection.execute(sa.update(failover_moves).where(*its).values(arrived_at=at, arrived_by=by))
        return arrived


def _failover(row: sa.Row[Any]) -> Failover:
    return Failover(**{name: getattr(row, name) for name in _FAILOVER})
