"""Recordings found in the record, on every database."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from server.domain.access import Reach
from server.domain.chapters import Chapter
from server.domain.jobs import JobState
from server.domain.keeping import KeepClass, Kept, Place
from server.domain.lesson_kinds import LessonKind
from server.domain.moves import Move
from server.domain.recordings import Recording, RecordingFilter, RecordingState
from server.store.database import Database
from server.store.records import SqlRecords

from .samples import NOW, a_lesson, populate

DAY = dt.timedelta(days=1)
EVERYWHERE = Reach(frozenset({"root", "b1", "b2"}), "nobody", None)
LESSONS = {
    "fire": {"title": "消防安全基础", "lecturer_id": "teacher"},
    "save": {"title": "节能 50% 降耗", "unit_id": "b1", "lecturer_id": "a1", "kind": LessonKind.PARTY_CLASS},
    "aid": {"title": "急救常识 AED", "unit_id": "b2", "lecturer_id": None},
    "empty": {"title": "消防演练"},
}


def fill(tx):
    populate(tx)
    for days, (name, fields) in enumerate(LESSONS.items()):
        tx.lessons.add(a_lesson(name, starts_at=NOW - days * DAY, ends_at=NOW - days * DAY + DAY / 24, **fields))
        recorded = 0 if name == "empty" else 60_000
        tx.recordings.add(Recording(f"r-{name}", name, RecordingState.FINISHED, NOW, recorded))
    tx.chapters.add(Chapter("c2", "aid", NOW + DAY, "灭火器与 aed 的位置", "teacher"))
    tx.chapters.add(Chapter("c1", "aid", NOW, "灭火器的种类", "teacher"))


@pytest.fixture
async def archive(records):
    await records.write(fill)

    async def found(reach=EVERYWHERE, before=None, limit=10, **wanted):
        pairs = await records.read(lambda tx: tx.recordings.listed(reach, RecordingFilter(**wanted), before, limit))
        return [lesson.id for _, lesson in pairs]

    return found


async def test_all_that_was_recorded_newest_lesson_first(archive):
    assert await archive() == ["fire", "save", "aid"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("消防", ["fire"]),
        ("aed", ["aid"]),
        ("50%", ["save"]),
        ("50_", []),
        ("种类", ["aid"]),
        ("讲师", ["fire"]),
        ("学员甲", ["save"]),
        ("xueyuan", ["save"]),
        ("xyj", ["save"]),
        ("没有", []),
    ],
)
async def test_words_are_of_the_title_the_lecturer_or_a_mark(archive, text, names):
    assert await archive(text=text) == names


async def test_narrowed_by_unit_kind_lecturer_and_days(archive):
    assert await archive(unit_ids=frozenset({"b1", "b2"})) == ["save", "aid"]
    assert await archive(kind=LessonKind.PARTY_CLASS) == ["save"]
    assert await archive(lecturer_id="teacher") == ["fire"]
    assert await archive(since=NOW - DAY, until=NOW) == ["save"]
    assert await archive(text="aed", unit_ids=frozenset({"b1"})) == []


async def test_the_reach_is_part_of_the_query(archive):
    assert await archive(Reach(frozenset({"b1"}), "nobody", None), text="消防") == []
    assert await archive(Reach(frozenset(), "teacher", None)) == ["fire"]


async def test_one_page_after_the_other(archive):
    assert await archive(limit=1) == ["fire"]
    assert await archive(before=(NOW, "r-fire"), limit=1) == ["save"]
    assert await archive(before=(NOW - 2 * DAY, "r-aid")) == []


async def test_marks_that_hold_the_text_come_by_time(archive, records):
    marks = await records.read(lambda tx: tx.recordings.marks({"aid", "fire"}, "灭火器"))
    assert [mark.title for mark in marks["aid"]] == ["灭火器的种类", "灭火器与 aed 的位置"]
    assert marks.keys() == {"aid"}


async def test_of_those_with_media_here_pictures_can_be_made(archive, records):
    async def told():
        return sorted(await records.read(lambda tx: tx.recordings.finished(10)))

    assert await told() == ["r-aid", "r-fire", "r-save"]
    await records.write(lambda tx: tx.keeping.put(Kept("r-aid", deleted_at=NOW)))
    await records.write(lambda tx: tx.keeping.put(Kept("r-save", place=Place.OBJECT)))
    await records.write(lambda tx: tx.keeping.put(Kept("r-fire", reason="示范课")))
    assert await told() == ["r-fire"]


@pytest.mark.services
async def test_what_several_processes_decide_about_one_is_all_kept(migrated_postgres):
    """A class, a place and a deletion are one row: nobody writes back what was before another's word."""
    url = await migrated_postgres.new_url("kept")
    databases = [await Database.open(url) for _ in range(3)]

    def add(tx, word):
        one = tx.keeping.of("r-fire", lock=True)
        tx.keeping.put(replace(one, reason=one.reason + word))

    try:
        several = [SqlRecords(database) for database in databases]
        await several[0].write(fill)
        await asyncio.gather(
            *(records.write(lambda tx, n=n: add(tx, str(n))) for n, records in enumerate(several) for _ in range(20))
        )
        kept = await several[0].read(lambda tx: tx.keeping.of("r-fire"))
        assert sorted(kept.reason) == sorted("012" * 20)
    finally:
        for database in databases:
            await database.close()
        await migrated_postgres.drop(url)


async def test_one_whose_move_fails_waits_behind_all_that_were_not_tried_yet(archive, records):
    """So that ever so many damaged archives keep none from its place."""
    classes = [(KeepClass.ORDINARY, list(LessonKind))]

    async def first():
        [one] = await records.read(lambda tx: tx.keeping.to_move(classes, Place.OBJECT, 1))
        return one

    tried = []
    for minute in range(3):
        one, at = await first(), NOW + dt.timedelta(minutes=minute)
        tried.append(one)
        failed = Move(one, "node", JobState.FAILED, 1, at, "archive_damaged", at)
        await records.write(lambda tx, failed=failed: tx.keeping.put_move(failed))
    assert sorted(tried) == ["r-aid", "r-fire", "r-save"], "each came to its turn"
    assert await first() == tried[0], "and who was tried longest ago comes first again"
