"""Courses (课程): seen by whoever their lessons could reach, kept by who plans lessons of their unit."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from server.domain.access import Action, Principal, may_in_unit, reach, require_in_unit
from server.domain.courses import Course
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.records import Records, Transaction
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class CourseView:
    """``lessons``: how many it has, cancelled ones left out."""

    id: str
    title: str
    unit: Named
    note: str
    closed: bool
    lessons: int
    may_edit: bool
    version: int


@dataclass(frozen=True, slots=True)
class CoursePlan:
    title: str
    note: str
    closed: bool = False


_VIEW = TypeAdapter(CourseView)


async def list_courses(records: Records, principal: Principal, now: dt.datetime) -> tuple[CourseView, ...]:
    """Of the units whose lessons the principal sees and of those above them, by title."""

    def load(tx: Transaction) -> tuple[CourseView, ...]:
        on, tree = tx.calendar.day(now), tx.units.tree()
        own = reach(principal, tree, on).unit_ids
        seen = own.union(*(tree.line(unit_id, on) for unit_id in own))
        return _views(tx, principal, tx.courses.of_units(seen), now)

    return await records.read(load)


def _views(
    tx: Transaction, principal: Principal, courses: Sequence[Course], now: dt.datetime
) -> tuple[CourseView, ...]:
    on = tx.calendar.day(now)
    names = tx.units.names({course.unit_id for course in courses}, on)
    counts = tx.lessons.counts_of_courses([course.id for course in courses])
    return tuple(
        CourseView(
            id=course.id,
            title=course.title,
            unit=Named(course.unit_id, names[course.unit_id]),
            note=course.note,
            closed=course.closed,
            lessons=counts.get(course.id, 0),
            may_edit=may_in_unit(principal, Action.EDIT, tx.units.line(course.unit_id, on)),
            version=course.version,
        )
        for course in courses
    )


async def add_course(
    records: Records, principal: Principal, command_id: str, *, unit_id: str, plan: CoursePlan, now: dt.datetime
) -> CourseView:
    """Raises ``forbidden``, ``unit_not_found``, ``command_reused``."""
    asked = command(principal, command_id, "add_course", unit_id=unit_id, plan=asdict(plan))

    def do(tx: Transaction) -> CourseView:
        course = Course(str(uuid.uuid4()), unit_id, plan.title, plan.note, plan.closed)
        tx.courses.add(course)
        return _views(tx, principal, [course], now)[0]

    def work(tx: Transaction) -> CourseView:
        require_in_unit(principal, Action.EDIT, tx.units.line(unit_id, tx.calendar.day(now)))
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)


async def change_course(
    records: Records,
    principal: Principal,
    course_id: str,
    command_id: str,
    *,
    plan: CoursePlan,
    version: int,
    now: dt.datetime,
) -> CourseView:
    """Raises ``course_not_found``, also for who may not change it, ``precondition_failed``, ``command_reused``."""
    asked = command(principal, command_id, "change_course", course_id=course_id, plan=asdict(plan), version=version)

    def do(tx: Transaction, course: Course) -> CourseView:
        if course.version != version:
            raise Refusal("precondition_failed", f"{version}, now {course.version}")
        changed = replace(course, **asdict(plan), version=version + 1)
        tx.courses.save(changed)
        return _views(tx, principal, [changed], now)[0]

    def work(tx: Transaction) -> CourseView:
        course = tx.courses.lock(course_id)
        if course is None or not may_in_unit(
            principal, Action.EDIT, tx.units.line(course.unit_id, tx.calendar.day(now))
        ):
            raise Refusal("course_not_found", course_id)
        return once(tx, asked, now, _VIEW, lambda: do(tx, course))

    return await records.write(work)
