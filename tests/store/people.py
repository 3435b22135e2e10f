"""Two people with a row in every table that can hold something of a person, each value of it marked as theirs.

No foreign keys: what is looked at is which columns are read, given out and emptied, not what a lesson is.
"""

import datetime as dt
import json

import sqlalchemy as sa

from server.domain.calendar import Calendar
from server.domain.personal_data import Person
from server.domain.personal_inventory import INVENTORY
from server.store.records import SqlTransaction
from server.store.schema import UtcTime, metadata
from tests.store.samples import NOW

ANNA = Person("account-anna", "member-anna", "number-anna", "name-anna")
BERT = Person("account-bert", "member-bert", "number-bert", "name-bert")


def _to_json(value):
    return json.dumps(value, ensure_ascii=False)


def connect():
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool, json_serializer=_to_json)
    metadata.create_all(engine)
    return engine.connect()


def transaction(connection):
    return SqlTransaction(connection, Calendar())


def lesson_of(person):
    return f"{person.name}-lesson"


def mark(person, table, column):
    """What stands in that column of the person's row."""
    return f"{person.name}-{table}-{column}."


def value(person, table, column, count):
    held = INVENTORY[table.name]
    special = {
        held.member: person.member_id,
        held.account: person.account_id,
        held.number: person.number,
        "lesson_id": lesson_of(person),
        **dict.fromkeys((*held.names, *held.by_names), person.name),
    }
    return special.get(column.name) or typed(column.type, count, person, mark(person, table.name, column.name))


def typed(kind, count, person, text):
    """Something of the column's type; of words the mark."""
    made = {
        sa.Integer: count,
        sa.Boolean: False,
        sa.Date: NOW.date(),
        sa.LargeBinary: text.encode(),
        sa.JSON: {"name": person.name, "text": text, "member_id": person.member_id},
        UtcTime: NOW + dt.timedelta(seconds=count),
    }
    return next((each for of, each in made.items() if isinstance(kind, of)), text)


def populate(connection, *people):
    """A row in every table that can hold something of a person, for each of them."""
    for table in metadata.sorted_tables:
        for count, person in enumerate(people, 1):
            row = {column.name: value(person, table, column, count) for column in table.columns}
            connection.execute(sa.insert(table).values({**row, **special(person, table.name)}))


def special(person, table):
    if table == "accounts":
        return {"kind": "person", "number": person.number, "name": person.name, "member_id": person.member_id}
    if table == "lessons":
        return {"id": lesson_of(person), "state": "settled", "lecturer_id": None}
    if table in {"retention_sweeps", "ledger_days"}:  # one a day
        return {"day": NOW.date() + dt.timedelta(days=sum(person.name.encode()))}
    if table == "roster_imports":
        return {"account_id": "somebody", "state": "done"}
    if table == "attendance_sheets":
        line = {
            "member_id": person.member_id,
            "name": person.name,
            "number": person.number,
            "reason": mark(person, table, "reason"),
        }
        return {"content": json.dumps({"confirmed_by": "a secretary", "body": {"lines": [line]}}, ensure_ascii=False)}
    return {}
