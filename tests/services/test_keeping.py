"""How long recordings stay: who decides, what stops a deletion, what the daily sweep takes, what is left on disk."""

import datetime as dt
from dataclasses import replace

import pytest

from recordings import manifest
from recordings.library import FolderLibrary
from server.archive import ArchivedLibrary
from server.domain.keeping import KeepClass, Place
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import LessonState
from server.domain.recordings import RecordingSummary
from server.domain.refusals import Refusal
from server.services.archive_search import list_recordings
from server.services.keep_rules import preview_rule, see_keeping, set_kind, set_rule
from server.services.keep_sweep import Purger
from server.services.keeping import delete_recording, see_kept, set_class
from server.services.legal_holds import lift_hold, set_hold
from server.services.recordings import play_recording, replay_closed
from server.services.retention_sweep import Sweeper
from tests.recordings.test_film import archived
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

YEARS = dt.timedelta(days=1096)
LATER = NOW + YEARS
HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def settled(stage, tmp_path):
    """A lesson that was settled now, with an archive on disk; ``stage.recording_id``, ``stage.folder``."""
    await stage.step("open", "start", "end")
    [recording] = await stage.records.read(lambda tx: tx.recordings.of_lesson(stage.lesson_id))
    stage.recording_id = recording.id
    summary = RecordingSummary(recording.id, stage.lesson_id, "finished", NOW, 2_000, 1, 2, recovered=False, gaps_ms=0)

    def settle(tx):
        tx.recordings.save_summary(summary)
        tx.lessons.save(replace(tx.lessons.get(stage.lesson_id), state=LessonState.SETTLED, settled_at=NOW))

    await stage.records.write(settle)
    archived(tmp_path).rename(tmp_path / recording.id)
    stage.folder = tmp_path / recording.id
    stage.house = replace(stage.house, library=ArchivedLibrary(FolderLibrary(tmp_path)))
    return stage


async def delete(stage, by="admin", now=NOW):
    who = await stage.who(by)
    return await delete_recording(stage.house, who, command_id(), stage.recording_id, reason="误录", now=now)


async def kept(stage, by="admin", now=NOW):
    return await see_kept(stage.house, await stage.who(by), stage.recording_id, now)


async def rule(stage, days, *, by="secadmin", seen=0, place=Place.LOCAL, now=NOW):
    return await set_rule(
        *(stage.house, await stage.who(by), command_id()),
        keep_class=KeepClass.ORDINARY,
        days=days,
        place=place,
        reason="按制度调整",
        seen=seen,
        object_store=False,
        now=now,
    )


async def test_a_deleted_recording_is_found_and_played_by_nobody_and_its_head_says_so(settled):
    files = {path.name for path in settled.folder.iterdir()}
    said = await delete(settled)
    assert (said.deleted_at, said.why, said.deleted_by) == (NOW, "误录", (await settled.who("admin")).name)
    member = await settled.who("10001")
    playing = play_recording(
        settled.records, settled.house.library, settled.signer, member, settled.recording_id, lifetime=HOUR, now=NOW
    )
    assert await refused(playing) == "recording_deleted"
    assert (await list_recordings(settled.records, member, now=NOW)).items == ()
    assert await replay_closed(settled.records, settled.recording_id)
    assert await Purger(settled.house, lambda: NOW).step() == 1
    assert {path.name for path in settled.folder.iterdir()} == {manifest.NAME}
    left = manifest.Contents.of((settled.folder / manifest.NAME).read_bytes())
    assert left.deleted == (NOW.isoformat(), "by hand")
    assert len(files) > 1
    assert await Purger(settled.house, lambda: NOW).step() == 0
    assert await refused(delete(settled)) == "recording_deleted"
    assert (await kept(settled, "10001")).why == ""


