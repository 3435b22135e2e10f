"""Courses of micro-videos as a member sees them: how far each is, what it is worth, where to go on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.courses import Course
from server.domain.make_ups import Step
from server.domain.micro_studies import MicroStudy, next_at, tests
from server.domain.micro_terms import MicroTerms, worth
from server.domain.micro_videos import MicroVideo
from server.domain.quiz import QuestionKind
from server.domain.refusals import Refusal
from server.domain.replays import reached_ms
from server.services.micro_studies import terms_today
from server.services.micro_videos import SHOWN, seen_video, studies
from server.services.records import Records, Transaction
from server.services.views import Named, OptionView


@dataclass(frozen=True, slots=True)
class StudyRowView:
    """A video in its course. ``progress``: whole percents of what is to be watched. ``questions``: of its test."""

    id: str
    position: int
    title: str
    duration_ms: int
    step: Step
    progress: int
    hundredths: int
    test_hundredths: int
    questions: int
    done_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CourseStudyView:
    """``next_id``: the video to go on with, None when all are done."""

    id: str
    title: str
    unit: Named
    note: str
    done: int
    total: int
    next_id: str | None
    items: tuple[StudyRowView, ...]


@dataclass(frozen=True, slots=True)
class MarkQuestionView:
    """Asked where the film has come to ``mark_ms``; ``answered``: it was."""

    id: str
    mark_ms: int
    kind: QuestionKind
    text: str
    options: tuple[OptionView, ...]
    answered: bool


@dataclass(frozen=True, slots=True)
class MicroStudyView:
    """One's own way through a video. ``counts`` False: it is only looked at, and nothing is measured."""

    id: str
    course: Named
    title: str
    duration_ms: int
    counts: bool
    step: Step
    progress: int
    position_ms: int
    reached_ms: int
    skips: bool
    terms: MicroTerms
    hundredths: int
    test_hundredths: int
    questions: int
    next_attempt_at: dt.datetime | None
    attempt_id: str | None
    marks: tuple[MarkQuestionView, ...]
    next_id: str | None
    done_at: dt.datetime | None


async def list_course_studies(records: Records, principal: Principal, now: dt.datetime) -> tuple[CourseStudyView, ...]:
    """Courses for this member that have micro-videos, by title; no member: none."""

    def load(tx: Transaction) -> tuple[CourseStudyView, ...]:
        if principal.member_id is None:
            return ()
        units = frozenset((*principal.unit_line, *principal.loan_line))
        courses = tx.courses.of_units(units)
        counts = tx.micro.counts([course.id for course in courses], SHOWN)
        return tuple(course_view(tx, principal, course, now) for course in courses if counts.get(course.id))

    return await records.read(load)


async def see_course_study(records: Records, principal: Principal, course_id: str, now: dt.datetime) -> CourseStudyView:
    """Raises ``course_not_found``, also for whom it is not."""

    def load(tx: Transaction) -> CourseStudyView:
        course = tx.courses.get(course_id)
        if course is None or not studies(principal, course):
            raise Refusal("course_not_found", course_id)
        return course_view(tx, principal, course, now)

    return await records.read(load)


def course_view(tx: Transaction, principal: Principal, course: Course, now: dt.datetime) -> CourseStudyView:
    shown = [video for video in tx.micro.of_course(course.id) if video.state in SHOWN]
    ids = [video.id for video in shown]
    known = tx.studies.of_member(principal.member_id or "", ids)
    tested, terms = tx.studies.tested(ids), terms_today(tx, course, now)
    rows = tuple(_row(video, known.get(video.id), terms, tested.get(video.id, 0)) for video in shown)
    return CourseStudyView(
        id=course.id,
        title=course.title,
        unit=Named(course.unit_id, tx.units.names({course.unit_id}, tx.calendar.day(now))[course.unit_id]),
        note=course.note,
        done=sum(row.step is Step.DONE for row in rows),
        total=len(rows),
        next_id=next((row.id for row in rows if row.step is not Step.DONE), None),
        items=rows,
    )


def _row(video: MicroVideo, study: MicroStudy | None, terms: MicroTerms, questions: int) -> StudyRowView:
    hundredths = study.hundredths if study else worth(terms, video.duration_ms)
    test = (study.test_hundredths if study else terms.test_hundredths) if questions else 0
    step, progress = (study.step(), study.progress) if study else (Step.NOT_STARTED, 0)
    own = (video.id, video.position, video.title, video.duration_ms)
    return StudyRowView(*own, step, progress, hundredths, test, questions, study.done_at if study else None)


async def see_micro_study(records: Records, principal: Principal, video_id: str, now: dt.datetime) -> MicroStudyView:
    """Raises ``micro_not_found``."""
    return await records.read(lambda tx: study_view(tx, principal, video_id, now))


def study_view(tx: Transaction, principal: Principal, video_id: str, now: dt.datetime) -> MicroStudyView:
    video, course = seen_video(tx, principal, video_id, now)
    counts = studies(principal, course) and video.state in SHOWN
    member_id = principal.member_id or ""
    study = tx.studies.get(video_id, member_id) if counts else None
    watch = tx.micro_watches.get(video_id, member_id) if study else None
    asked = tx.studies.questions(video_id)
    test, terms = tests(asked), study.terms if study else terms_today(tx, course, now)
    marked = tx.studies.marked(video_id, member_id) if study else {}
    tried = tx.studies.attempts(study.id) if study else ()
    waiting = next((each for each in tried if each.submitted_at is None), None)
    after = next_at(study, tried) if study and not study.passed else None
    whole = course_view(tx, principal, course, now) if counts else None
    ids = [row.id for row in whole.items] if whole else []
    place = ids.index(video_id) + 1 if video_id in ids else len(ids)
    return MicroStudyView(
        id=video.id,
        course=Named(course.id, course.title),
        title=video.title,
        duration_ms=video.duration_ms,
        counts=counts,
        step=study.step() if study else Step.NOT_STARTED,
        progress=study.progress if study else 0,
        position_ms=watch[0].position_ms if watch else 0,
        reached_ms=reached_ms(watch[0].watched) if watch else 0,
        skips=study.skips if study else video.skips,
        terms=terms,
        hundredths=study.hundredths if study else worth(terms, video.duration_ms),
        test_hundredths=(study.test_hundredths if study else terms.test_hundredths) if test else 0,
        questions=len(test),
        next_attempt_at=after if after is not None and now < after else None,
        attempt_id=waiting.id if waiting else None,
        marks=tuple(
            MarkQuestionView(
                each.question.id,
                each.mark_ms,
                each.question.kind,
                each.question.text,
                tuple(OptionView(option.id, option.text) for option in each.question.options),
                each.question.id in marked,
            )
            for each in asked
            if each.mark_ms is not None and video.asks
        ),
        next_id=next((row.id for row in (whole.items[place:] if whole else ()) if row.step is not Step.DONE), None),
        done_at=study.done_at if study else None,
    )
