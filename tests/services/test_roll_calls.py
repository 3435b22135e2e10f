"""点名: steps of the director, the venue's answer, what each hears, and what is kept."""

import datetime as dt

import pytest

from server.domain.roll_calls import RollResult
from server.services.roll_calls import (
    answer_roll_call,
    call_venue,
    decide_roll,
    finish_roll_call,
    list_roll_calls,
    roll_call_rows,
    start_roll_call,
)
from server.services.stage import see_stage, staff_stage
from server.services.watching import watch
from tests.services.conftest import command_id, refused
from tests.services.media_twin import OFFER
from tests.store.samples import NOW

SECOND = dt.timedelta(seconds=1)
GOOD, ABSENT = RollResult.ANSWERED, RollResult.ABSENT


async def start(stage, by="director"):
    return await start_roll_call(stage.house, await stage.who(by), stage.lesson_id, command_id(), NOW)


async def decide(stage, venue, result=GOOD, *, by="director", now=NOW, command=None):
    who = await stage.who(by)
    return await decide_roll(
        stage.house, who, stage.lesson_id, command or command_id(), lesson_venue_id=venue, result=result, now=now
    )


async def turn(stage, venue, now=NOW):
    who = await stage.who("director")
    return await call_venue(stage.house, who, stage.lesson_id, command_id(), lesson_venue_id=venue, now=now)


async def answer(stage, by, now=NOW):
    return await answer_roll_call(stage.house, await stage.who(by), stage.lesson_id, command_id(), now=now)


async def finish(stage, by="director"):
    return await finish_roll_call(stage.house, await stage.who(by), stage.lesson_id, command_id(), NOW)


async def sent_since(stage, seq):
    return [
        (e.kind, e.audience, e.data.get("called")) for e in await stage.events(seq) if e.kind.startswith("roll_call.")
    ]


async def places(stage):
    return [(await stage.source_of(number)).removeprefix("venue-") for number in ("venue1", "venue2")]


async def test_one_key_a_venue_from_the_first_to_the_last(opened):
    first, second = await places(opened)
    view = await start(opened)
    assert (view.roll_call.number, view.roll_call.called, view.roll_call.total) == (1, first, 2)
    view = await decide(opened, first)
    assert (view.roll_call.called, view.roll_call.decided) == (second, 1)
    view = await decide(opened, second, ABSENT)
    assert (view.roll_call.called, view.roll_call.running) == (None, True)
    assert (await finish(opened)).roll_call.running is False
    said = (await opened.events())[-1]
    assert (said.kind, said.data["answered"], said.data["absent"], said.data["uncalled"]) == (
        "roll_call.finished",
        1,
        1,
        0,
    )


async def test_a_venue_hears_that_it_is_called_what_came_of_it_and_nothing_of_others(opened):
    first, second = await places(opened)
    seq = (await start(opened)).seq
    told = await sent_since(opened, 0)
    assert told == [
        ("roll_call.started", "staff", None),
        ("roll_call.called", f"venue:{first}", True),
        ("roll_call.called", "staff", True),
    ]
    await decide(opened, first)
    assert await sent_since(opened, seq) == [
        ("roll_call.decided", "staff", None),
        ("roll_call.decided", f"venue:{first}", None),
        ("roll_call.called", f"venue:{first}", False),
        ("roll_call.called", f"venue:{second}", True),
        ("roll_call.called", "staff", True),
    ]
    seen = await see_stage(opened.house, await opened.who("venue1"), opened.lesson_id, NOW)
    assert seen.roll_call.called is None
    assert [(one.id, one.roll.called, one.roll.result, one.roll.proposal) for one in seen.venues] == [
        (first, False, GOOD, None)
    ]


async def test_members_see_nothing_of_it(opened):
    await start(opened)
    seen = await see_stage(opened.house, await opened.who("10001"), opened.lesson_id, NOW)
    assert (seen.roll_call, seen.venues) == (None, ())