async def test_one_that_cannot_go_yet_holds_up_no_other(settled, caplog):
    """As one that lies in a store which is not set any more."""
    stuck = replace(await settled.records.read(lambda tx: tx.recordings.get(settled.recording_id)), id=command_id())

    def mark(tx):
        tx.recordings.add(stuck)
        for one, at in ((stuck.id, NOW - HOUR), (settled.recording_id, NOW)):
            tx.keeping.put(replace(tx.keeping.of(one), deleted_at=at, why="ordinary: 1095 days"))

    await settled.records.write(mark)

    class Library(ArchivedLibrary):
        async def forget(self, recording_id, at, why):
            if recording_id == stuck.id:
                raise Refusal("storage_unavailable", "")
            await super().forget(recording_id, at, why)

    house = replace(settled.house, library=Library(FolderLibrary(settled.folder.parent)))
    assert await Purger(house, lambda: NOW).step() == 1
    assert {path.name for path in settled.folder.iterdir()} == {manifest.NAME}
    assert [one.recording_id for one in await settled.records.read(lambda tx: tx.keeping.to_purge(9))] == [stuck.id]
    assert await Purger(house, lambda: NOW).step() == 0
    assert stuck.id in caplog.text


async def test_who_plans_the_lesson_decides_and_nobody_else(settled):
    for number in ("director", "10001", "lecturer"):
        assert await refused(delete(settled, number)) == "forbidden"
    assert await refused(delete(settled, "venue1")) == "forbidden"
    assert await refused(delete(settled, "secadmin")) == "recording_not_found"
    assert not (await kept(settled, "director")).may
    assert (await kept(settled)).may


async def test_neither_a_hold_nor_an_unsettled_lesson_lets_it_go(settled):
    security = await settled.who("secadmin")
    hold = await set_hold(
        settled.house, security, command_id(), number=None, lesson_id=settled.lesson_id, reason="核查", now=NOW
    )
    assert await refused(delete(settled)) == "recording_held"
    assert (await kept(settled)).held
    assert await Sweeper(settled.house, lambda: LATER).step() == 1
    assert (await kept(settled)).deleted_at is None
    await lift_hold(settled.house, security, hold.id, command_id(), NOW)
    lesson = await settled.lesson()
    await settled.records.write(lambda tx: tx.lessons.save(replace(lesson, state=LessonState.ENDED, settled_at=None)))
    assert await refused(delete(settled)) == "not_settled"
    assert await Sweeper(settled.house, lambda: LATER + dt.timedelta(days=1)).step() == 1
    assert (await kept(settled)).deleted_at is None


async def test_a_hold_that_comes_before_the_disk_is_cleared_keeps_what_is_there(settled):
    before = {path.name for path in settled.folder.iterdir()}
    await delete(settled)
    security = await settled.who("secadmin")
    hold = await set_hold(
        settled.house, security, command_id(), number=None, lesson_id=settled.lesson_id, reason="核查", now=NOW
    )
    assert await Purger(settled.house, lambda: NOW).step() == 0
    assert {path.name for path in settled.folder.iterdir()} == before
    await lift_hold(settled.house, security, hold.id, command_id(), NOW)
    assert await Purger(settled.house, lambda: NOW).step() == 1
    assert {path.name for path in settled.folder.iterdir()} == {manifest.NAME}


async def test_the_daily_sweep_takes_what_is_past_its_class_and_says_by_which_rule(settled):
    assert (await kept(settled)).goes_at == NOW + dt.timedelta(days=1095)
    assert await Sweeper(settled.house, lambda: NOW).step() == 1
    assert (await kept(settled)).deleted_at is None
    assert await Sweeper(settled.house, lambda: LATER).step() == 1
    gone = await kept(settled, now=LATER)
    assert (gone.deleted_at, gone.why, gone.deleted_by) == (LATER, "ordinary: 1095 days", "")
    sweep = (await settled.records.read(lambda tx: tx.retention.sweeps(1)))[0]
    assert sweep.counts["teaching"] == 1
    assert (await settled.records.read(lambda tx: tx.audit.examine(None, lambda _read: None))).sound


