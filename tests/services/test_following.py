"""Record and media process stay together, whoever dies."""

import datetime as dt

from server.domain.presence import TTL, Device, Face
from server.domain.programme import PictureSlot
from server.domain.recordings import RecordingSummary
from server.domain.streams import Direction, MediaSession
from server.services.archive_search import list_recordings
from server.services.attending import arrive, depart, sweep
from server.services.curtain import begin_cut
from server.services.demo import make_demo
from server.services.following import finish_left, follow, recover_recordings, restore_media
from server.services.media import (
    AlarmChanged,
    LayersWanted,
    MediaLost,
    MediaReady,
    SlotLive,
    SourceDown,
    SourceUp,
    ViewerDown,
    ViewerUp,
)
from server.services.recordings import play_recording
from server.services.stage import pause_recording, see_stage, staff_stage, take
from server.services.watching import watch
from tests.services.conftest import QuickPasswords, command_id, refused
from tests.store.samples import NOW

HOUR = dt.timedelta(hours=1)


async def report(stage, *reports, now=NOW):
    for event in reports:
        await follow(stage.house, event, now)


async def online(stage):
    return [venue.online for venue in (await stage.lesson()).venues]


async def test_sources_that_come_and_go_are_told_to_staff(live):
    venue = await live.source_of("venue1")
    await report(
        live, SourceUp(live.lesson_id, venue, "s1"), SourceDown(live.lesson_id, venue, "s1", "consent_expired")
    )
    up, down = (await live.events())[-2:]
    assert (up.kind, up.audience, up.data) == ("source.up", "staff", {"source": venue, "label": "第一分会场"})
    assert (down.kind, down.data["reason"]) == ("source.down", "consent_expired")


async def test_a_source_that_everybody_watches_is_told_to_everybody(live):
    await report(live, SourceUp(live.lesson_id, "screen", "s1"), SourceDown(live.lesson_id, "screen", "s1", "bye"))
    assert [(e.kind, e.audience) for e in (await live.events())[-2:]] == [
        ("source.up", "everyone"),
        ("source.down", "everyone"),
    ]


async def test_wanted_layers_are_told_to_who_publishes_and_only_of_the_present_connection(live):
    who = (await live.who("10001")).account_id
    session = MediaSession("s1", "d1", live.lesson_id, Direction.PUBLISH, "main", who, "tab", NOW)
    await live.house.records.write(lambda tx: tx.media_sessions.add(session))
    before = len(await live.events())
    await report(
        live,
        LayersWanted(live.lesson_id, "main", "older", ("q",)),
        LayersWanted(live.lesson_id, "screen", "s1", ("q",)),
        LayersWanted(live.lesson_id, "main", "s1", ("q", "f")),
    )
    (told,) = (await live.events())[before:]
    assert (told.kind, told.audience) == ("source.layers", f"account:{who}")
    assert told.data == {"source": "main", "rids": ["q", "f"]}


async def test_reports_about_nothing_we_know_are_dropped(live):
    before = await live.kinds()
    await report(
        live,
        SourceUp("nowhere", "main", "s1"),
        SourceUp(live.lesson_id, "venue-nowhere", "s1"),
        SourceDown("nowhere", "main", "s1", "bye"),
        ViewerUp("nowhere", "s1", "v"),
        ViewerDown("nowhere", "s1", "v", "bye"),
        SlotLive("nowhere", "camera", "main"),
        LayersWanted("nowhere", "main", "s1", ("q",)),
        AlarmChanged("nowhere", "r", "disk_low", True, ""),
    )
    assert await live.kinds() == before


async def test_a_viewer_that_goes_is_written_down(live):
    who = (await live.who("10001")).account_id
    session = MediaSession("s9", "d9", live.lesson_id, Direction.WATCH, "programme", who, "tab", NOW)
    await live.records.write(lambda tx: tx.media_sessions.add(session))
    await report(live, ViewerDown(live.lesson_id, "s9", "v", "bye"))
    assert await live.records.read(lambda tx: tx.media_sessions.by_resource("d9")) is None


