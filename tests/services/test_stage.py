"""What is on the air, and the director's commands."""

import asyncio

import pytest

from server.domain.alarms import Alarm
from server.domain.presence import Device, Face
from server.domain.programme import PictureSlot, Speech
from server.domain.venues import Microphone
from server.services.following import set_alarm
from server.services.speech import let_speak
from server.services.stage import mute_all, open_audio, pause_recording, see_stage, set_microphone, staff_stage, take
from tests.services.conftest import command_id, refused
from tests.services.media_twin import OFFER
from tests.store.samples import NOW


async def put(stage, source, by="director", slot=PictureSlot.CAMERA, command=None):
    who = await stage.who(by)
    return await take(stage.house, who, stage.lesson_id, command or command_id(), slot=slot, source=source, now=NOW)


async def sound(stage, source, opened, by="director"):
    who = await stage.who(by)
    return await open_audio(stage.house, who, stage.lesson_id, command_id(), source=source, opened=opened, now=NOW)


async def pause(stage, paused, by="director"):
    who = await stage.who(by)
    return await pause_recording(stage.house, who, stage.lesson_id, command_id(), paused=paused, now=NOW)


async def test_a_venue_put_on_air_is_seen_and_heard_by_all(live):
    venue = await live.source_of("venue1")
    view = await put(live, venue)
    assert (view.slots.camera, view.opened_audio) == (venue, ("main", venue))
    assert view.on_air_venue == venue.removeprefix("venue-")
    assert (live.room.camera, live.room.opened) == (venue, {"main", venue})
    taken, audio = (await live.events())[-2:]
    assert (taken.kind, taken.audience) == ("stage.taken", "everyone")
    assert taken.data == {"slot": "camera", "source": venue, "label": "第一分会场", "by": "会控员"}
    assert (audio.kind, audio.data) == ("stage.audio", {"opened": ["main", venue]})


async def test_taking_main_back_closes_the_venue(live):
    venue = await live.source_of("venue1")
    await put(live, venue)
    view = await put(live, "main")
    assert (view.slots.camera, view.opened_audio, view.on_air_venue) == ("main", ("main",), None)
    assert (live.room.camera, live.room.opened) == ("main", {"main"})


async def test_a_take_sent_twice_is_one_event_and_another_body_is_refused(live):
    venue, command = await live.source_of("venue1"), command_id()
    first = await put(live, venue, command=command)
    again = await put(live, venue, command=command)
    assert first == again
    assert (await live.kinds()).count("stage.taken") == 1
    assert await refused(put(live, "main", command=command)) == "command_reused"
    assert await refused(put(live, venue, by="admin", command=command)) == "command_reused"


async def test_a_command_that_changes_nothing_is_no_event(live):
    before = await live.kinds()
    await put(live, "main")
    await sound(live, "main", True)
    assert await live.kinds() == before


async def test_muting_all_leaves_only_the_lecturer(live):
    for number in ("venue1", "venue2"):
        await sound(live, await live.source_of(number), True)
    view = await mute_all(live.house, await live.who("director"), live.lesson_id, command_id(), NOW)
    assert (view.opened_audio, live.room.opened) == (("main",), {"main"})


async def test_an_unknown_source_and_a_closed_lesson_are_refused(stage):
    assert await refused(put(stage, "main")) == "lesson_not_on_air"
    await stage.step("open")
    assert await refused(put(stage, "venue-nowhere")) == "source_unknown"
    assert stage.room.camera == "main"


@pytest.mark.parametrize("by", ["10001", "secretary", "venue1"])
async def test_who_only_watches_directs_nothing(live, by):
    for command in (put(live, None, by=by), sound(live, "main", False, by=by), pause(live, True, by=by)):
        assert await refused(command) == "forbidden"
    assert live.room.camera == "main"


async def test_the_recording_pauses_and_goes_on_in_one_piece(live):
    recording_id = (await live.lesson()).recording_id
    live.media.record(recording_id, 2000)
    view = await pause(live, True)
    assert (view.recording.state, view.recording.duration_ms) == ("paused", 2000)
    live.media.record(recording_id, 9000)
    assert (await pause(live, False)).recording.state == "running"
    live.media.record(recording_id, 1000)
    assert (await see_stage(live.house, await live.who("director"), live.lesson_id, NOW)).recording.duration_ms in {
        2000,
        3000,
    }
    assert [e.data["state"] for e in await live.events() if e.kind == "recording.changed"] == [
        "running",
        "paused",
        "running",
    ]


async def test_only_what_is_recorded_can_be_paused(opened):
    assert await refused(pause(opened, True)) == "not_recorded"


async def test_an_operator_says_what_his_microphone_is_set_to(live):
    operator = await live.who("venue1")
    await set_microphone(live.house, operator, live.lesson_id, command_id(), microphone=Microphone.READY, now=NOW)
    view = await staff_stage(live.house, live.lesson_id, NOW)
    assert [venue.microphone.value for venue in view.venues] == ["muted", "ready", "muted"]
    event = (await live.events())[-1]
    assert (event.kind, event.audience, event.data["microphone"]) == ("venue.microphone", "staff", "ready")
    director = set_microphone(
        live.house, await live.who("director"), live.lesson_id, command_id(), microphone=Microphone.READY, now=NOW
    )
    assert await refused(director) == "forbidden"


