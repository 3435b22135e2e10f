"""The registry of venues: who keeps what, every change with who made it, and seats that warn."""

from server.domain.access import AccountKind
from server.domain.accounts import Account
from server.domain.registry import VenueFacts
from server.services.assignments import get_assignments
from server.services.demo import ROOT, demo_id
from server.services.directory import list_venues
from server.services.registry import Filter, add_venue, change_venue, list_registry, see_history, see_venue
from server.services.venue_networks import set_network
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

VENUE, BRANCH = demo_id("第一分会场"), demo_id("一车间党支部")
FACTS = VenueFacts("新会场", "二楼会议室", 30, "投影在左侧")


async def add(stage, by="admin", unit=BRANCH, command=None, facts=FACTS):
    asked = {"unit_id": unit, "facts": facts, "now": NOW}
    return await add_venue(stage.house, await stage.who(by), command or command_id(), **asked)


async def change(stage, venue_id, facts, version=1, by="admin"):
    asked = {"facts": facts, "version": version, "now": NOW}
    return await change_venue(stage.house, await stage.who(by), venue_id, command_id(), **asked)


async def listed(stage, by="admin", **wanted):
    return [one.name for one in await list_registry(stage.records, await stage.who(by), Filter(**wanted), NOW)]


async def history(stage, venue_id, by="admin"):
    return await see_history(stage.records, await stage.who(by), venue_id, NOW)


async def test_a_venue_is_added_changed_and_retired_and_all_of_it_is_remembered(stage):
    command = command_id()
    made = await add(stage, command=command)
    assert (made.name, made.seats, made.notes, made.version, made.may_edit) == ("新会场", 30, "投影在左侧", 1, True)
    assert await add(stage, command=command) == made
    larger = await change(stage, made.id, VenueFacts("新会场", "二楼会议室", 40, "投影在左侧"))
    assert (larger.seats, larger.version) == (40, 2)
    assert (await change(stage, made.id, VenueFacts("新会场", "二楼会议室", 40, "投影在左侧"), 2)).version == 2
    assert await refused(change(stage, made.id, FACTS, 1)) == "precondition_failed"
    await change(stage, made.id, VenueFacts("新会场", "二楼会议室", 40, "投影在左侧", retired=True), 2)
    told = await history(stage, made.id)
    assert [(one.kind, one.by.id) for one in told] == [
        ("retired", demo_id("admin")),
        ("changed", demo_id("admin")),
        ("added", demo_id("admin")),
    ]
    assert told[1].facts == {"seats": [30, 40]}


async def test_networks_stand_in_the_history_once(stage):
    asked = {"networks": ["192.0.2.0/24"], "shares_device": False, "now": NOW}
    for _ in range(2):
        await set_network(stage.house, await stage.who("admin"), VENUE, command_id(), **asked)
    (told,) = await history(stage, VENUE)
    assert told.facts["networks"] == [[], ["192.0.2.0/24"]]


async def test_a_retired_venue_is_offered_to_no_new_lesson(stage):
    made = await add(stage)
    retired = VenueFacts(FACTS.name, FACTS.room, FACTS.seats, FACTS.notes, retired=True)
    await change(stage, made.id, retired)
    assert made.id not in {one.id for one in await list_venues(stage.records, await stage.who("admin"), NOW)}
    assert "新会场" not in await listed(stage)
    assert await listed(stage, retired=True) == ["新会场"]


async def test_the_list_is_narrowed_by_words_and_unit(stage):
    assert len(await listed(stage)) == 3
    assert await listed(stage, words="一车间") == ["第一分会场"]
    assert await listed(stage, unit_id=BRANCH) == ["第一分会场"]
    assert await listed(stage, words="没有") == []


async def test_who_plans_lessons_keeps_venues_and_an_operator_sees_the_own_one(stage):
    for number in ("10001", "venue1"):
        assert await refused(listed(stage, number)) == "forbidden"
    for number in ("director", "secretary", "lecturer", "10001", "venue1"):
        assert await refused(add(stage, number)) == "forbidden"
        assert await refused(change(stage, VENUE, FACTS, by=number)) == "forbidden"
        assert await refused(history(stage, VENUE, number)) == "forbidden"
    person = Account("op", "op", "会场操作员", AccountKind.PERSON, unit_id=demo_id(ROOT), venue_id=VENUE)
    await stage.records.write(lambda tx: tx.accounts.add([person], []))
    operator = await stage.records.read(lambda tx: tx.accounts.principal("op", NOW.date()))
    own = next(one for one in await list_registry(stage.records, operator, Filter(), NOW) if one.operators)
    assert (own.id, own.may_edit, [one.number for one in own.operators]) == (VENUE, False, ["op"])
    asked = {"facts": FACTS, "version": 1, "now": NOW}
    assert await refused(change_venue(stage.house, operator, VENUE, command_id(), **asked)) == "forbidden"
    assert own.may_pair
    assert await refused(see_history(stage.records, operator, demo_id("第二分会场"), NOW)) == "forbidden"
    assert await refused(see_venue(stage.records, operator, demo_id("nowhere"), NOW)) == "venue_not_found"


async def test_others_who_work_there_see_it_without_its_networks(stage):
    asked = {"networks": ["192.0.2.0/24"], "shares_device": False, "now": NOW}
    await set_network(stage.house, await stage.who("admin"), VENUE, command_id(), **asked)
    seen = await see_venue(stage.records, await stage.who("director"), VENUE, NOW)
    assert (seen.networks, seen.may_edit, seen.may_pair) == ((), False, False)
    assert (await see_venue(stage.records, await stage.who("admin"), VENUE, NOW)).networks == ("192.0.2.0/24",)


async def test_more_people_than_seats_is_told_and_blocks_nothing(stage):
    small = await stage.records.read(lambda tx: tx.venues.get(VENUE))
    await change(stage, VENUE, VenueFacts(small.name, small.room, 5, small.notes))
    view = await get_assignments(stage.records, await stage.who("admin"), stage.lesson_id, NOW)
    room = next(one for one in view.venues if one.venue.id == VENUE)
    assert (room.seats, room.expected) == (5, 20)
    await stage.step("open")
