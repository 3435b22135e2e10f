"""Pictures of recordings are made when no lesson is on the air, once, and are fetched as segments are."""

from dataclasses import replace

import pytest

from recordings.library import FolderLibrary
from recordings.verifying import verify
from server.archive import ArchivedLibrary, PicturesInFolder
from server.converting.crafts import CONTACT
from server.domain.recordings import RecordingFilter, RecordingSummary
from server.domain.refusals import Refusal
from server.services.archive_search import list_recordings
from server.services.picturing import MOST_TRIES, Picturer
from server.services.recordings import poster_file
from tests.recordings.test_film import archived
from tests.services.conftest import refused
from tests.store.samples import NOW


@pytest.fixture
async def ended(stage, tmp_path):
    await stage.step("open", "start")
    [recording] = await stage.records.read(lambda tx: tx.recordings.of_lesson(stage.lesson_id))
    summary = RecordingSummary(recording.id, stage.lesson_id, "finished", NOW, 2_000, 1, 2, recovered=False, gaps_ms=0)
    await stage.records.write(lambda tx: tx.recordings.save_summary(summary))
    folder = tmp_path / "recordings"
    folder.mkdir()
    stage.archive = archived(folder).rename(folder / recording.id)
    stage.recording_id = recording.id
    pictures = PicturesInFolder(folder, tmp_path / "pictures", CONTACT)
    stage.house = replace(stage.house, pictures=pictures, library=ArchivedLibrary(FolderLibrary(folder)))
    return stage


async def listed(stage):
    wanted = RecordingFilter(lesson_id=stage.lesson_id)
    who = await stage.who("10001")
    page = await list_recordings(stage.records, who, wanted, pictures=stage.house.pictures, now=NOW)
    return page.items[0]


async def test_they_wait_for_the_lesson_then_are_made_once(ended, tmp_path):
    picturer = Picturer(ended.house)
    assert not await picturer.step()
    await ended.step("end")
    assert not (await listed(ended)).poster
    assert await picturer.step()
    assert not await picturer.step()
    assert not await Picturer(ended.house).step(), "another process sees that they are there"
    assert verify(ended.archive).sound
    assert (await listed(ended)).poster
    assert list((tmp_path / "pictures").iterdir()) == []
    order = (ended.records, ended.house.library)
    path = await poster_file(*order, await ended.who("10001"), ended.recording_id, NOW)
    assert path.read_bytes()[8:12] == b"WEBP"
    assert await refused(poster_file(*order, await ended.who("10001"), ended.lesson_id, NOW)) == "recording_not_found"


async def test_what_fails_is_left_after_some_tries_and_what_is_not_here_at_once(ended):
    await ended.step("end")

    class Full(PicturesInFolder):
        async def make(self, recording_id):
            raise Refusal("disk_full", "")

    there = ended.archive.parent
    full = Picturer(replace(ended.house, pictures=Full(there, there.parent / "pictures", CONTACT)))
    assert [await full.step() for _ in range(MOST_TRIES + 1)] == [False] * (MOST_TRIES + 1)
    empty = there.parent / "elsewhere"
    empty.mkdir()
    elsewhere = Picturer(replace(ended.house, pictures=PicturesInFolder(empty, empty / "work", CONTACT)))
    assert [await elsewhere.step() for _ in range(2)] == [True, False]


async def test_keyframes_that_nobody_can_draw_are_not_tried_for_ever(ended):
    await ended.step("end")

    async def broken(source, into, progress):
        raise Refusal("conversion_failed", "")

    there = ended.archive.parent
    house = replace(ended.house, pictures=PicturesInFolder(there, there.parent / "pictures", broken))
    assert await Picturer(house).step()
    assert not await Picturer(house).step()
    assert not (await listed(ended)).poster
    assert verify(ended.archive).sound
