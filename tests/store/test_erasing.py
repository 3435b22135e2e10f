"""After an erasure nothing of the person is left but what the inventory keeps with a reason; others lose nothing."""

import dataclasses
import json

import pytest
import sqlalchemy as sa

from server.domain.erasures import Pseudonym
from server.domain.personal_inventory import INVENTORY
from server.store.erasing import SqlErasing
from server.store.schema import metadata
from tests.store.people import ANNA, BERT, connect, lesson_of, populate
from tests.store.samples import NOW

GONE = Pseudonym("已注销学员 7F3A", "erased-7f3a")


def content(connection):
    return {
        name: [dict(row._mapping) for row in connection.execute(sa.select(table))]
        for name, table in metadata.tables.items()
    }


@pytest.fixture(scope="module")
def tables():
    with connect() as connection:
        populate(connection, ANNA, BERT)
        before = content(connection)
        SqlErasing(connection).erase(ANNA, GONE, NOW, NOW.date())
        yield before, content(connection)


def personal(name):
    held = INVENTORY[name]
    apart = ("detail", "salt") if name == "audit_lines" else ()  # emptied by the log itself, see test_trail
    secrets = held.secrets if held.personal else ()  # of nobody in particular
    return {*held.names, *held.by_names, *held.texts, *held.traces, *secrets, *held.walked} - set(apart)


def said(rows, columns):
    return " ".join(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        for row in rows
        for column, value in row.items()
        if column in columns
    )


@pytest.mark.parametrize("name", sorted(INVENTORY))
def test_nothing_is_left_of_the_person(tables, name):
    _, after = tables
    text = said(after[name], personal(name))
    assert ANNA.name not in text
    assert ANNA.number not in text
    assert all(ANNA.number not in said([row], row.keys()) for row in after["accounts"])


@pytest.mark.parametrize("name", sorted(INVENTORY))
def test_others_lose_nothing(tables, name):
    before, after = tables
    theirs = [row for row in before[name] if ANNA.name not in json.dumps(row, default=str, ensure_ascii=False)]
    assert [row for row in theirs if row not in after[name]] == []


@pytest.mark.parametrize("name", sorted(name for name, held in INVENTORY.items() if held.personal))
def test_rows_stay_or_go_as_the_inventory_says(tables, name):
    before, after = tables
    lost = len(before[name]) - len(after[name])
    assert lost == (1 if INVENTORY[name].fate == "delete" else 0) or name == "member_assignments"


def test_the_ledger_is_left_exactly_as_it_was(tables):
    before, after = tables
    assert after["credit_entries"] == before["credit_entries"]
    assert after["verdicts"] == before["verdicts"]


def test_events_keep_their_places(tables):
    before, after = tables

    def places(rows):
        return [(row["lesson_id"], row["seq"], row["kind"], row["actor"]) for row in rows]

    assert places(after["lesson_events"]) == places(before["lesson_events"])


def test_the_account_serves_no_more(tables):
    account = next(row for row in tables[1]["accounts"] if row["id"] == ANNA.account_id)
    assert (account["name"], account["number"], account["disabled"]) == (GONE.name, GONE.number, True)
    assert account["password_hash"] is None


def test_a_longer_name_of_somebody_else_stays_whole():
    """李明 stands in 李明华: neither sheets, events nor answers to commands may rename the other."""
    short, other = dataclasses.replace(ANNA, name="李明"), dataclasses.replace(BERT, name="李明华")
    with connect() as connection:
        populate(connection, short, other)
        both = json.dumps({"said": "李明、李明华", "number": short.number}, ensure_ascii=False)
        theirs = metadata.tables["commands"].c.actor == other.account_id
        connection.execute(sa.update(metadata.tables["commands"]).where(theirs).values(result=both))
        sheets = metadata.tables["attendance_sheets"]
        connection.execute(sa.update(sheets).values(lesson_id=lesson_of(short)))
        before = content(connection)
        SqlErasing(connection).erase(short, GONE, NOW, NOW.date())
        after = content(connection)
    spoken = json.dumps(after, ensure_ascii=False, default=str)
    assert f"{GONE.name}华" not in spoken
    assert [row["result"] for row in after["commands"]] == [
        both.replace("李明、", f"{GONE.name}、").replace(short.number, GONE.number)
    ]
    kept = [row for row in before["attendance_sheets"] if "李明华" in row["content"]]
    assert [row["content"].count("李明华") for row in kept] == [
        row["content"].count("李明华") for row in after["attendance_sheets"] if "李明华" in row["content"]
    ]


def test_an_export_that_is_being_made_ends_with_the_person():
    with connect() as connection:
        populate(connection, ANNA, BERT)
        its = metadata.tables["data_exports"]
        connection.execute(sa.update(its).values(state="running", ended_at=None))
        SqlErasing(connection).erase(ANNA, GONE, NOW, NOW.date())
        states = {
            row.account_id: row.state for row in connection.execute(sa.select(its.c.account_id, its.c.state)).all()
        }
    assert states == {ANNA.account_id: "cancelled", BERT.account_id: "running"}


def test_a_hold_on_a_lesson_holds_whoever_acted_in_it():
    with connect() as connection:
        populate(connection, ANNA, BERT)
        holds, entries = metadata.tables["legal_holds"], metadata.tables["roster_entries"]
        connection.execute(sa.delete(entries))
        connection.execute(sa.delete(metadata.tables["role_grants"]))
        one = {"account_id": None, "lesson_id": "taught", "lifted_at": None, "lifted_by": None}
        connection.execute(sa.delete(holds).where(holds.c.account_id != BERT.account_id))
        connection.execute(sa.update(holds).values(one))
        assert not SqlErasing(connection).standing(ANNA).held
        lessons = metadata.tables["lessons"]
        taught = sa.update(lessons).where(lessons.c.id == connection.execute(sa.select(lessons.c.id)).scalars().first())
        connection.execute(taught.values(id="taught", lecturer_id=ANNA.account_id, state="settled"))
        assert SqlErasing(connection).standing(ANNA).held
