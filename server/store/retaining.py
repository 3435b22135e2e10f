"""Retention rules and sweeps as rows; and the sweep itself, a slice at a time, as the steps say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.lessons import LessonState
from server.domain.personal_data import DataClass
from server.domain.personal_inventory import INVENTORY
from server.domain.retention import RetentionRule, Sweep
from server.domain.retention_steps import Key, Step
from server.store.schema import (
    accounts,
    audit_lines,
    legal_holds,
    lessons,
    make_ups,
    metadata,
    retention_rules,
    retention_sweeps,
    roster_entries,
)
from server.store.upserts import insert

OVER = (LessonState.SETTLED.value, LessonState.ARCHIVED.value, LessonState.CANCELLED.value)
_rules, _sweeps, _holds = retention_rules.c, retention_sweeps.c, legal_holds.c


class SqlRetention:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rules(self) -> tuple[RetentionRule, ...]:
        query = sa.select(retention_rules).order_by(_rules.data_class, _rules.since)
        return tuple(
            RetentionRule(DataClass(row.data_class), row.since, row.days, row.set_by)
            for row in self._connection.execute(query)
        )

    def put(self, rule: RetentionRule, now: dt.datetime) -> None:
        """What was to hold later does not any more; what held stays in the record."""
        later = (_rules.data_class == rule.data_class.value, _rules.since > now)
        self._connection.execute(sa.delete(retention_rules).where(*later))
        fields = {**asdict(rule), "data_class": rule.data_class.value}
        adding = insert(self._connection, retention_rules).values(fields)
        changed = {name: adding.excluded[name] for name in ("days", "set_by")}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["data_class", "since"], set_=changed))

    # ---- sweeps ----------------------------------------------------------------------------------------

    def sweep(self, day: dt.date, *, lock: bool = False) -> Sweep | None:
        query = sa.select(retention_sweeps).where(_sweeps.day == day)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Sweep(**row._mapping)

    def sweeps(self, limit: int) -> tuple[Sweep, ...]:
        query = sa.select(retention_sweeps).order_by(_sweeps.day.desc()).limit(limit)
        return tuple(Sweep(**row._mapping) for row in self._connection.execute(query))

    def begin(self, sweep: Sweep) -> bool:
        """False: another process has begun it."""
        adding = insert(self._connection, retention_sweeps).values({**asdict(sweep), "counts": dict(sweep.counts)})
        return self._connection.execute(adding.on_conflict_do_nothing()).rowcount == 1

    def save(self, sweep: Sweep) -> None:
        fields = {**asdict(sweep), "counts": dict(sweep.counts)}
        self._connection.execute(sa.update(retention_sweeps).where(_sweeps.day == sweep.day).values(fields))

    # ---- what is due -----------------------------------------------------------------------------------

    def held(self) -> bool:
        """Whether any legal hold stands."""
        query = sa.select(sa.func.count()).select_from(legal_holds).where(_holds.lifted_at.is_(None))
        return self._connection.execute(query).scalar_one() > 0

    def due(self, step: Step, before: dt.datetime) -> int:
        """How many rows of it are older."""
        query = sa.select(sa.func.count()).select_from(metadata.tables[step.table]).where(*self._which(step, before))
        return int(self._connection.execute(query).scalar_one())

    def found(self, step: Step, before: dt.datetime, after: Key | None, limit: int) -> tuple[Key, ...]:
        keys = list(metadata.tables[step.table].primary_key)
        begun = after[0] if after is not None and keys[0].name == "lesson_id" else None
        query = sa.select(*keys).where(*self._which(step, before, begun=begun)).order_by(*keys).limit(limit)
        if after is not None:
            last = [sa.literal(value, key.type) for value, key in zip(after, keys, strict=True)]
            query = query.where(sa.tuple_(*keys) > sa.tuple_(*last) if len(keys) > 1 else keys[0] > last[0])
        return tuple(tuple(row) for row in self._connection.execute(query))

    def audit_due(self, before: dt.datetime) -> int:
        query = sa.select(sa.func.count()).select_from(audit_lines).where(audit_lines.c.at < before)
        return 0 if self.held() else int(self._connection.execute(query).scalar_one())

    def clear(self, step: Step, before: dt.datetime, found: Sequence[Key]) -> int:
        """Those of them that are due still go or are emptied; how many."""
        table = metadata.tables[step.table]
        keys = list(table.primary_key)
        due = (_among(keys, found), *self._which(step, before, found=True))
        still = self._connection.execute(sa.select(*keys).where(*due)).all()
        if not still:
            return 0
        these = _among(keys, [tuple(row) for row in still])
        if step.blanks:
            values = {name: None if table.c[name].nullable else "" for name in step.blanks}
            self._connection.execute(sa.update(table).where(these).values(values))
        else:
            self._connection.execute(sa.delete(table).where(these))
        return len(still)

    def _which(
        self, step: Step, before: dt.datetime, *, begun: str | None = None, found: bool = False
    ) -> Iterator[sa.ColumnElement[bool]]:
        """``begun``: the lesson at which a search goes on. ``found``: of rows named by their keys: SQLite is to
        find them by these, and not by all the lessons that are old.
        """
        table = metadata.tables[step.table]
        if step.moment:
            yield _moment(step, table) < before
        else:
            yield from self._of_lessons(step, table, before, begun=begun, found=found)
        if step.blanks:
            yield sa.or_(*(sa.func.coalesce(table.c[name], "") != "" for name in step.blanks))
        if step.nouns:
            yield sa.or_(*(table.c.kind.startswith(f"{noun}.", autoescape=True) for noun in step.nouns))
        if step.closed:
            yield table.c[step.closed].is_(None)
        if step.childless:
            child, column = metadata.tables[step.childless[0]], step.childless[1]
            yield ~sa.exists().where(child.c[column] == table.c.id)
        yield from self._not_held(step, table)

    def _of_lessons(
        self, step: Step, table: sa.Table, before: dt.datetime, *, begun: str | None, found: bool
    ) -> Iterator[sa.ColumnElement[bool]]:
        its = lessons.c
        held = sa.select(_holds.lesson_id).where(_holds.lifted_at.is_(None), _holds.lesson_id.is_not(None))
        over = sa.func.coalesce(its.settled_at, its.ended_at, its.ends_at) < before
        old = sa.select(its.id).where(its.state.in_(OVER), over, its.id.not_in(held))
        if not INVENTORY[step.table].personal:
            old = old.where(its.id.not_in(_lessons_of_the_held()))
        mine = _lesson_of(step, table)
        if begun is not None:
            old = old.where(its.id >= begun)
        yield sa.exists(old.where(its.id == mine).correlate(table)) if found else mine.in_(old)
        if step.after_make_up:
            theirs = (make_ups.c.lesson_id == mine, make_ups.c.member_id == table.c.member_id)
            yield ~sa.exists().where(*theirs, make_ups.c.deadline_at >= before).correlate(table)

    @staticmethod
    def _not_held(step: Step, table: sa.Table) -> Iterator[sa.ColumnElement[bool]]:
        """Nothing of who is under a legal hold, and nothing they did."""
        held = INVENTORY[step.table]
        if not held.personal and not step.of_lesson:
            yield ~sa.exists(_people())
        if held.member:
            members = _people(accounts.c.member_id).where(accounts.c.member_id.is_not(None))
            yield _none_of(table.c[held.member], members)
        for name in filter(None, (held.account, *held.by)):
            yield _none_of(table.c[name], _people())


def _moment(step: Step, table: sa.Table) -> sa.ColumnElement[Any]:
    if step.parent is not None:
        column, name = step.parent
        parent = metadata.tables[name]
        its = sa.select(parent.c[step.moment]).where(parent.c.id == table.c[column])
        return its.correlate(table).scalar_subquery()
    moment = table.c[step.moment]
    if step.begun is None:
        return moment
    other, column = metadata.tables[step.begun[0]], step.begun[1]
    same = (other.c[key.name] == key for key in table.primary_key)
    return sa.func.coalesce(moment, sa.select(other.c[column]).where(*same).correlate(table).scalar_subquery())


def _among(keys: Sequence[sa.ColumnElement[Any]], rows: Sequence[Key]) -> sa.ColumnElement[bool]:
    """Grouped by their first columns: of a list of rows SQLite uses no index."""
    if len(keys) == 1:
        return keys[0].in_([key for (key,) in rows])
    groups: dict[Any, list[Key]] = {}
    for first, *rest in rows:
        groups.setdefault(first, []).append(tuple(rest))
    return sa.or_(*(sa.and_(keys[0] == first, _among(keys[1:], rest)) for first, rest in groups.items()))


def _none_of(column: sa.ColumnElement[Any], ids: sa.Select[Any]) -> sa.ColumnElement[bool]:
    return sa.or_(column.is_(None), column.not_in(ids))


def _people(column: sa.ColumnElement[Any] = accounts.c.id) -> sa.Select[Any]:
    """Who is under a legal hold."""
    joined = sa.join(legal_holds, accounts, accounts.c.id == _holds.account_id)
    return sa.select(column).select_from(joined).where(_holds.lifted_at.is_(None))


def held_lessons() -> tuple[sa.Select[Any], ...]:
    """Those under a legal hold, and those of people who are."""
    held = sa.select(_holds.lesson_id).where(_holds.lifted_at.is_(None), _holds.lesson_id.is_not(None))
    return held, _lessons_of_the_held()


def _lessons_of_the_held() -> sa.Select[Any]:
    """Where they stand on the roster, or teach."""
    on_roster = sa.select(roster_entries.c.lesson_id).where(
        roster_entries.c.member_id.in_(_people(accounts.c.member_id).where(accounts.c.member_id.is_not(None)))
    )
    return sa.select(lessons.c.id).where(sa.or_(lessons.c.id.in_(on_roster), lessons.c.lecturer_id.in_(_people())))


def _lesson_of(step: Step, table: sa.Table) -> sa.ColumnElement[Any]:
    if step.through is None:
        return table.c.lesson_id
    column, name = step.through
    parent = metadata.tables[name]
    return sa.select(parent.c.lesson_id).where(parent.c.id == table.c[column]).correlate(table).scalar_subquery()
