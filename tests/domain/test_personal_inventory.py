"""The inventory of personal data, held against the schema: a new table or column can't be forgotten."""

import re

import pytest

from server.domain.personal_data import WORDS, DataClass
from server.domain.personal_inventory import INVENTORY
from server.store.schema import metadata

PERSONAL = re.compile(
    r"(^|_)(by|actor|member|account|name|names|number|phone|address|ip|device|browser|client|note|notes|text|reason"
    r"|answer|speaker|caller|leader|lecturer|login|email|spelling|initials|topic|secret|password|digest)(_id|_key|$)"
)
NO_PERSON = {"number"}
"""Columns of many tables that count; where it is a login it is named below."""
LOGIN_NUMBERS = {"accounts", "login_failures"}
TABLES = sorted(metadata.tables)


def speaks_of_people(table, column):
    keys = {key.column.table.name for key in column.foreign_keys}
    if keys & {"members", "accounts"}:
        return True
    if column.name == "number":
        return table in LOGIN_NUMBERS
    return PERSONAL.search(column.name) is not None and str(column.type) in {"VARCHAR", "JSON"}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_and_every_column_that_may_speak_of_a_person_is_in_the_inventory(table):
    held = INVENTORY[table]
    columns = metadata.tables[table].columns
    digests = {column.name for column in columns if column.name.endswith(("digest", "hash"))}
    left = {column.name for column in columns if speaks_of_people(table, column)} - held.named - digests
    assert not left, f"{table}: say what becomes of {sorted(left)} when the person is erased"


@pytest.mark.parametrize("table", TABLES)
def test_the_inventory_names_no_column_that_is_not_there(table):
    assert INVENTORY[table].named <= {column.name for column in metadata.tables[table].columns}


def test_the_inventory_names_no_table_that_is_not_there():
    assert set(INVENTORY) == set(TABLES)


def test_what_is_kept_is_kept_for_a_reason():
    assert [name for name, held in INVENTORY.items() if held.kept and not (held.why and held.why_en)] == []


def test_every_class_has_its_words():
    assert set(WORDS) == set(DataClass)
    assert {held.kind for held in INVENTORY.values()} <= set(DataClass)