async def test_a_class_of_its_own_or_of_its_kind_of_lesson_keeps_it_longer(settled):
    admin, security = await settled.who("admin"), await settled.who("secadmin")
    order = (settled.house, admin, command_id(), settled.recording_id)
    one = await set_class(*order, keep_class=KeepClass.PERMANENT, reason="年度示范课", now=NOW)
    assert (one.keep_class, one.own, one.goes_at, one.reason) == (KeepClass.PERMANENT, True, None, "年度示范课")
    assert await Sweeper(settled.house, lambda: LATER).step() == 1
    assert (await kept(settled)).deleted_at is None
    again = (settled.house, admin, command_id(), settled.recording_id)
    one = await set_class(*again, keep_class=None, reason="恢复默认", now=NOW)
    assert (one.keep_class, one.own) == (KeepClass.ORDINARY, False)
    kind = (await settled.lesson()).kind
    told = await set_kind(
        *(settled.house, security, command_id()),
        kind=kind,
        keep_class=KeepClass.IMPORTANT,
        reason="按制度调整",
        seen=0,
        object_store=False,
        now=NOW,
    )
    assert [kind in item.kinds for item in told.items] == [False, True, False]
    assert (await kept(settled)).goes_at == NOW + dt.timedelta(days=3650)


async def test_more_than_the_asker_was_told_does_not_go(settled):
    security = await settled.who("secadmin")
    late = NOW + dt.timedelta(days=400)
    assert await preview_rule(settled.house, security, KeepClass.ORDINARY, 365, late) == 1
    assert await refused(rule(settled, 365, now=late)) == "retention_count_changed"
    told = await rule(settled, 365, seen=1, now=late)
    assert [(item.days, item.due) for item in told.items] == [(365, 1), (3650, 0), (None, 0)]
    assert told.items[0].by == security.name


async def test_nor_when_a_kind_of_lesson_gets_a_shorter_class(settled):
    security, kind = await settled.who("secadmin"), (await settled.lesson()).kind

    async def put(keep_class, now, seen=0):
        order = (settled.house, security, command_id())
        said = {"kind": kind, "keep_class": keep_class, "reason": "按制度调整", "seen": seen}
        return await set_kind(*order, **said, object_store=False, now=now)

    await put(KeepClass.IMPORTANT, NOW)
    assert await refused(put(KeepClass.ORDINARY, LATER)) == "retention_count_changed"
    assert await preview_rule(settled.house, security, KeepClass.ORDINARY, 1095, LATER) == 0
    assert await preview_rule(settled.house, security, KeepClass.ORDINARY, 1095, LATER, kind=kind) == 1
    assert (await put(KeepClass.ORDINARY, LATER, seen=1)).items[0].due == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"days": 364}, "keeping_too_short"),
        ({"days": None}, "keeping_too_short"),
        ({"days": 400, "by": "admin"}, "forbidden"),
        ({"days": 400, "by": "auditor"}, "forbidden"),
        ({"days": 400, "place": Place.OBJECT}, "object_store_missing"),
    ],
)
async def test_what_is_refused_changes_nothing(stage, given, code):
    assert await refused(rule(stage, **given)) == code
    assert await stage.records.read(lambda tx: tx.keeping.rules()) == ()


async def test_the_rules_are_the_security_administrators_to_see(stage):
    assert await refused(see_keeping(stage.house, await stage.who("admin"), object_store=False, now=NOW)) == "forbidden"
    found = await see_keeping(stage.house, await stage.who("secadmin"), object_store=False, now=NOW)
    assert [(item.keep_class, item.days, item.since) for item in found.items] == [
        ("ordinary", 1095, None),
        ("important", 3650, None),
        ("permanent", None, None),
    ]
    assert set(found.items[0].kinds) == set(LessonKind)


async def test_each_class_says_what_would_come_of_the_recording(settled):
    year = NOW + dt.timedelta(days=2000)
    ends = {one.keep_class: one for one in (await kept(settled, now=year)).classes}
    assert (ends[KeepClass.ORDINARY].goes_at, ends[KeepClass.ORDINARY].at_once) == (NOW + dt.timedelta(days=1095), True)
    assert (ends[KeepClass.IMPORTANT].at_once, ends[KeepClass.PERMANENT].goes_at) == (False, None)
    assert (await kept(settled, "10001")).classes == (), "who only watches decides nothing"
    security = await settled.who("secadmin")
    on = {"number": None, "lesson_id": settled.lesson_id, "reason": "核查", "now": NOW}
    await set_hold(settled.house, security, command_id(), **on)
    assert not any(one.at_once for one in (await kept(settled, now=year)).classes), "no sweep deletes what is held"
