"""The lecturer's second machine: waits, takes over, and gives back."""

import pytest

from server.domain.programme import PictureSlot
from server.domain.venues import LecturerDesk
from server.services.desks import hand_over
from server.services.stage import see_stage, take
from tests.services.conftest import command_id, refused
from tests.services.media_twin import OFFER
from tests.services.test_watching import Cameras
from tests.store.samples import NOW


async def over(stage, desk=LecturerDesk.SPARE, by="director", command=None):
    who = await stage.who(by)
    return await hand_over(stage.house, who, stage.lesson_id, command or command_id(), desk=desk, now=NOW)


async def publish(stage, source):
    await stage.media.publish(stage.lesson_id, source, OFFER, replace=False)


async def seen(stage, by="director"):
    return await see_stage(stage.house, await stage.who(by), stage.lesson_id, NOW)


async def test_the_spare_machine_is_listed_when_it_is_there(live):
    assert "spare" not in {source.source for source in (await seen(live)).sources}
    await publish(live, "spare")
    live.house.glances.forget(live.lesson_id)
    listed = {source.source: source for source in (await seen(live)).sources}
    assert (listed["spare"].connected, listed["spare"].label) == (True, "备用讲师机")
    assert "spare" not in {source.source for source in (await seen(live, "10001")).sources}


@pytest.mark.parametrize("by", ["director", "lecturer"])
async def test_one_command_switches_picture_screen_and_sound_and_one_gives_them_back(live, by):
    await publish(live, "spare")
    view = await over(live, by=by)
    assert (view.desk, view.slots.camera, view.slots.screen) == (LecturerDesk.SPARE, "spare", "spare-screen")
    assert (live.room.camera, live.room.screen, live.room.opened) == ("spare", "spare-screen", {"spare"})
    kinds = [event.kind for event in await live.events()]
    assert kinds[-4:] == ["stage.desk", "stage.taken", "stage.taken", "stage.audio"]
    back = await over(live, LecturerDesk.MAIN, by=by)
    assert (back.desk, live.room.camera, live.room.opened) == (LecturerDesk.MAIN, "main", {"main"})


async def test_nothing_but_the_bus_is_touched_by_taking_over(live):
    await publish(live, "spare")
    before = len(live.media.calls)
    await over(live)
    assert {call[0] for call in live.media.calls[before:]} == {"take", "open_audio"}


async def test_taking_over_twice_is_one_change(live):
    command = command_id()
    await over(live, command=command)
    await over(live, command=command)
    assert (await live.kinds()).count("stage.desk") == 1


@pytest.mark.parametrize("by", ["venue0", "venue1", "10001", "secretary"])
async def test_who_does_not_run_the_lesson_changes_no_machine(live, by):
    assert await refused(over(live, by=by)) == "forbidden"
    assert live.room.camera == "main"


async def test_taking_the_spare_picture_takes_its_sound_along(live):
    await publish(live, "spare")
    who = await live.who("director")
    await take(live.house, who, live.lesson_id, command_id(), slot=PictureSlot.CAMERA, source="spare", now=NOW)
    assert (live.room.camera, live.room.opened) == ("spare", {"spare"})


async def test_when_the_lecturers_machine_falls_silent_the_spare_one_is_offered_within_three_seconds(live):
    cameras = Cameras(live)
    await cameras.publish("main")
    assert await cameras.seconds(2) == set()
    cameras.faulty["main"] = {"packets_received": 1}
    assert ("main", "spare_ready") not in await cameras.seconds(4)  # nobody stands by
    await cameras.publish("spare")
    assert ("main", "spare_ready") in await cameras.seconds(3)
    await over(live)
    assert ("main", "spare_ready") not in await cameras.seconds(1)
    assert ("spare", "spare_ready") not in await cameras.seconds(6)  # nor does a machine that sends nothing
