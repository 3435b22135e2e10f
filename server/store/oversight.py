"""Overseen items (督办) and their steps, as rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.oversight import DONE, Oversight, OversightState, OversightStep, Shown, Step, Subject
from server.store.batches import batched
from server.store.schema import oversight_steps, oversights, units

_its, _steps = oversights.c, oversight_steps.c


class SqlOversight:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, oversight_id: str, *, lock: bool = False) -> Oversight | None:
        query = sa.select(oversights).where(_its.id == oversight_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _oversight(row)

    def among(self, oversight_ids: Collection[str]) -> tuple[Oversight, ...]:
        found: list[Oversight] = []
        for some in batched(oversight_ids):
            found += map(_oversight, self._connection.execute(sa.select(oversights).where(_its.id.in_(some))))
        return tuple(found)

    def open_between(self, first: dt.date, last: dt.date, *, after: str, limit: int) -> tuple[Oversight, ...]:
        due = (_its.state == OversightState.OPEN.value, _its.due_on.between(first, last), _its.id > after)
        query = sa.select(oversights).where(*due).order_by(_its.id).limit(limit)
        return tuple(map(_oversight, self._connection.execute(query)))

    def listed(
        self,
        unit_ids: Collection[str],
        today: dt.date,
        *,
        state: Shown | None,
        before: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> tuple[Oversight, ...]:
        found: list[Oversight] = []
        for some in batched(unit_ids):
            query = sa.select(oversights).where(_its.unit_id.in_(some))
            if state is not None:
                query = query.where(_shown(state, today))
            if before is not None:
                last = sa.tuple_(sa.literal(before[0], _its.opened_at.type), sa.literal(before[1]))
                query = query.where(sa.tuple_(_its.opened_at, _its.id) < last)
            query = query.order_by(_its.opened_at.desc(), _its.id.desc()).limit(limit)
            found += map(_oversight, self._connection.execute(query))
        return tuple(sorted(found, key=lambda one: (one.opened_at, one.id), reverse=True)[:limit])

    def counts(self, unit_ids: Collection[str], today: dt.date) -> dict[Shown, int]:
        found = dict.fromkeys(Shown, 0)
        for some in batched(unit_ids):
            late = sa.case((_its.due_on < today, 1), else_=0).label("late")
            query = sa.select(_its.state, late, sa.func.count()).where(_its.unit_id.in_(some))
            for state, past, number in self._connection.execute(query.group_by(_its.state, late)):
                overdue = state == OversightState.OPEN and past
                found[Shown.OVERDUE if overdue else Shown(state)] += number
        return found

    def lock_unit(self, unit_id: str) -> int:
        """The unit's row is the lock."""
        self._connection.execute(sa.select(units.c.id).where(units.c.id == unit_id).with_for_update())
        undone = (_its.unit_id == unit_id, _its.state.not_in([state.value for state in DONE]))
        query = sa.select(sa.func.count()).select_from(oversights).where(*undone)
        return int(self._connection.execute(query).scalar_one())

    def add(self, one: Oversight) -> None:
        self._connection.execute(sa.insert(oversights).values(_row(one)))

    def save(self, one: Oversight) -> None:
        self._connection.execute(sa.update(oversights).where(_its.id == one.id).values(_row(one)))

    def enter(self, step: OversightStep) -> None:
        self._connection.execute(sa.insert(oversight_steps).values({**asdict(step), "step": step.step.value}))

    def steps(self, oversight_ids: Collection[str]) -> dict[str, tuple[OversightStep, ...]]:
        found: defaultdict[str, tuple[OversightStep, ...]] = defaultdict(tuple)
        for some in batched(oversight_ids):
            query = sa.select(oversight_steps).where(_steps.oversight_id.in_(some)).order_by(_steps.number)
            for row in self._connection.execute(query):
                found[row.oversight_id] += (OversightStep(**{**row._mapping, "step": Step(row.step)}),)
        return dict(found)


def _shown(state: Shown, today: dt.date) -> sa.ColumnElement[bool]:
    if state is Shown.OVERDUE:
        return sa.and_(_its.state == OversightState.OPEN.value, _its.due_on < today)
    if state is Shown.OPEN:
        return sa.and_(_its.state == OversightState.OPEN.value, _its.due_on >= today)
    return _its.state == state.value


def _row(one: Oversight) -> dict[str, Any]:
    return {**asdict(one), "subject": one.subject.value, "state": one.state.value}


def _oversight(row: sa.Row[Any]) -> Oversight:
    return Oversight(**{**row._mapping, "subject": Subject(row.subject), "state": OversightState(row.state)})
