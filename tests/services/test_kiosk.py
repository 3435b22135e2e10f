"""自助签到 at a venue's screen: found by number or initials, chosen, confirmed; by the venue's own people only."""

from dataclasses import replace

import pytest

from server.domain.access import AccountKind, Role, RoleGrant
from server.domain.events import to_venue
from server.domain.proof import Level, level
from server.services.assisting import assist
from server.services.board import see_board
from server.services.demo import demo_id
from server.services.evidence import sign_in_parts
from server.services.kiosk import choose_name, find_names, sign_in_at_kiosk, turn_kiosk
from server.store.spelling import initials
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

HERE = "192.0.2.7"


@pytest.fixture
async def kiosk(opened):
    await turn(opened)
    return opened


async def turn(stage, by="director", *, on=True, venue=None):
    """The first venue's, unless another one's is meant."""
    who = await stage.who(by)
    venue = venue or await place_of(stage)
    return await turn_kiosk(stage.house, who, stage.lesson_id, command_id(), lesson_venue_id=venue, on=on, now=NOW)


async def place_of(stage, number="venue1"):
    venue_id = (await stage.who(number)).venue_id
    return next(venue.id for venue in (await stage.lesson()).venues if venue.venue_id == venue_id)


async def expected(stage, number="venue1"):
    """The people of a venue, by number."""
    place = await place_of(stage, number)
    entries = await stage.records.read(lambda tx: tx.roster.of(stage.lesson_id))
    numbers = await stage.records.read(lambda tx: tx.accounts.numbers([entry.member_id for entry in entries]))
    return {numbers[entry.member_id]: entry for entry in entries if entry.place == place}


async def find(stage, typed, by="venue1"):
    return await find_names(stage.records, await stage.who(by), stage.lesson_id, typed, now=NOW)


async def choose(stage, typed, member_id, by="venue1"):
    asked = {"member_id": member_id, "now": NOW}
    return await choose_name(stage.records, await stage.who(by), stage.lesson_id, typed, **asked)


async def sign(stage, typed, member_id, *, by="venue1", command=None):
    asked = {"typed": typed, "member_id": member_id, "address": HERE, "now": NOW}
    return await sign_in_at_kiosk(stage.house, await stage.who(by), stage.lesson_id, command or command_id(), **asked)


async def kept(stage, member_id):
    return await stage.records.read(lambda tx: tx.sign_ins.get(stage.lesson_id, member_id))


async def test_a_member_without_a_phone_finds_the_name_confirms_and_is_signed_in(kiosk):
    number, entry = next(iter((await expected(kiosk)).items()))
    (found,) = (await find(kiosk, f" {number} ")).items
    assert (found.member_id, found.signed_in) == (entry.member_id, False)
    assert found.name != entry.name
    assert "＊" in found.name
    person = await choose(kiosk, number, entry.member_id)
    assert (person.name, person.sign_in) == (entry.name, None)
    view = await sign(kiosk, number, entry.member_id, command="11111111-1111-4111-8111-111111111111")
    assert (view.way, view.venue_name, view.at) == ("kiosk", "第一分会场", NOW)
    again = await sign(kiosk, number, entry.member_id, command="11111111-1111-4111-8111-111111111111")
    assert again == view
    row = await kept(kiosk, entry.member_id)
    assert (row.account_id, row.address, row.device_digest) == (demo_id("venue1"), HERE, None)
    assert (await find(kiosk, number)).items[0].signed_in
    assert (await choose(kiosk, number, entry.member_id)).sign_in == view


async def test_one_device_signs_in_one_after_the_other_and_the_first_sign_in_stands(kiosk):
    people = list((await expected(kiosk)).items())[:3]
    for number, entry in people:
        await sign(kiosk, number, entry.member_id)
    number, entry = people[0]
    asked = {"member_id": entry.member_id, "reason": "", "now": NOW}
    helped = await assist(kiosk.house, await kiosk.who("venue1"), kiosk.lesson_id, command_id(), **asked)
    assert helped.way == "kiosk"
    board = await see_board(kiosk.records, await kiosk.who("director"), kiosk.lesson_id, NOW)
    assert board.present == len(people)


