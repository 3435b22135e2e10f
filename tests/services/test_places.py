"""Where members take part: chosen before the opening, changed by staff afterwards; on SQLite and PostgreSQL."""

from dataclasses import replace

from server.domain.events import to_account
from server.domain.lessons import LessonState
from server.domain.roster import MemberAssignment
from server.services.assignments import get_assignments
from server.services.board import see_board
from server.services.demo import demo_id
from server.services.missing import list_missing
from server.services.own_attendance import see_attendance
from server.services.places import change_place, choose_place, see_place
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import member, sign_in
from tests.store.samples import NOW

MINE, PHONED, OTHERS = "10001", "10021", "10061"
"""Of the secretary's branch; by phone as the demo plans it; of a unit that is assigned to a branch venue."""


async def place(stage, name):
    return next(v.id for v in (await stage.lesson()).venues if v.name == name)


async def see(stage, number=MINE):
    return await see_place(stage.house, await stage.who(number), stage.lesson_id, NOW)


async def choose(stage, where, number=MINE, command=None):
    who = await stage.who(number)
    to = await place(stage, where) if where else None
    return await choose_place(stage.house, who, stage.lesson_id, command or command_id(), lesson_venue_id=to, now=NOW)


async def change(stage, where, number=MINE, by="director", command=None):
    return await change_place(
        stage.house,
        await stage.who(by),
        stage.lesson_id,
        command or command_id(),
        member_id=member(number),
        lesson_venue_id=await place(stage, where) if where else None,
        reason="改到会场",
        now=NOW,
    )


def names(view):
    return [option.lesson_venue.name if option.lesson_venue else None for option in view.options]


def seated(view):
    return next(v.expected for v in view.venues if v.venue.name == "主会场")


async def test_open_are_the_rooms_of_ones_own_line_the_assigned_one_and_the_phone(stage):
    view = await see(stage, PHONED)
    assert (view.place, view.chosen, view.given, view.open) == (None, False, False, True)
    owned = {v.name for v in await stage.records.read(lambda tx: tx.venues.all()) if v.unit_id == demo_id("某集团党委")}
    assert set(names(view)) == owned | {None}
    assigned = await see(stage, OTHERS)
    assert assigned.place.name == "第一分会场"
    assert "第一分会场" in names(assigned)


async def test_a_choice_counts_wherever_places_are_counted_and_is_frozen(stage):
    before = await get_assignments(stage.records, await stage.who("director"), stage.lesson_id, NOW)
    command = command_id()
    chosen = await choose(stage, "主会场", PHONED, command=command)
    assert await choose(stage, "主会场", PHONED, command=command) == chosen
    assert (chosen.place.name, chosen.chosen) == ("主会场", True)
    after = await get_assignments(stage.records, await stage.who("director"), stage.lesson_id, NOW)
    assert seated(after) == seated(before) + 1
    own = await see_attendance(stage.records, await stage.who(PHONED), stage.lesson_id, NOW)
    assert own.lesson_venue.name == "主会场"
    await stage.step("open")
    entry = await stage.records.read(lambda tx: tx.roster.get(stage.lesson_id, member(PHONED)))
    assert entry.lesson_venue_id == await place(stage, "主会场")
    view = await see(stage, PHONED)
    assert (view.place.name, view.chosen, view.open, view.options) == ("主会场", True, False, ())


async def test_the_last_choice_counts_and_the_phone_is_one(stage):
    await choose(stage, "主会场", OTHERS)
    view = await choose(stage, None, OTHERS)
    assert (view.place, view.chosen) == (None, True)


async def test_a_full_room_warns_and_takes_more(stage):
    hall = await place(stage, "主会场")

    def fill(tx):
        room = tx.venues.of_places([hall])[hall]
        tx.venues.save(replace(room, seats=1))

    await stage.records.write(fill)
    await choose(stage, "主会场")
    stage.house.crowds.forget()
    option = next(o for o in (await see(stage, "10002")).options if o.lesson_venue and o.lesson_venue.id == hall)
    assert (option.full, option.seats) == (True, 1)
    assert (await choose(stage, "主会场", "10002")).place.id == hall


async def test_who_is_placed_by_name_or_comes_too_late_is_told_so(stage):
    plan = await stage.records.read(lambda tx: tx.assignments.of(stage.lesson_id))
    named = replace(plan, members=(MemberAssignment(member(MINE), demo_id("主会场")),))
    await stage.records.write(lambda tx: tx.assignments.replace(stage.lesson_id, named))
    view = await see(stage)
    assert (view.given, view.open, view.place.name) == (True, False, "主会场")
    assert await refused(choose(stage, None)) == "place_given"
    assert await refused(see(stage, "director")) == "not_on_roster"
    await stage.records.write(lambda tx: tx.assignments.replace(stage.lesson_id, plan))
    await stage.step("open")
    assert await refused(choose(stage, None)) == "place_closed"


async def test_nobody_chooses_the_phone_where_nothing_is_sent(stage):
    lesson = await stage.lesson()
    await stage.records.write(lambda tx: tx.lessons.save(replace(lesson, media=False)))
    assert None not in names(await see(stage))
    assert await refused(choose(stage, None)) == "place_not_open"


async def test_after_the_opening_staff_change_it_with_a_reason(stage):
    await stage.step("open")
    hall, command = await place(stage, "主会场"), command_id()
    item = await change(stage, "主会场", PHONED, command=command)
    assert (item.lesson_venue_id, await change(stage, "主会场", PHONED, command=command)) == (hall, item)
    said = [e for e in await stage.events() if e.kind == "roster.placed"]
    assert [e.audience for e in said] == ["staff", to_account(demo_id(PHONED))]
    assert {(e.data["before"], e.data["place"], e.data["reason"], e.data["by"]) for e in said} == {
        ("手机参加", "主会场", "改到会场", "会控员")
    }
    own = await see_attendance(stage.records, await stage.who(PHONED), stage.lesson_id, NOW)
    assert (own.lesson_venue.name, own.moved_from) == ("主会场", None)
    admin = await stage.who("admin")
    missing = await list_missing(stage.records, admin, stage.lesson_id, limit=200, now=NOW)
    assert [m.place for m in missing.items if m.member_id == member(PHONED)] == ["主会场"]
    board = await see_board(stage.records, admin, stage.lesson_id, NOW)
    assert [v.expected for v in board.venues if v.lesson_venue_id == hall] == [21]


async def test_only_for_whom_one_answers_and_only_before_the_sign_in(stage):
    assert await refused(change(stage, "主会场")) == "lesson_not_on_air"
    await stage.step("open")
    assert (await change(stage, "主会场", by="secretary")).name == "学员甲01"
    assert await refused(change(stage, "主会场", "10041", by="secretary")) == "forbidden"
    for nobody in ("venue1", MINE):
        assert await refused(change(stage, "主会场", by=nobody)) == "forbidden"
    await change(stage, None)
    await sign_in(stage, MINE)
    assert await refused(change(stage, "主会场")) == "place_signed_in"
    assert (await stage.lesson()).state is LessonState.OPEN