async def test_staff_see_every_source_others_what_concerns_them(live):
    own = await live.source_of("venue1")
    await live.media.publish(live.lesson_id, own, OFFER, replace=False)
    await set_alarm(live.house, live.lesson_id, Alarm("disk_low", "9 GB", NOW), raised=True)
    live.house.glances.forget(live.lesson_id)

    async def seen(by):
        return await see_stage(live.house, await live.who(by), live.lesson_id, NOW)

    staff = await seen("director")
    assert [(source.source, source.connected) for source in staff.sources][:2] == [("main", False), ("screen", False)]
    assert len(staff.sources) == 4
    sending = next(source for source in staff.sources if source.source == own)
    assert (sending.label, sending.connected, sending.loss) == ("第一分会场", True, 0.01)
    assert (len(staff.venues), [alarm.code for alarm in staff.alarms]) == (3, ["disk_low"])
    assert staff.alarms[0].text
    assert staff.alarms[0].text_en
    member = await seen("10001")
    assert ([source.source for source in member.sources], member.venues, member.alarms) == (["main", "screen"], (), ())
    venue = await seen("venue1")
    assert own in [source.source for source in venue.sources]
    assert (staff.storage.free_bytes, staff.storage.low) == (312 * 10**9, False)
    assert (member.storage, venue.storage) == (None, None)
    assert [one.source for one in venue.venues] == [own]


async def test_people_online_are_counted(live):
    for n in range(3):
        await live.house.presence.beat(live.lesson_id, Device(f"d{n}", "10001", Face.PHONE), NOW)
    assert (await staff_stage(live.house, live.lesson_id, NOW)).online == 3


async def test_a_media_process_that_is_away_is_shown_and_refuses_no_command(live):
    venue = await live.source_of("venue1")
    live.media.away = True
    view = await put(live, venue)
    assert (view.media_ok, view.slots.camera) == (False, venue)
    live.media.away = False
    view = await put(live, venue)  # the same again: nothing new for the record, yet the room is mended
    assert (view.media_ok, live.room.camera) == (True, venue)


async def test_after_many_takes_at_once_the_room_shows_what_the_record_says(live):
    venues = [await live.source_of(number) for number in ("venue1", "venue2")]
    takes = [put(live, [*venues, "main"][n % 3], by=["director", "admin", "lecturer"][n % 3]) for n in range(12)]
    await asyncio.gather(*takes)
    wanted = await live.records.read(lambda tx: tx.programmes.get(live.lesson_id))
    assert (live.room.camera, live.room.opened) == (wanted.camera, wanted.opened)


async def test_two_thousand_looks_at_once_ask_the_media_process_once(live):
    asked = []
    ask = live.media.room_state

    async def counting(lesson_id):
        asked.append(lesson_id)
        return await ask(lesson_id)

    live.media.room_state = counting
    live.house.glances.forget(live.lesson_id)
    who = await live.who("10001")
    await asyncio.gather(*(see_stage(live.house, who, live.lesson_id, NOW) for _ in range(200)))
    assert len(asked) == 1


async def speech(stage, number, what, by="director"):
    place = (await stage.source_of(number)).removeprefix("venue-")
    who = await stage.who(by)
    return await let_speak(stage.house, who, stage.lesson_id, command_id(), lesson_venue_id=place, speech=what, now=NOW)


async def test_a_muted_venue_is_silent_on_the_air_and_is_told(live):
    venue = await live.source_of("venue1")
    await speech(live, "venue1", Speech.SPEAKING)
    assert live.room.opened == {"main", venue}
    seq = (await live.events())[-1].seq
    await speech(live, "venue1", Speech.MUTED)
    assert live.room.opened == {"main"}
    told = await live.events(seq)
    place = venue.removeprefix("venue-")
    assert [(e.kind, e.audience) for e in told] == [
        ("venue.speech", "staff"),
        ("venue.speech", f"venue:{place}"),
        ("stage.audio", "everyone"),
    ]
    await put(live, venue)
    assert (live.room.camera, live.room.opened) == (venue, {"main"})
    assert await refused(sound(live, venue, True)) == "venue_muted"
    seen = await see_stage(live.house, await live.who("venue1"), live.lesson_id, NOW)
    assert [one.speech for one in seen.venues] == [Speech.MUTED]
    await mute_all(live.house, await live.who("director"), live.lesson_id, command_id(), NOW)
    assert live.room.opened == {"main"}
    view = await speech(live, "venue1", Speech.ALLOWED)
    assert next(one.speech for one in view.venues if one.id == place) is Speech.ALLOWED


async def test_only_who_runs_the_lesson_lets_speak(live):
    for by in ("10001", "venue1", "secretary"):
        assert await refused(speech(live, "venue1", Speech.SPEAKING, by=by)) == "forbidden"