async def test_an_alarm_is_told_once_and_shown_until_it_is_over(live):
    recording_id = (await live.lesson()).recording_id
    raised = AlarmChanged(live.lesson_id, recording_id, "disk_low", True, "9 GB")
    await report(live, raised, raised)
    assert (await live.kinds()).count("alarm.raised") == 1
    assert [alarm.code for alarm in (await staff_stage(live.house, live.lesson_id, NOW)).alarms] == ["disk_low"]
    cleared = AlarmChanged(live.lesson_id, recording_id, "disk_low", False, "")
    await report(live, cleared, cleared)
    assert (await live.kinds()).count("alarm.cleared") == 1
    assert (await staff_stage(live.house, live.lesson_id, NOW)).alarms == ()


async def test_a_media_process_that_was_killed_gets_everything_back(live):
    venue, director = await live.source_of("venue1"), await live.who("director")
    await take(live.house, director, live.lesson_id, command_id(), slot=PictureSlot.CAMERA, source=venue, now=NOW)
    recording_id = (await live.lesson()).recording_id
    live.media.record(recording_id, 4000)
    live.media.away = True
    await report(live, MediaLost())
    view = await see_stage(live.house, director, live.lesson_id, NOW)
    assert (view.media_ok, [alarm.code for alarm in view.alarms]) == (False, ["media_unavailable"])
    live.media.restart()
    await report(live, MediaReady("second"))
    assert (live.room.camera, live.room.screen, live.room.opened) == (venue, "screen", {"main", venue})
    again = live.media.attached[recording_id]
    assert (again.state, again.duration_ms) == ("running", 4000)  # the same recording goes on
    assert (await live.kinds())[-3:] == ["alarm.raised", "media.moved", "alarm.cleared"]
    assert (await see_stage(live.house, director, live.lesson_id, NOW)).media_ok


async def test_a_paused_recording_stays_paused_after_a_restart(live):
    director = await live.who("director")
    await pause_recording(live.house, director, live.lesson_id, command_id(), paused=True, now=NOW)
    live.media.restart()
    await report(live, MediaReady("second"))
    assert live.media.attached[(await live.lesson()).recording_id].state == "paused"


async def test_a_disk_that_is_away_keeps_no_programme_off_the_air(live):
    live.media.restart()
    live.media.disk_away = True
    await report(live, MediaReady("second"))
    assert (live.room.camera, live.room.screen, live.room.opened) == ("main", "screen", {"main"})
    assert live.media.attached == {}
    director = await live.who("director")
    await begin_cut(live.house, director, live.lesson_id, command_id(), reason="", now=NOW)
    orders = [call[0] for call in live.media.calls]
    assert orders.index("set_curtain") < len(orders) - 1 - orders[::-1].index("open_room"), "before the disk is asked"
    live.media.disk_away = False
    await watch(live.house, NOW)
    assert live.media.attached[(await live.lesson()).recording_id].state == "running"


async def test_a_lesson_that_ends_while_the_disk_is_away_is_over_for_all_and_finished_later(live):
    live.media.disk_away = True
    await live.step("end")
    recording_id = (await live.lesson()).recording_id
    assert live.room.closing_ms, "nobody watches on"
    minute = dt.timedelta(minutes=1)
    await finish_left(live.house, NOW + minute)
    assert (await live.records.read(lambda tx: tx.recordings.get(recording_id))).state.value == "running"
    live.media.disk_away = False
    await finish_left(live.house, (await live.lesson()).ended_at, minute)
    assert (await live.records.read(lambda tx: tx.recordings.get(recording_id))).state.value == "running"
    await finish_left(live.house, NOW + HOUR, minute)
    assert (await live.records.read(lambda tx: tx.recordings.get(recording_id))).state.value == "finished"