async def test_initials_find_the_venues_people_only_and_no_more_than_the_screen_holds(kiosk):
    entry = next(iter((await expected(kiosk)).values()))
    found = await find(kiosk, initials(entry.name).upper())
    own = {one.member_id for one in (await expected(kiosk)).values()}
    assert {one.member_id for one in found.items} <= own
    assert len(found.items) == 6
    assert found.more
    stranger, elsewhere = next(iter((await expected(kiosk, "venue2")).items()))
    assert (await find(kiosk, stranger)).items == ()
    assert await refused(sign(kiosk, stranger, elsewhere.member_id)) == "member_not_found"


async def test_a_name_is_told_to_nobody_who_has_not_found_it(kiosk):
    (number, entry), (_, other) = list((await expected(kiosk)).items())[:2]
    assert await refused(choose(kiosk, number, other.member_id)) == "member_not_found"
    assert await refused(sign(kiosk, number, other.member_id)) == "member_not_found"
    assert await refused(choose(kiosk, "%", entry.member_id)) == "member_not_found"
    assert await kept(kiosk, other.member_id) is None


async def test_only_the_venues_own_screen_is_a_kiosk_and_only_while_it_is_on(opened):
    number, entry = next(iter((await expected(opened)).items()))
    assert await refused(find(opened, number)) == "kiosk_off"
    assert (await turn(opened)).on
    assert (await find(opened, number)).items
    for by in ("director", "secretary", "admin", number):
        assert await refused(find(opened, number, by)) == "forbidden"
    assert await refused(find(opened, number, "venue2")) == "kiosk_off"
    assert await refused(turn(opened, "secretary")) == "forbidden"
    assert await refused(turn(opened, venue="elsewhere")) == "venue_not_found"
    await turn(opened, on=False)
    assert await refused(sign(opened, number, entry.member_id)) == "kiosk_off"


async def test_a_venues_device_turns_it_neither_on_nor_off_and_hears_who_does(opened):
    place = await place_of(opened)
    for on in (True, False):
        assert await refused(turn(opened, "venue1", on=on)) == "kiosk_by_operator"
    operator = replace(await opened.who("venue1"), kind=AccountKind.PERSON)
    await turn_kiosk(opened.house, operator, opened.lesson_id, command_id(), on=True, now=NOW)
    await turn(opened, on=False)
    said = [event for event in await opened.events() if event.kind == "venue.kiosk"]
    heard = [event.data["on"] for event in said if event.audience == to_venue(place)]
    assert heard == [True, False]


async def test_a_secretary_turns_it_for_venues_of_his_units_alone(opened):
    place = (await opened.lesson()).venues[1]
    unit_id = await opened.records.read(lambda tx: tx.venues.get(place.venue_id).unit_id)
    secretary = await opened.who("secretary")
    above = replace(secretary, grants=(RoleGrant(Role.SECRETARY, unit_id), *secretary.grants))
    asked = {"lesson_venue_id": place.id, "on": True, "now": NOW}
    assert await refused(turn_kiosk(opened.house, secretary, opened.lesson_id, command_id(), **asked)) == "forbidden"
    assert (await turn_kiosk(opened.house, above, opened.lesson_id, command_id(), **asked)).on


async def test_a_kiosk_is_open_while_signing_in_is(stage):
    assert await refused(turn(stage)) == "sign_in_closed"
    await stage.step("open")
    assert (await turn(stage)).on
    number = next(iter(await expected(stage)))
    await stage.step("start", "end")
    assert await refused(find(stage, number)) == "sign_in_closed"


async def test_the_venues_network_speaks_for_no_kiosk(kiosk):
    number, entry = next(iter((await expected(kiosk)).items()))
    venue = (await kiosk.who("venue1")).venue_id
    await kiosk.records.write(lambda tx: tx.venues.set_network(venue, ["192.0.2.0/24"], shares_device=False))
    await sign(kiosk, number, entry.member_id)
    assert (await kept(kiosk, entry.member_id)).at_network is True
    lesson = await kiosk.lesson()
    parts = await kiosk.records.read(lambda tx: sign_in_parts(tx, lesson))
    assert level(parts[entry.member_id]) is Level.FAIR
