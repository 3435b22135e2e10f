"""Exports from being asked for to being gone, with a real archive in a real folder."""

import asyncio
import datetime as dt
import json
import tarfile
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import pytest

from recordings.package import fingerprint_of
from server.archive import ExportsInFolder
from server.archive.checking import report_package
from server.domain.exports import ExportKind
from server.domain.jobs import JobState
from server.domain.recordings import RecordingSummary
from server.services.exports import KEPT_FOR, Exporter, ask_export, cancel_export, export_file, forget_old_exports
from server.services.imports_going import ImportsGoing, Stopped
from tests.recordings.test_film import archived
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

KEY = bytes(range(32))


@pytest.fixture
async def ended(stage, tmp_path):
    """A lesson that has ended; ``stage.recording_id`` with an archive on disk."""
    await stage.step("open", "start", "end")
    [recording] = await stage.records.read(lambda tx: tx.recordings.of_lesson(stage.lesson_id))
    stage.recording_id = recording.id
    summary = RecordingSummary(recording.id, stage.lesson_id, "finished", NOW, 2_000, 1, 2, recovered=False, gaps_ms=0)
    await stage.records.write(lambda tx: tx.recordings.save_summary(summary))
    folder = tmp_path / "recordings"
    folder.mkdir()
    archived(folder).rename(folder / recording.id)
    exports = ExportsInFolder(folder, tmp_path / "exports", key=KEY, keep_free_bytes=0)
    stage.house = replace(stage.house, exports=exports)
    stage.folder = tmp_path
    return stage


async def ask(stage):
    admin = await stage.who("admin")
    order = (stage.house, admin, command_id(), stage.recording_id)
    return await ask_export(*order, kind=ExportKind.FILMS, now=NOW)


async def row(stage, export_id):
    return await stage.records.read(lambda tx: tx.exports.get(export_id))


def files(stage):
    return sorted(path.name for path in (stage.folder / "exports").rglob("*") if path.is_file())


async def test_films_are_made_kept_for_a_week_and_gone(ended):
    one = await ask(ended)
    assert (await ask(ended)).id == one.id
    exporter = Exporter(ended.house, lambda: NOW)
    assert await exporter.step()
    assert not await exporter.step()
    assert (await row(ended, one.id)).state is JobState.DONE
    admin = await ended.who("admin")
    path = await export_file(ended.house, admin, one.id, "camera.mp4", NOW)
    assert path.read_bytes()[4:8] == b"ftyp"
    assert await forget_old_exports(ended.house, NOW) == 0
    later = NOW + KEPT_FOR + dt.timedelta(seconds=1)
    assert await refused(export_file(ended.house, admin, one.id, "camera.mp4", later)) == "export_gone"
    assert await forget_old_exports(ended.house, later) == 1
    assert files(ended) == []
    order = (ended.house, admin, command_id(), ended.recording_id)
    assert (await ask_export(*order, kind=one.kind, now=later)).id != one.id


async def test_one_that_is_cancelled_half_way_leaves_nothing(ended):
    one = await ask(ended)

    class Slow(ExportsInFolder):
        async def films(self, recording_id, export_id, tell):
            await cancel_export(ended.house, await ended.who("admin"), one.id, NOW)
            return await super().films(recording_id, export_id, tell)

    folder = Slow(ended.folder / "recordings", ended.folder / "exports", keep_free_bytes=0)
    ended.house = replace(ended.house, exports=folder)
    assert await Exporter(ended.house, lambda: NOW).step()
    assert (await row(ended, one.id)).state is JobState.CANCELLED
    assert files(ended) == []
    ended.house.exporting.stop("x")
    with pytest.raises(Stopped):
        ended.house.exporting.tell("x", 1)


async def test_one_that_another_process_cancels_ends(ended):
    one, begun = await ask(ended), asyncio.Event()
    other = replace(ended.house, exporting=ImportsGoing())

    class Endless(ExportsInFolder):
        async def films(self, recording_id, export_id, tell):
            begun.set()
            while True:
                tell(1)
                await asyncio.sleep(0)

    ended.house = replace(ended.house, exports=Endless(ended.folder / "recordings", ended.folder / "exports"))
    working = asyncio.create_task(Exporter(ended.house, lambda: NOW, look_s=0.01).step())
    await begun.wait()
    await cancel_export(other, await ended.who("admin"), one.id, NOW)
    async with asyncio.timeout(60):
        assert await working
    assert (await row(ended, one.id)).state is JobState.CANCELLED


