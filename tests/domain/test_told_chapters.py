"""Chapters that follow from the event log."""

import datetime as dt
import itertools

from hypothesis import given
from hypothesis import strategies as st

from server.domain.chapters import MOST_CHAPTERS, TITLE_LENGTH, Chapter, ChapterKind, chapter_title
from server.domain.events import EVERYONE, Event
from server.domain.told_chapters import SHOWN, kinds, told

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
VENUE, OTHER = "venue-1", "venue-2"


def at(seconds):
    return NOW + dt.timedelta(seconds=seconds)


def event(seq, seconds, kind, **data):
    return Event(seq, at(seconds), kind, EVERYONE, data, None)


def take(seq, seconds, source, slot="camera"):
    return event(seq, seconds, "stage.taken", slot=slot, source=source, label=f"会场 {source}", by="会控")


def launched(seq, seconds, text="灭火器多久检查一次？"):
    return event(seq, seconds, "quiz.launched", quiz_id=f"q{seq}", text=text, options=[{"id": "a", "text": "一个月"}])


def test_who_comes_on_the_air_and_who_comes_back_begin_chapters():
    log = [take(1, -60, "main"), take(2, 0, "main"), take(3, 100, VENUE), take(4, 160, "main"), take(5, 200, "spare")]
    found = told(log, NOW, at(300))
    assert [(one.kind, one.title, one.at) for one in found] == [
        (ChapterKind.STAGE, "会场 venue-1", at(100)),
        (ChapterKind.STAGE, "会场 main", at(160)),
    ]


def test_what_flashed_by_begins_none_nor_does_a_clip_nor_a_screen():
    log = [
        take(1, 10, VENUE),
        take(2, 12, "main"),
        take(3, 50, "clip"),
        take(4, 80, "main"),
        take(5, 90, "screen", slot="screen"),
        take(6, 95, None),
    ]
    assert told(log, NOW, at(300)) == ()


def test_a_venue_that_stood_on_the_air_before_the_lesson_began_is_no_change():
    log = [take(1, -10, VENUE), take(2, 30, VENUE), take(3, 60, "main")]
    assert [one.at for one in told(log, NOW, None)] == [at(60)]


def test_a_question_says_its_text_and_nothing_of_its_answer():
    closed = event(2, 40, "quiz.closed", quiz_id="q1", correct=["a"], explanation="每月一次", distribution={"a": 3})
    [found] = told([launched(1, 20), closed], NOW, at(300))
    assert (found.id, found.kind, found.title) == ("quiz-q1", ChapterKind.QUIZ, "灭火器多久检查一次？")
    assert "每月" not in repr(found)
    assert "一个月" not in repr(found)


def test_a_title_is_one_line():
    assert chapter_title("如何\n使用  灭火器？") == "如何 使用 灭火器？"
    assert len(chapter_title("长" * 200)) == TITLE_LENGTH


def test_kept_ones_are_told_apart_by_the_moment_of_their_event():
    log = [event(1, 5, "slides.turned", material_id="m", page=2), event(2, 9, "clip.started", material_id="c")]
    rows = [Chapter(name, "l", at(second), name, "by", asked) for name, second, asked in ROWS]
    assert kinds(rows, log) == {
        "page": ChapterKind.SLIDES,
        "film": ChapterKind.CLIP,
        "hand": ChapterKind.MARK,
        "asked": ChapterKind.INQUIRY,
    }


ROWS = (("page", 5, None), ("film", 9, None), ("hand", 10, None), ("asked", 9, "i1"))

_STEPS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["main", "spare", "clip", None, VENUE, OTHER, "quiz"])), max_size=60
)


@given(_STEPS, st.integers(-50, 50), st.one_of(st.none(), st.integers(0, 900)))
def test_they_are_in_order_within_the_lesson_and_never_the_same_twice_in_a_row(steps, since, lasted):
    log, second = [], 0
    for seq, (wait, what) in enumerate(steps, 1):
        second += wait
        log.append(launched(seq, second) if what == "quiz" else take(seq, second, what))
    until = None if lasted is None else at(since + lasted)
    found = told(log, at(since), until)
    assert len(found) <= MOST_CHAPTERS
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert all(at(since) <= one.at and (until is None or one.at < until) for one in found)
    assert len({one.id for one in found}) == len(found)
    assert found == told(log, at(since), until)
    stages = [one for one in found if one.kind is ChapterKind.STAGE]
    assert all(one.title != after.title for one, after in itertools.pairwise(stages) if "venue" in one.title)
    assert all(until is None or until - one.at >= SHOWN or one is not stages[-1] for one in stages)
    asked = sum(
        one.kind == "quiz.launched" and at(since) <= one.at and (until is None or one.at < until) for one in log
    )
    assert len(found) - len(stages) == asked


def test_a_paper_begins_a_chapter_by_its_name_or_as_what_it_is():
    log = [
        event(1, 10, "paper.launched", run_id="r1", name="消防安全应知应会", questions=3),
        event(2, 90, "paper.launched", run_id="r2", name="", questions=2),
    ]
    assert [(one.id, one.kind, one.title) for one in told(log, NOW, None)] == [
        ("paper-r1", ChapterKind.QUIZ, "消防安全应知应会"),
        ("paper-r2", ChapterKind.QUIZ, "整卷作答"),
    ]