async def test_a_media_process_that_knows_its_rooms_is_left_alone(live):
    before, calls = await live.kinds(), list(live.media.calls)
    await report(live, MediaReady("the same"))
    assert (await live.kinds(), live.media.calls) == (before, calls)


async def test_what_was_committed_while_the_media_process_was_away_is_made_good(live):
    live.media.away = True
    await live.step("end")
    recording_id = (await live.lesson()).recording_id
    assert live.media.attached[recording_id].state == "running"
    live.media.away = False
    await restore_media(live.house, NOW)
    assert (await live.records.read(lambda tx: tx.recordings.get(recording_id))).state.value == "finished"
    assert live.room.closing_ms == 10_000


async def test_a_recording_that_a_crash_left_open_is_finished_at_the_next_start(live):
    recording_id = (await live.lesson()).recording_id
    live.media.record(recording_id, 7000)
    live.media.away = True
    await live.step("end")
    live.media.restart()  # it died before it was told to finish
    assert await recover_recordings(live.house, NOW) == 1
    recording = await live.records.read(lambda tx: tx.recordings.get(recording_id))
    assert (recording.state.value, recording.duration_ms, recording.recovered) == ("finished", 7000, True)
    assert await recover_recordings(live.house, NOW) == 0
    assert (await live.kinds()).count("recording.changed") == 2


async def test_recovery_leaves_the_recording_of_a_running_lesson_open(live):
    recording_id = (await live.lesson()).recording_id
    live.media.record(recording_id, 1000)
    assert await recover_recordings(live.house, NOW) == 0
    assert (await live.house.library.summary(recording_id)).state == "running"


async def test_a_recording_that_never_reached_the_disk_is_finished_empty(live):
    live.media.away = True
    await live.step("end")
    live.media.restart()
    live.media.disk.recordings["another"] = RecordingSummary("another", "l", "finished", NOW, 1, 1, 1, False, 0)
    await recover_recordings(live.house, NOW)
    admin = await live.who("admin")
    assert (await list_recordings(live.records, admin, now=NOW)).items == ()
    assert await live.records.read(lambda tx: tx.recordings.unfinished()) == ()


async def test_an_empty_folder_finishes_nothing_that_was_on_record(live, caplog):
    """Its disk is not mounted: what is on it is finished when it is back."""
    recording_id = (await live.lesson()).recording_id
    live.media.record(recording_id, 7000)
    live.media.away = True
    await live.step("end")
    live.media.restart()
    disk, live.media.disk.recordings = live.media.disk.recordings, {}
    assert await recover_recordings(live.house, NOW) == 0
    assert "is its disk mounted" in caplog.text
    assert recording_id in caplog.text
    assert (await live.records.read(lambda tx: tx.recordings.get(recording_id))).state.value == "running"
    live.media.disk.recordings = disk
    assert await recover_recordings(live.house, NOW) == 1
    assert (await live.records.read(lambda tx: tx.recordings.get(recording_id))).duration_ms == 7000


# ---- recordings ------------------------------------------------------------------------------------------


async def test_a_recording_is_listed_and_played_the_moment_the_lesson_ends(live):
    recording_id = (await live.lesson()).recording_id
    live.media.record(recording_id, 6000)
    await live.step("end")
    member = await live.who("10001")
    (item,) = (await list_recordings(live.records, member, now=NOW)).items
    assert (item.id, item.title, item.state, item.duration_ms) == (recording_id, "安全生产基础知识", "finished", 6000)
    playing = await play_recording(
        live.records, live.house.library, live.signer, member, recording_id, lifetime=HOUR, now=NOW
    )
    assert playing.camera.startswith(f"/hls/{recording_id}/")
    assert playing.camera.endswith("/camera.m3u8")
    assert (playing.screen, playing.duration_ms, playing.expires_at) == (None, 6000, NOW + HOUR)


