"""The archive as people search it: rights, pages, marks."""

import datetime as dt

import pytest

from server.domain.events import EVERYONE, STAFF, Announcement
from server.domain.lessons import LessonStep
from server.domain.recordings import RecordingFilter
from server.services.archive_search import list_recordings, see_recording
from server.services.chapter_index import Indexer
from server.services.chapters import mark_chapter
from server.services.demo import demo_id
from server.services.lessons import move_lesson
from tests.store.samples import NOW

from .conftest import command_id, refused

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
async def recorded(stage):
    await stage.step("open", "start")
    recording_id = (await stage.lesson()).recording_id
    for title in ("灭火器", "灭火毯", "灭火沙", "灭火弹"):
        await mark_chapter(
            stage.house, await stage.who("director"), stage.lesson_id, command_id(), title=title, now=NOW
        )
    stage.media.record(recording_id, 6000)
    await stage.step("end")
    return stage


async def found(stage, by, text="", **more):
    page = await list_recordings(stage.records, await stage.who(by), RecordingFilter(text), now=NOW, **more)
    return list(page.items)


async def test_a_word_of_a_mark_finds_the_recording_and_says_where(recorded):
    (one,) = await found(recorded, "10001", "灭火")
    assert [mark.title for mark in one.marks] == ["灭火器", "灭火毯", "灭火沙"]
    assert (one.marks_found, one.unit.name, one.lecturer.account_id) == (4, "某集团党委", demo_id("lecturer"))
    (whole,) = await found(recorded, "10001")
    assert (whole.marks, whole.marks_found) == ((), 0)


async def test_who_may_not_watch_finds_nothing_and_sees_nothing(recorded):
    recording_id = (await recorded.lesson()).recording_id
    for number in ("venue1", "secadmin"):
        assert await found(recorded, number, "灭火") == []
        assert await refused(see_recording(recorded.records, await recorded.who(number), recording_id, NOW)) == (
            "recording_not_found"
        )
    one = await see_recording(recorded.records, await recorded.who("10001"), recording_id, NOW)
    assert (one.id, one.duration_ms) == (recording_id, 6000)


async def test_a_unit_narrows_and_one_that_is_not_there_is_refused(recorded):
    lesson = await recorded.lesson()
    assert len(await found(recorded, "admin", unit_id=lesson.unit_id)) == 1
    assert await found(recorded, "admin", unit_id=demo_id("一车间党支部")) == []
    assert await refused(found(recorded, "admin", unit_id=command_id())) == "unit_not_found"


# ---- what follows from the log ---------------------------------------------------------------------------


def asked(text, audience=EVERYONE, quiz_id="q"):
    return Announcement("quiz.launched", audience, {"quiz_id": quiz_id, "text": text})


@pytest.fixture
async def told(stage):
    """A question was put to everybody; another line of the same kind only staff heard."""
    await stage.step("open", "start")
    recording_id = (await stage.lesson()).recording_id
    said = [asked("灭火器多久检查一次？"), asked("只给会务", STAFF, "r")]
    await stage.records.write(lambda tx: tx.events.append(stage.lesson_id, said, NOW + MINUTE, None))
    stage.media.record(recording_id, 6000)
    who, over = await stage.who("director"), NOW + 2 * MINUTE
    await move_lesson(stage.house, who, stage.lesson_id, command_id(), step=LessonStep.END, now=over)
    return stage


async def test_a_question_of_the_log_finds_the_recording_as_soon_as_it_has_ended(told):
    (one,) = await found(told, "10001", "多久检查")
    assert [(mark.title, mark.at) for mark in one.marks] == [("灭火器多久检查一次？", NOW + MINUTE)]
    assert await found(told, "admin", "只给会务") == [], "it is told to some only, and so found by nobody"


async def test_what_ended_before_there_was_an_index_is_found_after_the_first_look(told):
    recording_id = (await told.lesson()).recording_id

    def before(tx):
        tx.chapters.retell(told.lesson_id, ())
        tx.recordings.note_told(recording_id, None)

    await told.records.write(before)
    assert await found(told, "10001", "多久检查") == []
    indexer = Indexer(told.house, lambda: NOW)
    assert (await indexer.step(), await indexer.step()) == (1, 0)
    assert len(await found(told, "10001", "多久检查")) == 1
