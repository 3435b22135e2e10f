"""Emergency cut and standby: who may, what the media process does, what everybody hears, what a restart keeps."""

import dataclasses
import datetime as dt

from server.domain.curtain import Curtain
from server.services.curtain import begin_cut, end_cut, end_standby, set_standby
from server.services.following import restore_media
from server.services.recordings import live_barrier, replay_closed
from server.services.stage import see_stage
from server.services.watching import watch
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW


async def cut(stage, by="director", reason="", command=None, now=NOW):
    who = await stage.who(by)
    return await begin_cut(stage.house, who, stage.lesson_id, command or command_id(), reason=reason, now=now)


async def uncut(stage, by="director"):
    return await end_cut(stage.house, await stage.who(by), stage.lesson_id, command_id(), NOW)


async def stand_by(stage, seconds=600, note="课间休息", by="director", now=NOW):
    who = await stage.who(by)
    return await set_standby(stage.house, who, stage.lesson_id, command_id(), seconds=seconds, note=note, now=now)


async def test_a_cut_draws_the_curtain_and_everybody_hears_it_but_not_why(live):
    view = await cut(live, reason="误播")
    assert live.room.curtain is Curtain.CUT
    assert (view.cut.since, view.cut.by, view.cut.reason) == (NOW, "会控员", "误播")
    begun, noted = (await live.events())[-2:]
    assert (begun.kind, begun.audience, set(begun.data)) == ("cut.begun", "everyone", {"since"})
    assert (noted.kind, noted.audience, noted.data) == ("cut.noted", "staff", {"by": "会控员", "reason": "误播"})
    assert begun.actor == (await live.who("director")).account_id
    seen = await see_stage(live.house, await live.who("10001"), live.lesson_id, NOW)
    assert (seen.cut.since, seen.cut.by, seen.cut.reason) == (NOW, None, None)


async def test_a_cut_that_the_media_process_did_not_hear_of_is_ordered_again(live):
    live.media.away = True  # for a moment, and nobody notices that it was
    await cut(live)
    live.media.away = False
    assert live.room.curtain is None
    await watch(live.house, NOW + dt.timedelta(seconds=1))
    assert live.room.curtain is Curtain.CUT


async def test_its_end_lifts_it(live):
    await cut(live)
    view = await uncut(live)
    assert (view.cut, live.room.curtain) == (None, None)
    assert (await live.events())[-1].kind == "cut.ended"
    assert view.slots.camera == "main"


async def test_a_cut_sent_twice_is_one_and_another_cut_meanwhile_changes_nothing(live):
    command = command_id()
    first = await cut(live, reason="误播", command=command)
    assert await cut(live, reason="误播", command=command) == first
    assert await cut(live, reason="别的", now=NOW + dt.timedelta(seconds=5)) == first
    assert (await live.kinds()).count("cut.begun") == 1
    assert await refused(cut(live, reason="别的", command=command)) == "command_reused"


async def test_only_who_runs_the_lesson_may(live):
    for by in ("10001", "venue1"):
        assert await refused(cut(live, by=by)) == "forbidden"
        assert await refused(uncut(live, by=by)) == "forbidden"
        assert await refused(stand_by(live, by=by)) == "forbidden"
    assert live.room.curtain is None


async def test_nothing_is_cut_in_a_lesson_that_is_not_on_the_air(stage):
    assert await refused(cut(stage)) == "lesson_not_on_air"


async def test_a_new_media_process_draws_the_curtain_before_it_gets_anything(live):
    await cut(live)
    live.media.restart()
    live.media.calls.clear()
    await restore_media(live.house, NOW)
    order = [call[0] for call in live.media.calls]
    assert live.room.curtain is Curtain.CUT
    assert order.index("set_curtain") < order.index("take")
    assert order.index("set_curtain") < order.index("open_audio")


async def test_a_cut_while_the_media_process_is_away_is_made_good(live):
    live.media.away = True
    view = await cut(live)
    assert view.cut is not None
    live.media.restart()
    await restore_media(live.house, NOW)
    assert live.room.curtain is Curtain.CUT


async def test_who_watches_live_gets_nothing_from_before_the_last_cut(live):
    recording_id = live.room.recording_id
    assert await live_barrier(live.house.records, recording_id) is None
    await cut(live)
    await uncut(live)
    assert await live_barrier(live.house.records, recording_id) == NOW
    assert await live_barrier(live.house.records, "unknown") is None


async def test_after_a_cut_the_replay_is_closed_until_the_lesson_is_over(live):
    recording_id = live.room.recording_id
    assert not await replay_closed(live.house.records, recording_id)
    await cut(live)
    await uncut(live)
    assert await replay_closed(live.house.records, recording_id)
    await live.step("end")
    assert not await replay_closed(live.house.records, recording_id)
    assert not await replay_closed(live.house.records, "unknown")


async def test_an_intermission_counts_down_and_ends_by_a_click(live):
    view = await stand_by(live)
    assert (view.standby.until, view.standby.note) == (NOW + dt.timedelta(seconds=600), "课间休息")
    assert live.room.curtain is Curtain.STANDBY
    event = (await live.events())[-1]
    assert (event.kind, event.audience) == ("standby.set", "everyone")
    assert event.data == {"since": "2026-11-22T01:00:00Z", "until": "2026-11-22T01:10:00Z", "note": "课间休息"}
    moved = await stand_by(live, seconds=60, now=NOW + dt.timedelta(seconds=60))
    assert moved.standby.until == NOW + dt.timedelta(seconds=120)
    view = await end_standby(live.house, await live.who("director"), live.lesson_id, command_id(), NOW)
    assert (view.standby, live.room.curtain) == (None, None)
    assert (await live.events())[-1].kind == "standby.ended"


async def test_a_cut_over_an_intermission_leaves_it(live):
    await stand_by(live)
    await cut(live)
    assert live.room.curtain is Curtain.CUT
    await uncut(live)
    assert live.room.curtain is Curtain.STANDBY


async def test_an_opened_lesson_waits_behind_its_slate_until_it_starts(stage):
    stage.house = dataclasses.replace(stage.house, standby_before_live=True)
    await stage.step("open")
    view = await see_stage(stage.house, await stage.who("10001"), stage.lesson_id, NOW)
    assert (view.standby.until, view.standby.note) == (None, ""), "its planned start is what counts"
    assert stage.room.curtain is Curtain.STANDBY
    assert (await stage.kinds()).count("standby.set") == 1
    await stage.step("start")
    view = await see_stage(stage.house, await stage.who("10001"), stage.lesson_id, NOW)
    assert (view.standby, stage.room.curtain) == (None, None)
    assert (await stage.kinds())[-1] == "standby.ended"


async def test_the_director_may_show_the_programme_before_the_start(stage):
    stage.house = dataclasses.replace(stage.house, standby_before_live=True)
    await stage.step("open")
    await end_standby(stage.house, await stage.who("director"), stage.lesson_id, command_id(), NOW)
    assert stage.room.curtain is None
    await stage.step("start")
    assert (await stage.kinds()).count("standby.ended") == 1


async def test_a_start_ends_a_countdown_and_leaves_a_cut(stage):
    await stage.step("open")
    await stand_by(stage, note="")
    await cut(stage)
    await stage.step("start")
    assert stage.room.curtain is Curtain.CUT
    assert (await see_stage(stage.house, await stage.who("director"), stage.lesson_id, NOW)).standby is None
