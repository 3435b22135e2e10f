"""Speakers with the names that the record has for them."""

from server.services.speaking import speaking_target
from tests.services.conftest import refused
from tests.store.samples import NOW


async def speaker(stage, number):
    who = await stage.who(number)
    _, found = await stage.records.read(lambda tx: speaking_target(tx, who, stage.lesson_id, NOW))
    return found


async def test_a_member_has_name_and_unit_of_the_roster(opened):
    who = await opened.who("10001")
    entry = await opened.records.read(lambda tx: tx.roster.get(opened.lesson_id, who.member_id))
    units = await opened.records.read(lambda tx: tx.units.names([entry.unit_id], NOW.date()))
    found = await speaker(opened, "10001")
    assert (found.member_id, found.name, found.unit) == (who.member_id, entry.name, units[entry.unit_id])
    assert found.account_id == who.account_id


async def test_a_venue_has_its_own_name(opened):
    found = await speaker(opened, "venue1")
    assert found.name == "第一分会场"
    assert f"venue-{found.lesson_venue_id}" == await opened.source_of("venue1")
    assert found.unit


async def test_who_has_no_place_and_a_lesson_off_the_air_are_refused(stage):
    assert await refused(speaker(stage, "10001")) == "lesson_not_on_air"
    await stage.step("open")
    assert await refused(speaker(stage, "director")) == "forbidden"
