"""After an erasure nothing of the person is left but what the inventory keeps with a reason; others lose nothing."""

import json

import pytest
import sqlalchemy as sa

from server.domain.erasures import Pseudonym
from server.domain.personal_inventory import INVENTORY
from server.store.erasing import SqlErasing
from server.store.schema import metadata
from tests.store.people import ANNA, BERT, connect, populate
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
