"""A person's rows in every table that the inventory calls theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from server.domain.erasures import NamedLesson
from server.domain.lessons import LessonState
from server.domain.personal_data import Holding, Person
from server.domain.personal_inventory import INVENTORY
from server.store.schema import accounts, attendance_sheets, legal_holds, lessons, metadata, quizzes, roster_entries

GIVEN_OUT = tuple(name for name, held in INVENTORY.items() if held.given_out)
_BATCH = 500
_KEYS = frozenset({"correct", "blanks", "explanation"})
"""Of a question in a paper."""


def owned(table: sa.Table, held: Holding, person: Person) -> sa.ColumnElement[bool]:
    """Which rows are this person's."""
    columns, which = table.c, []
    if held.member and person.member_id:
        which.append(columns[held.member] == person.member_id)
    if held.account:
        which.append(columns[held.account] == person.account_id)
    if held.number:
        which.append(columns[held.number] == person.number)
    return sa.or_(sa.false(), *which)


def shown(table: sa.Table, held: Holding) -> list[sa.Column[Any]]:
    """What the person is given: no secrets, not who acted on it, and not what is right where it may still be asked."""
    hidden = {*held.secrets, *held.by, *held.by_names, *held.withheld}
    return [column for column in table.columns if column.name not in hidden]


def _closed(table: sa.Table, held: Holding) -> sa.ColumnElement[bool]:
    """Marks of an answer would tell who may still change it whether it is right."""
    if not held.asked:
        return sa.true()
    return ~sa.exists().where(quizzes.c.id == table.c[held.asked], quizzes.c.closed_at.is_(None))


def without_keys(said: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Questions as they were asked, without what is right in them."""
    if isinstance(said, list):
        return [without_keys(each) for each in said]
    if isinstance(said, dict):
        return {name: without_keys(each) for name, each in said.items() if name not in _KEYS}
    return said


class SqlPersonal:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def by_number(self, number: str) -> Person | None:
        return self._person(accounts.c.number == number)

    def of_account(self, account_id: str) -> Person | None:
        return self._person(accounts.c.id == account_id)

    def people(self, account_ids: frozenset[str]) -> dict[str, Person]:
        query = sa.select(accounts).where(accounts.c.id.in_(account_ids))
        return {row.id: _as_person(row) for row in self._connection.execute(query)}

    def rows(self, person: Person, name: str) -> Iterator[list[dict[str, Any]]]:
        """Of one of the tables ``GIVEN_OUT``, as JSON has them but for times; some at a time."""
        table, held = metadata.tables[name], INVENTORY[name]
        keys, given = list(table.primary_key), shown(table, held)
        marks = [key.label(f"key_{at}") for at, key in enumerate(keys)]
        mine = (owned(table, held, person), _closed(table, held))
        query = sa.select(*given, *marks).where(*mine).order_by(*keys).limit(_BATCH)
        some = self._connection.execute(query).all()
        while some:
            yield [{column.name: _value(row, column, held) for column in given} for row in some]
            if len(some) < _BATCH:
                return
            last = [sa.literal(some[-1]._mapping[mark.name], key.type) for mark, key in zip(marks, keys, strict=True)]
            beyond = sa.tuple_(*keys) > sa.tuple_(*last) if len(keys) > 1 else keys[0] > last[0]
            some = self._connection.execute(query.where(beyond)).all()

    def sheet_lines(self, person: Person) -> Iterator[list[dict[str, Any]]]:
        """The own line of every sheet that names the person."""
        for row in self._sheets(person):
            lines = json.loads(row.content)["body"]["lines"]
            said = {"sheet_id": row.id, "lesson_id": row.lesson_id, "version": row.version}
            yield [{**said, "line": line} for line in lines if line["member_id"] == person.member_id]

    def lessons_named(self, words: str, limit: int) -> tuple[NamedLesson, ...]:
        its, holds = lessons.c, legal_holds.c
        held = sa.exists().where(holds.lesson_id == its.id, holds.lifted_at.is_(None))
        query = sa.select(its.id, its.title, its.unit_id, its.starts_at, its.state, held.label("held"))
        named = its.title.contains(words, autoescape=True) if words else sa.true()
        rows = self._connection.execute(query.where(named).order_by(its.starts_at.desc(), its.id).limit(limit))
        return tuple(
            NamedLesson(**{**row._mapping, "state": LessonState(row.state), "held": bool(row.held)}) for row in rows
        )

    def lesson_titles(self, lesson_ids: frozenset[str]) -> dict[str, str]:
        wanted, found = sorted(lesson_ids), {}
        for start in range(0, len(wanted), _BATCH):
            query = sa.select(lessons.c.id, lessons.c.title).where(lessons.c.id.in_(wanted[start : start + _BATCH]))
            found.update({row.id: row.title for row in self._connection.execute(query)})
        return found

    def _sheets(self, person: Person) -> Iterator[sa.Row[Any]]:
        mine = sa.select(roster_entries.c.lesson_id).where(roster_entries.c.member_id == person.member_id)
        its = attendance_sheets.c
        if person.member_id is None:
            return
        query = sa.select(its.id).where(its.lesson_id.in_(mine), its.content.contains(person.member_id))
        for sheet_id in self._connection.execute(query.order_by(its.lesson_id, its.version)).scalars().all():
            yield self._connection.execute(sa.select(attendance_sheets).where(its.id == sheet_id)).one()

    def _person(self, which: sa.ColumnElement[bool]) -> Person | None:
        query = sa.select(accounts).where(which, accounts.c.kind == "person")
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _as_person(row)


def _value(row: sa.Row[Any], column: sa.Column[Any], held: Holding) -> object:
    said = row._mapping[column.name]
    return without_keys(said) if column.name in held.keyed else said


def _as_person(row: sa.Row[Any]) -> Person:
    said = dict(row._mapping)
    return Person(said["id"], said["member_id"], said["number"], said["name"])
