"""A person's rows in every table that the inventory calls theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from server.domain.personal_data import Holding, Person
from server.domain.personal_inventory import INVENTORY
from server.store.schema import accounts, attendance_sheets, lessons, metadata, roster_entries

GIVEN_OUT = tuple(name for name, held in INVENTORY.items() if held.given_out)
_BATCH = 500


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
    """What the person is given: no secrets, and not who acted on it."""
    hidden = {*held.secrets, *held.by, *held.by_names}
    return [column for column in table.columns if column.name not in hidden]


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

    def rows(self, person: Person, name: str) -> list[dict[str, Any]]:
        """Of one of the tables ``GIVEN_OUT``, as JSON has them but for times."""
        table, held = metadata.tables[name], INVENTORY[name]
        query = sa.select(*shown(table, held)).where(owned(table, held, person))
        return [dict(row._mapping) for row in self._connection.execute(query.order_by(*table.primary_key))]

    def sheet_lines(self, person: Person) -> list[dict[str, Any]]:
        """The own line of every sheet that names the person."""
        return [
            {"sheet_id": row.id, "lesson_id": row.lesson_id, "version": row.version, "line": line}
            for row in self._sheets(person)
            for line in json.loads(row.content)["body"]["lines"]
            if line["member_id"] == person.member_id
        ]

    def lesson_titles(self, lesson_ids: frozenset[str]) -> dict[str, str]:
        wanted, found = sorted(lesson_ids), {}
        for start in range(0, len(wanted), _BATCH):
            query = sa.select(lessons.c.id, lessons.c.title).where(lessons.c.id.in_(wanted[start : start + _BATCH]))
            found.update({row.id: row.title for row in self._connection.execute(query)})
        return found

    def _sheets(self, person: Person) -> Iterator[sa.Row[Any]]:
        mine = sa.select(roster_entries.c.lesson_id).where(roster_entries.c.member_id == person.member_id)
        query = sa.select(attendance_sheets).where(attendance_sheets.c.lesson_id.in_(mine))
        for row in self._connection.execute(query.order_by(attendance_sheets.c.lesson_id, attendance_sheets.c.version)):
            if person.member_id and person.member_id in row.content:
                yield row

    def _person(self, which: sa.ColumnElement[bool]) -> Person | None:
        query = sa.select(accounts).where(which, accounts.c.kind == "person")
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _as_person(row)


def _as_person(row: sa.Row[Any]) -> Person:
    said = dict(row._mapping)
    return Person(said["id"], said["member_id"], said["number"], said["name"])
