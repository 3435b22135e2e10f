"""转到备用: one click moves a venue's people, one brings them back; their phones, codes and counts follow."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.presence import Channel, Span
from server.domain.roster import RosterState
from server.services.assisting import assist
from server.services.attending import sweep
from server.services.board import see_board
from server.services.evidence import gather
from server.services.failovers import confirm_arrivals, fail_over, list_failovers, preview_failover, restore_venue
from server.services.own_attendance import see_attendance
from server.services.roster import list_roster
from server.services.stage import see_stage
from tests.services.conftest import command_id, refused
from tests.services.test_sign_ins import MINUTE, Phone, shown
from tests.store.samples import NOW

IN_THE_ROOM, MISSING = "10061", "10062"


async def places(stage):
    return [venue.id for venue in (await stage.lesson()).venues]


async def move(stage, origin, target=None, *, by="director", now=NOW, command=None):
    who = await stage.who(by)
    return await fail_over(
        stage.house, who, stage.lesson_id, command or command_id(), lesson_venue_id=origin, target=target, now=now
    )


async def restore(stage, failover, now, by="director"):
    who = await stage.who(by)
    return await restore_venue(stage.house, who, stage.lesson_id, command_id(), failover_id=failover.id, now=now)


async def attendance(stage, number=IN_THE_ROOM, now=NOW):
    return await see_attendance(stage.records, await stage.who(number), stage.lesson_id, now)


async def scan_in(stage, number, by="venue1", now=NOW, **more):
    (code, *_) = await shown(stage, by=by, now=now)
    phone = Phone(stage, number)
    return await phone.page_scan(code.token, now=now, **more)


async def counts(stage, by="director"):
    board = await see_board(stage.records, await stage.who(by), stage.lesson_id, NOW)
    return {row.lesson_venue_id: (row.expected, row.present, row.missing) for row in board.venues}


async def test_to_the_phones_everybody_of_the_room_takes_part_by_phone(opened):
    _, broken, other = await places(opened)
    await scan_in(opened, IN_THE_ROOM)
    assert (await attendance(opened)).sign_in.lesson_venue_id == broken
    before = await counts(opened)
    told = await move(opened, broken)
    assert (told.moved, told.signed_in, told.arriving, told.target) == (20, 1, 0, None)
    mine, waiting = await attendance(opened), await attendance(opened, MISSING)
    assert (mine.lesson_venue, mine.sign_in.lesson_venue_id, mine.sign_in.arriving) == (None, None, None)
    assert (waiting.lesson_venue, waiting.sign_in) == (None, None)
    after = await counts(opened)
    assert (after[broken], after[other]) == ((0, 0, 0), before[other])
    assert after[None] == tuple(a + b for a, b in zip(before[None], before[broken], strict=True))
    said = [event for event in await opened.events() if event.kind == "venue.failed_over"]
    assert [(event.audience, event.data["to"], event.data["name"]) for event in said] == [
        ("everyone", None, "第一分会场")
    ]
    by_phone = await Phone(opened, MISSING).tap()
    assert (by_phone.lesson_venue_id, by_phone.way) == (None, "phone")


async def test_to_another_venue_they_are_awaited_there_until_they_are_seen(opened):
    _, broken, target = await places(opened)
    await scan_in(opened, IN_THE_ROOM)
    told = await move(opened, broken, target)
    assert (told.signed_in, told.arriving, told.target_name) == (1, 1, "第二分会场")
    mine = await attendance(opened)
    assert (mine.lesson_venue.id, mine.sign_in.lesson_venue_id, mine.sign_in.arriving.id) == (target, None, target)
    first = (await attendance(opened)).sign_in.at
    again = await scan_in(opened, IN_THE_ROOM, by="venue2", now=NOW + MINUTE)
    assert (again.lesson_venue_id, again.arriving, again.at) == (target, None, first)
    assert (await scan_in(opened, MISSING, by="venue2", now=NOW + MINUTE)).lesson_venue_id == target
    (listed,) = await list_failovers(opened.house, await opened.who("director"), opened.lesson_id, NOW)
    assert listed.arriving == 0


async def test_who_was_moved_does_not_arrive_anywhere_else(opened):
    main, broken, target = await places(opened)
    await scan_in(opened, IN_THE_ROOM)
    await move(opened, broken, target)
    assert await refused(scan_in(opened, IN_THE_ROOM, by="venue1", elsewhere=True)) == "another_venue"
    (code, *_) = await shown(opened, by="venue0", venue=main)
    assert await refused(Phone(opened, IN_THE_ROOM).type(code.code, elsewhere=True)) == "another_venue"
    (code, *_) = await shown(opened, by="venue2")
    assert (await Phone(opened, IN_THE_ROOM).type(code.code)).lesson_venue_id == target


async def test_the_targets_operator_sees_and_confirms_who_comes(opened):
    _, broken, target = await places(opened)
    await scan_in(opened, IN_THE_ROOM)
    await scan_in(opened, MISSING)
    await move(opened, broken, target)
    operator = await opened.who("venue2")
    awaited = await list_roster(
        opened.records, operator, opened.lesson_id, state=RosterState.ARRIVING, place=target, now=NOW
    )
    assert {item.number for item in awaited.items} == {IN_THE_ROOM, MISSING}
    assert all(item.sign_in.arriving for item in awaited.items)
    helped = await assist(
        opened.house, operator, opened.lesson_id, command_id(), member_id=(await opened.who(MISSING)).member_id, now=NOW
    )
    assert (helped.lesson_venue_id, helped.arriving) == (target, None)

    async def confirm(by, venue=None):
        who = await opened.who(by)
        return await confirm_arrivals(
            opened.house, who, opened.lesson_id, command_id(), lesson_venue_id=venue, member_ids=None, now=NOW
        )

    assert await refused(confirm("venue1", target)) == "forbidden"
    assert await refused(confirm(IN_THE_ROOM)) == "forbidden"
    assert await confirm("venue2") == 1
    assert await confirm("director", target) == 0


async def test_one_click_undoes_it_at_once_and_nobody_confirms_anything(opened):
    _, broken, _ = await places(opened)
    await scan_in(opened, IN_THE_ROOM)
    before = await counts(opened)
    failover = await move(opened, broken, now=NOW + MINUTE)
    undone = await restore(opened, failover, NOW + 3 * MINUTE)
    assert (undone.undone_by, undone.arriving) == ("会控员", 0)
    assert await counts(opened) == before
    mine = await attendance(opened)
    assert (mine.lesson_venue.id, mine.sign_in.lesson_venue_id, mine.sign_in.arriving) == (broken, broken, None)
    assert await refused(restore(opened, failover, NOW + 4 * MINUTE)) == "failover_not_found"
    assert (await opened.kinds())[-1] == "venue.restored"
    assert (await move(opened, broken, now=NOW + 5 * MINUTE)).moved == 20


async def test_back_after_a_long_time_they_scan_again_in_the_room(opened):
    _, broken, _ = await places(opened)
    await scan_in(opened, IN_THE_ROOM)
    failover = await move(opened, broken, now=NOW + MINUTE)
    await restore(opened, failover, NOW + 30 * MINUTE)
    assert (await attendance(opened)).sign_in.arriving.id == broken
    assert (await scan_in(opened, IN_THE_ROOM, now=NOW + 31 * MINUTE)).lesson_venue_id == broken


async def test_who_came_to_the_target_meanwhile_stays_there(opened):
    _, broken, target = await places(opened)
    await scan_in(opened, IN_THE_ROOM)
    failover = await move(opened, broken, target)
    await scan_in(opened, IN_THE_ROOM, by="venue2", now=NOW + MINUTE)
    await restore(opened, failover, NOW + 2 * MINUTE)
    assert (await attendance(opened)).sign_in.lesson_venue_id == target
    assert (await attendance(opened, MISSING)).lesson_venue.id == broken


async def test_who_signs_in_at_the_broken_venue_later_follows(opened):
    _, broken, _ = await places(opened)
    await move(opened, broken)
    await scan_in(opened, IN_THE_ROOM, now=NOW + MINUTE, elsewhere=True)
    assert (await attendance(opened)).sign_in.lesson_venue_id == broken
    await sweep(opened.house, NOW + 2 * MINUTE)
    assert (await attendance(opened)).sign_in.lesson_venue_id is None
    seq = len(await opened.events())
    await sweep(opened.house, NOW + 3 * MINUTE)
    assert len(await opened.events()) == seq


async def test_the_credit_of_who_was_moved_counts_the_walk_and_no_minute_twice(live):
    _, broken, target = await places(live)
    member, end = (await live.who(IN_THE_ROOM)).member_id, NOW + 60 * MINUTE
    await scan_in(live, IN_THE_ROOM)
    await move(live, broken, target, now=NOW + 20 * MINUTE)
    await scan_in(live, IN_THE_ROOM, by="venue2", now=NOW + 27 * MINUTE)

    def spans(tx):
        tx.spans.checkpoint(
            live.lesson_id,
            [
                Span("a", NOW, NOW + 19 * MINUTE, Channel.VENUE, lesson_venue_id=broken),
                Span("b", NOW, NOW + 45 * MINUTE, Channel.VENUE, lesson_venue_id=target),
                Span("c", NOW + 40 * MINUTE, end, Channel.SOCKET, member_id=member),
            ],
        )

    await live.records.write(spans)

    def ended(tx):
        lesson = tx.lessons.get(live.lesson_id)
        return {one.member_id: one for one in gather(tx, replace(lesson, live_at=NOW, ended_at=end))}

    assert (await live.records.read(ended))[member].present_percent == 100


async def test_the_preview_says_whom_and_where_to(opened):
    main, broken, target = await places(opened)
    await scan_in(opened, IN_THE_ROOM)
    who = await opened.who("director")
    seen = await preview_failover(opened.house, who, opened.lesson_id, lesson_venue_id=broken, now=NOW)
    assert (seen.signed_in, seen.waiting, seen.fallback) == (1, 19, None)
    assert {(c.target, c.seats, c.there, c.fits) for c in seen.choices} == {
        (main, 60, 20, True),
        (target, 20, 20, False),
        (None, None, 0, True),
    }
    for by in ("venue1", IN_THE_ROOM):
        asked = preview_failover(opened.house, await opened.who(by), opened.lesson_id, lesson_venue_id=broken, now=NOW)
        assert await refused(asked) == "forbidden"


async def test_the_stage_shows_it_to_staff_and_to_the_venue(opened):
    _, broken, target = await places(opened)
    failover = await move(opened, broken, target)
    for by in ("director", "venue1"):
        view = await see_stage(opened.house, await opened.who(by), opened.lesson_id, NOW)
        (mine,) = [venue for venue in view.venues if venue.id == broken]
        assert (mine.failover.id, mine.failover.target, mine.failover.target_name) == (
            failover.id,
            target,
            "第二分会场",
        )


@pytest.mark.parametrize("by", ["venue1", "secretary", IN_THE_ROOM])
async def test_only_who_runs_the_lesson_moves_people(opened, by):
    _, broken, _ = await places(opened)
    assert await refused(move(opened, broken, by=by)) == "forbidden"


async def test_a_refusal_changes_nothing_and_a_retry_is_one(opened):
    _, broken, target = await places(opened)
    assert await refused(move(opened, broken, broken)) == "failover_same"
    same = command_id()
    first = await move(opened, broken, target, command=same)
    assert await move(opened, broken, target, command=same, now=NOW + dt.timedelta(seconds=1)) == first
    assert await refused(move(opened, broken, None)) == "failover_active"
    assert await refused(move(opened, target, broken)) == "failover_target"
    assert len(await list_failovers(opened.house, await opened.who("director"), opened.lesson_id, NOW)) == 1


async def test_nothing_moves_before_the_opening(stage):
    _, broken, _ = await places(stage)
    assert await refused(move(stage, broken)) == "lesson_not_on_air"
