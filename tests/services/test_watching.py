"""What is wrong with a source becomes an alarm of it, in the record, and is told to staff."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.presence import Device, Face
from server.domain.programme import PictureSlot
from server.domain.venues import Microphone
from server.services.attending import arrive
from server.services.media import SourceState
from server.services.stage import set_microphone, staff_stage, take
from server.services.watching import watch
from tests.services.conftest import command_id
from tests.services.media_twin import OFFER
from tests.store.samples import NOW

SECOND = dt.timedelta(seconds=1)


class Cameras:
    """The sources of a lesson, second by second; ``faulty`` says what is other than it should be, by source."""

    def __init__(self, stage):
        self.stage, self.now, self.packets, self.faulty = stage, NOW, 0, {}
        stage.media.sends = self.sends

    def sends(self, name):
        state = SourceState(name, True, True, True, "H264", self.packets, 0, 900_000, 40)
        return replace(state, **self.faulty.get(name, {}))

    async def seconds(self, count):
        for _ in range(count):
            self.now += SECOND
            self.packets += 100
            await watch(self.stage.house, self.now)
        return {(alarm.source, alarm.code) for alarm in (await self.seen()).alarms}

    async def seen(self):
        return await staff_stage(self.stage.house, self.stage.lesson_id, self.now)

    async def publish(self, source):
        await self.stage.media.publish(self.stage.lesson_id, source, OFFER, replace=False)


@pytest.fixture
async def cameras(live):
    cameras = Cameras(live)
    await cameras.publish("main")
    return cameras


async def test_a_lecturer_who_is_well_raises_nothing(cameras):
    assert await cameras.seconds(12) == set()


async def test_a_silent_lecturer_on_the_air_is_told_within_ten_seconds_and_cleared(cameras):
    await cameras.seconds(2)
    cameras.faulty["main"] = {"audio_level_dbov": 127}
    assert await cameras.seconds(10) == {("main", "source_silent")}
    raised = (await cameras.stage.events())[-1]
    assert (raised.kind, raised.audience, raised.data["code"], raised.data["source"]) == (
        "alarm.raised",
        "staff",
        "source_silent",
        "main",
    )
    cameras.faulty.clear()
    assert await cameras.seconds(3) == set()
    assert (await cameras.stage.kinds())[-1] == "alarm.cleared"


async def test_a_lecturer_who_stays_away_is_missed_once_the_lesson_runs(opened):
    cameras = Cameras(opened)
    assert await cameras.seconds(12) == set()
    await opened.step("start")
    assert await cameras.seconds(8) == {("main", "source_away")}


async def test_a_venue_is_waited_for_when_its_screen_is_there_and_heard_when_its_microphone_is_open(cameras):
    stage = cameras.stage
    venue = await stage.source_of("venue1")
    assert await cameras.seconds(8) == set()
    await arrive(stage.house, stage.lesson_id, Device("d", "a", Face.VENUE, venue.removeprefix("venue-")), NOW)
    assert await cameras.seconds(8) == {(venue, "source_away")}
    await cameras.publish(venue)
    cameras.faulty[venue] = {"audio_level_dbov": 127}
    assert await cameras.seconds(3) == set()
    who = await stage.who("director")
    await take(stage.house, who, stage.lesson_id, command_id(), slot=PictureSlot.CAMERA, source=venue, now=NOW)
    assert await cameras.seconds(10) == set()
    operator = await stage.who("venue1")
    await set_microphone(stage.house, operator, stage.lesson_id, command_id(), microphone=Microphone.READY, now=NOW)
    assert await cameras.seconds(10) == {(venue, "source_silent")}


async def test_two_sources_have_an_alarm_each(cameras):
    venue = await cameras.stage.source_of("venue1")
    await cameras.publish(venue)
    cameras.faulty = {source: {"unanswered": 20} for source in ("main", venue)}
    assert await cameras.seconds(6) == {("main", "no_keyframe"), (venue, "no_keyframe")}
    assert [alarm.text for alarm in (await cameras.seen()).alarms]


async def test_an_alarm_is_written_once_and_the_end_of_the_lesson_clears_it(cameras):
    cameras.faulty["main"] = {"audio_level_dbov": 127}
    await cameras.seconds(20)
    assert (await cameras.stage.kinds()).count("alarm.raised") == 1
    await cameras.stage.step("end")
    assert (await cameras.seen()).alarms == ()
    assert (await cameras.stage.kinds()).count("alarm.cleared") == 1


async def test_a_media_process_that_is_away_says_nothing_about_its_sources(cameras):
    cameras.faulty["main"] = {"audio_level_dbov": 127}
    await cameras.seconds(12)
    cameras.stage.media.away = True
    assert await cameras.seconds(5) == {("main", "source_silent")}


async def test_what_a_process_before_us_left_is_cleared_when_all_is_well(cameras):
    cameras.faulty["main"] = {"audio_level_dbov": 127}
    await cameras.seconds(12)
    cameras.faulty.clear()
    cameras.stage.house.watches.keep(())
    assert await cameras.seconds(1) == set()