async def test_the_called_operator_answers_and_the_proposal_follows_picture_and_sound(opened):
    first, second = await places(opened)
    await start(opened)

    async def proposals(now=NOW):
        await watch(opened.house, now)
        view = await staff_stage(opened.house, opened.lesson_id, now)
        return {one.id: one.roll.proposal for one in view.venues if one.roll}

    assert await proposals() == {first: ABSENT, second: None}
    assert await refused(answer(opened, "venue2")) == "not_called"
    await answer(opened, "venue1")
    assert (await proposals())[first] is RollResult.NO_PICTURE
    opened.media.level_dbov = 127
    await opened.media.publish(opened.lesson_id, f"venue-{first}", OFFER, replace=False)
    await proposals(NOW + SECOND)  # the first picture is seen
    assert (await proposals(NOW + 2 * SECOND))[first] is GOOD
    await decide(opened, first, RollResult.NO_SOUND, now=NOW + 2 * SECOND)
    kept = (await list_roll_calls(opened.house, await opened.who("director"), opened.lesson_id, NOW))[0].entries[0]
    assert (kept.proposed, kept.result, kept.decided_by) == (GOOD, RollResult.NO_SOUND, "会控员")


async def test_who_is_heard_since_it_was_called_has_answered(opened):
    first, _ = await places(opened)
    await opened.media.publish(opened.lesson_id, f"venue-{first}", OFFER, replace=False)
    await start(opened)
    await watch(opened.house, NOW + SECOND)
    view = await staff_stage(opened.house, opened.lesson_id, NOW + SECOND)
    assert next(one.roll.proposal for one in view.venues if one.id == first) is GOOD
    await turn(opened, first, NOW + 2 * SECOND)  # called anew: what was heard before does not count
    view = await staff_stage(opened.house, opened.lesson_id, NOW + 2 * SECOND)
    assert next(one.roll.proposal for one in view.venues if one.id == first) is ABSENT


async def test_going_back_and_correcting(opened):
    first, second = await places(opened)
    await start(opened)
    await decide(opened, first, ABSENT)
    assert (await turn(opened, first)).roll_call.called == first
    view = await decide(opened, first, GOOD)
    assert view.roll_call.called == second
    marks = {one.id: one.roll.result for one in view.venues if one.roll}
    assert marks == {first: GOOD, second: None}


async def test_a_key_sent_twice_decides_one_venue(opened):
    first, second = await places(opened)
    await start(opened)
    command = command_id()
    for _ in range(2):
        view = await decide(opened, first, command=command)
    assert (view.roll_call.called, view.roll_call.decided) == (second, 1)
    assert (await opened.kinds()).count("roll_call.decided") == 2  # staff's and the venue's


async def test_several_in_a_lesson_and_the_last_counts(opened):
    first, _ = await places(opened)
    await start(opened)
    assert await refused(start(opened)) == "roll_call_running"
    await finish(opened)
    assert await refused(finish(opened)) == "roll_call_over"
    assert await refused(decide(opened, first)) == "roll_call_over"
    assert (await start(opened)).roll_call.number == 2
    both = await list_roll_calls(opened.house, await opened.who("director"), opened.lesson_id, NOW)
    assert [(one.number, one.finished_at is None) for one in both] == [(1, False), (2, True)]


async def test_the_end_of_the_lesson_ends_its_roll_call(live):
    await start(live)
    await live.step("end")
    assert "roll_call.finished" in await live.kinds()
    assert await refused(start(live)) == "lesson_not_on_air"


@pytest.mark.parametrize("by", ["10001", "secretary", "venue1"])
async def test_only_who_runs_the_lesson_calls(opened, by):
    first, _ = await places(opened)
    await start(opened)
    assert await refused(start(opened, by=by)) == "forbidden"
    assert await refused(decide(opened, first, by=by)) == "forbidden"
    assert await refused(finish(opened, by=by)) == "forbidden"
    who = await opened.who(by)
    assert await refused(list_roll_calls(opened.house, who, opened.lesson_id, NOW)) == "forbidden"
    assert await refused(roll_call_rows(opened.house, who, opened.lesson_id, NOW)) == "forbidden"


async def test_nobody_but_a_venue_answers(opened):
    await start(opened)
    assert await refused(answer(opened, "10001")) == "forbidden"


async def test_the_sheet_is_of_the_last_one(opened):
    director = await opened.who("director")
    assert await refused(roll_call_rows(opened.house, director, opened.lesson_id, NOW)) == "roll_call_over"
    first, _ = await places(opened)
    await start(opened)
    await decide(opened, first, RollResult.NO_SOUND)
    head, one, two = await roll_call_rows(opened.house, director, opened.lesson_id, NOW)
    assert head[:3] == ("序号", "会场", "结果")
    assert (one[1], one[2], one[5], one[6]) == ("第一分会场", "无声音", "2026-11-22 09:00:00", "会控员")
    assert two[2] == "未点到"