async def test_what_begins_while_old_ones_are_looked_for_stays(ended):
    class Slow(ExportsInFolder):
        async def ids(self):
            there = await super().ids()
            await ask(ended)
            assert await Exporter(replace(ended.house, exports=folder), lambda: NOW).step()
            return there

    folder = ended.house.exports
    slow = Slow(ended.folder / "recordings", ended.folder / "exports", keep_free_bytes=0)
    (ended.folder / "exports" / str(uuid4())).mkdir(parents=True)
    assert await forget_old_exports(replace(ended.house, exports=slow), NOW) == 1
    assert "camera.mp4" in files(ended)


async def test_the_end_of_the_process_ends_its_thread_and_the_next_one_goes_on(ended):
    one, begun = await ask(ended), asyncio.Event()

    class Endless(ExportsInFolder):
        async def films(self, recording_id, export_id, tell):
            begun.set()
            await asyncio.Event().wait()

    there = ended.house.exports
    ended.house = replace(ended.house, exports=Endless(ended.folder / "recordings", ended.folder / "exports"))
    working = asyncio.create_task(Exporter(ended.house, lambda: NOW).run())
    await begun.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    with pytest.raises(Stopped):
        ended.house.exporting.tell(one.id, 1)
    assert (await row(ended, one.id)).state is JobState.RUNNING
    restarted = replace(ended.house, exports=there, exporting=ImportsGoing())
    assert await Exporter(restarted, lambda: NOW).step()
    assert (await row(ended, one.id)).state is JobState.DONE


async def test_a_package_holds_the_record_of_the_lesson_and_verifies(ended):
    admin = await ended.who("admin")
    order = (ended.house, admin, command_id(), ended.recording_id)
    one = await ask_export(*order, kind=ExportKind.PACKAGE, now=NOW)
    assert await Exporter(ended.house, lambda: NOW).step()
    path = await export_file(ended.house, admin, one.id, "package.tar", NOW)
    key = fingerprint_of(KEY)
    assert (await row(ended, one.id)).result["files"][0]["key"] == key
    assert report_package(path, frozenset({key}))[1] == 0
    with tarfile.open(path) as tar:
        held = {name: tar.extractfile(name).read() for name in tar.getnames()}
    kinds = [json.loads(line)["kind"] for line in held["record/events.jsonl"].splitlines()]
    assert kinds == [event.kind for event in await ended.events()]
    assert len(held["record/roster.jsonl"].splitlines()) == len(
        await ended.records.read(lambda tx: tx.roster.of(ended.lesson_id))
    )
    assert json.loads(held["record/lesson.json"])["id"] == ended.lesson_id
    assert b"command_id" not in b"".join(content for name, content in held.items() if name.startswith("record/"))


async def test_what_cannot_be_made_says_why(ended):
    one = await ask(ended)
    (ended.folder / "recordings" / ended.recording_id / "camera-1.m4s").unlink()
    assert await Exporter(ended.house, lambda: NOW).step()
    assert ((await row(ended, one.id)).state, (await row(ended, one.id)).code) == (JobState.FAILED, "archive_damaged")
    again = await ask(ended)
    full = ExportsInFolder(ended.folder / "recordings", ended.folder / "exports", keep_free_bytes=1 << 62)
    archived_again = ended.folder / "recordings" / "spare"
    archived_again.mkdir()
    archived(archived_again)
    (archived_again / "rec-1" / "camera-1.m4s").rename(
        ended.folder / "recordings" / ended.recording_id / "camera-1.m4s"
    )
    ended.house = replace(ended.house, exports=full)
    assert await Exporter(ended.house, lambda: NOW).step()
    assert (await row(ended, again.id)).code == "disk_full"
    assert files(ended) == []


@pytest.mark.parametrize("kind", list(ExportKind))
async def test_it_ends_when_others_fill_the_disk_meanwhile(ended, monkeypatch, kind):
    free = iter([20 << 30])
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=next(free, 1 << 30)))
    folder = ExportsInFolder(ended.folder / "recordings", ended.folder / "exports", key=KEY, keep_free_bytes=3 << 30)
    ended.house = replace(ended.house, exports=folder)
    order = (ended.house, await ended.who("admin"), command_id(), ended.recording_id)
    one = await ask_export(*order, kind=kind, now=NOW)
    assert await Exporter(ended.house, lambda: NOW).step()
    assert (await row(ended, one.id)).code == "disk_full"
    assert files(ended) == []


@pytest.mark.parametrize("number", ["director", "lecturer", "secretary", "10001"])
async def test_who_runs_teaches_or_watches_a_lesson_does_not_take_it_along(ended, number):
    one = await ask(ended)
    who = await ended.who(number)
    order = (ended.house, who, command_id(), ended.recording_id)
    assert await refused(ask_export(*order, kind=one.kind, now=NOW)) == "forbidden"
    assert await refused(cancel_export(ended.house, who, one.id, NOW)) == "job_not_found"
    assert await refused(export_file(ended.house, who, one.id, "camera.mp4", NOW)) == "job_not_found"