async def test_who_may_not_see_the_lesson_finds_no_recording(live):
    recording_id = (await live.lesson()).recording_id
    live.media.record(recording_id, 6000)
    await live.step("end")
    for by, wanted in (("venue1", recording_id), ("10001", "nowhere")):
        who = await live.who(by)
        playing = play_recording(live.records, live.house.library, live.signer, who, wanted, lifetime=HOUR, now=NOW)
        assert await refused(playing) == "recording_not_found"
    assert (await list_recordings(live.records, await live.who("venue1"), now=NOW)).items == ()


# ---- devices ---------------------------------------------------------------------------------------------


async def venue_device(stage, socket="socket-1"):
    lesson_venue_id = (await stage.source_of("venue1")).removeprefix("venue-")
    return Device(socket, (await stage.who("venue1")).account_id, Face.VENUE, lesson_venue_id)


async def test_a_venue_is_online_from_its_first_device_to_its_last(live):
    one, two = await venue_device(live), await venue_device(live, "socket-2")
    for device in (one, one, two):
        await arrive(live.house, live.lesson_id, device, NOW)
    assert await online(live) == [False, True, False]
    await depart(live.house, live.lesson_id, one, NOW)
    assert await online(live) == [False, True, False]
    for _ in range(2):
        await depart(live.house, live.lesson_id, two, NOW)
    assert await online(live) == [False, False, False]
    told = [event for event in await live.events() if event.kind.startswith("venue.")]
    assert [(event.kind, event.audience, event.data["name"]) for event in told] == [
        ("venue.online", "staff", "第一分会场"),
        ("venue.offline", "staff", "第一分会场"),
    ]


async def test_a_venue_that_falls_silent_goes_offline(live):
    await arrive(live.house, live.lesson_id, await venue_device(live), NOW)
    await sweep(live.house, NOW + TTL - dt.timedelta(seconds=1))
    assert await online(live) == [False, True, False]
    await sweep(live.house, NOW + TTL)
    assert await online(live) == [False, False, False]


async def test_phones_are_counted_and_write_nothing(live):
    before = await live.kinds()
    phone = Device("socket-9", (await live.who("10001")).account_id, Face.PHONE)
    await arrive(live.house, live.lesson_id, phone, NOW)
    assert (await staff_stage(live.house, live.lesson_id, NOW)).online == 1
    await depart(live.house, live.lesson_id, phone, NOW)
    assert await live.kinds() == before


# ---- demo ------------------------------------------------------------------------------------------------


async def test_the_demo_organisation_has_everything_once(stage):
    again = await make_demo(stage.records, QuickPasswords(), NOW)
    assert again[0].face == "/manage"
    assert {account.face for account in again if account.number == "lecturer"} == {f"/desk/{stage.lesson_id}"}
    tree = await stage.records.read(lambda tx: tx.units.tree())
    kinds = [unit.kind.value for unit in tree.units]
    assert [kinds.count(kind) for kind in ("committee", "general_branch", "branch")] == [1, 2, 6]
    members = await stage.records.read(lambda tx: tx.units.member_counts(NOW.date()))
    assert sorted(members.values()) == [20] * 6
    assert await stage.records.read(lambda tx: tx.accounts.count()) == 129
    lesson = await stage.lesson()
    assert (lesson.title, lesson.state.value, len(lesson.venues)) == ("安全生产基础知识", "scheduled", 3)


async def test_a_demo_after_a_lesson_gets_a_new_one(live):
    await live.step("end")
    accounts = await make_demo(live.records, QuickPasswords(), NOW)
    assert live.lesson_id not in accounts[1].face


async def test_somebodys_real_database_is_left_alone(records):
    from tests.store.samples import populate

    await records.write(populate)
    assert await make_demo(records, QuickPasswords(), NOW) == ()
    assert await records.read(lambda tx: tx.accounts.count()) == 5
