"""The ledger's heads, one a day: noted by the house, only added to, held against the chain."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from server.domain.audit import AuditQuery
from server.domain.chain import EMPTY, Head, head_after
from server.domain.day_heads import DayHead, Standing, standing_of
from server.domain.ledger import extend
from server.domain.refusals import Refusal
from server.services.day_heads import HeadNoter
from server.store.audit import audit, report
from server.store.schema import ledger_days
from tests.store.samples import NOW, TODAY, populate
from tests.store.test_credit_shelves import award, enter

DAY = dt.timedelta(days=1)


async def notes(records):
    return await records.read(lambda tx: tx.ledger.day_heads(None, None))


async def test_the_house_notes_the_head_once_a_day_with_a_line_that_names_it(records, database_url):
    moments = [NOW, NOW, NOW + DAY]
    house = SimpleNamespace(records=records)
    await HeadNoter(house, lambda: NOW).step()
    assert await notes(records) == ()  # nothing was entered
    await records.write(populate)
    entered = []
    for number, moment in enumerate(moments):
        one = replace(award("m1", None), idempotency_key=f"k{number}")
        entered += await records.write(lambda tx, one=one: enter(tx, one))
        await HeadNoter(house, lambda moment=moment: moment).step()
    first, third = head_after(entered[0]), head_after(entered[2])
    assert await notes(records) == (DayHead(TODAY + DAY, third, NOW + DAY), DayHead(TODAY, first, NOW))
    assert await records.read(lambda tx: tx.ledger.day_heads(TODAY + DAY, 5)) == (DayHead(TODAY, first, NOW),)
    lines = await records.read(lambda tx: tx.audit.page(AuditQuery(action="ledger.head"), None, 9))
    assert [line.about for line in lines] == [f"ledger/{TODAY + DAY}/3/{third.hash}", f"ledger/{TODAY}/1/{first.hash}"]
    assert (await audit(database_url)).days_sound


async def test_a_note_of_a_clock_that_went_ahead_holds_up_no_other(records, database_url):
    await records.write(populate)
    await records.write(lambda tx: enter(tx, award("m1", None)))
    house = SimpleNamespace(records=records)
    for moment in (NOW + 1000 * DAY, NOW, NOW + DAY):
        await HeadNoter(house, lambda moment=moment: moment).step()
    assert [noted.day for noted in await notes(records)] == [TODAY + 1000 * DAY, TODAY + DAY, TODAY]
    assert (await audit(database_url)).days_sound


async def test_a_head_of_a_day_that_is_not_in_the_chain_is_named(records, database_url):
    await records.write(populate)
    await records.write(lambda tx: enter(tx, award("m1", None)))
    forged = DayHead(TODAY, Head(1, "f" * 64), NOW)
    assert await records.write(lambda tx: tx.ledger.note_day(forged))
    assert not await records.write(lambda tx: tx.ledger.note_day(replace(forged, head=Head(2, "e" * 64))))
    assert (await audit(database_url)).lost_days == (forged,)
    said, code = await report(database_url)
    assert code == 1
    assert f"{TODAY} 所记账头不在账中" in said


@pytest.mark.parametrize("change", [sa.update(ledger_days).values(hash="e" * 64), sa.delete(ledger_days)])
async def test_the_database_refuses_to_change_or_delete_a_note(records, database, change):
    noted = DayHead(TODAY, Head(1, "f" * 64), NOW)
    await records.write(lambda tx: tx.ledger.note_day(noted))
    with pytest.raises((SQLAlchemyError, Refusal)):
        await database.write(lambda connection: connection.execute(change))
    assert await notes(records) == (noted,)


@pytest.mark.parametrize("day", ["day", "'2001-01-01'"], ids=["by its day", "by its row"])
async def test_sqlite_lets_no_note_be_replaced(records, database, database_url, day):
    if not database_url.startswith("sqlite"):
        return
    noted = DayHead(TODAY, Head(1, "f" * 64), NOW)
    await records.write(lambda tx: tx.ledger.note_day(noted))
    forged = (
        f"REPLACE INTO ledger_days (rowid, day, position, hash, at) SELECT rowid, {day}, 2, 'e', at FROM ledger_days"
    )
    await database.write(lambda connection: connection.exec_driver_sql(forged))
    assert await notes(records) == (noted,)


async def test_notes_that_cannot_be_read_are_a_finding(records, database, database_url):
    if not database_url.startswith("sqlite"):
        return
    forged = sa.text("INSERT INTO ledger_days VALUES ('some day', 1, 'f', 'some time')")
    await database.write(lambda connection: connection.execute(forged))
    found = await audit(database_url)
    assert not found.days_readable
    assert not found.sound
    assert "每日账头无法读取" in (await report(database_url))[0]


async def test_a_head_kept_elsewhere_is_found_where_the_chain_had_it(records):
    await records.write(populate)
    entered = []
    for number in range(3):
        one = replace(award("m1", None), idempotency_key=f"k{number}")
        entered += await records.write(lambda tx, one=one: enter(tx, one))

    async def standing(noted):
        found = await records.read(lambda tx: tx.ledger.ended_with(noted))
        return standing_of(noted, found), found[0] if found else None

    assert [await standing(one.hash) for one in entered] == [(Standing.HELD, n) for n in (1, 2, 3)]
    assert await standing("f" * 64) == await standing(EMPTY.hash) == (Standing.UNKNOWN, None)


@given(st.integers(-5, 5))
def test_an_entry_that_gives_another_amount_is_not_the_one_that_was_noted(more):
    one = extend(EMPTY, [award("m1", None)], NOW)[0]
    changed = replace(one, hundredths=one.hundredths + more)
    assert standing_of(one.hash, (1, changed)) is (Standing.CHANGED if more else Standing.HELD)
    assert standing_of(one.hash, (1, None)) is Standing.CHANGED
    assert standing_of(one.hash, None) is Standing.UNKNOWN
