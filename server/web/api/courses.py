"""Courses, and how often each kind of lesson is to be held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import hdrs
from pydantic import Field

from server.domain.lesson_kinds import MOST_TIMES, Every, LessonKind
from server.services.courses import CoursePlan, CourseView, add_course, change_course, list_courses
from server.services.lesson_kinds import KindRulePlan, KindRulesView, KindRuleView, list_kind_rules, put_kind_rule
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Day, Prose, Text

calls = Endpoints()


class ChangedCourse(Command):
    title: Text
    note: Prose = ""
    closed: bool = False

    def plan(self) -> CoursePlan:
        return CoursePlan(self.title, self.note, self.closed)


class NewCourse(ChangedCourse):
    unit_id: UUID


class NewKindRule(Command):
    unit_id: UUID
    kind: LessonKind
    since: Day
    every: Every
    times: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    above: bool = False


@dataclass(frozen=True, slots=True)
class Courses:
    items: tuple[CourseView, ...]


@calls.on("GET", "/api/v1/courses")
async def get_courses(call: Call) -> Courses:
    """Of the units whose lessons the caller sees and of those above them, by title."""
    return Courses(await list_courses(call.site.house.records, call.principal, call.now))


@calls.on("POST", "/api/v1/courses", status=201, refusals=("forbidden", "unit_not_found", "command_reused"))
async def post_course(call: Call, body: NewCourse) -> CourseView:
    """Who plans lessons of the unit."""
    unit_id, records = str(body.unit_id), call.site.house.records
    made = await add_course(records, call.principal, body.command, unit_id=unit_id, plan=body.plan(), now=call.now)
    return _tagged(call, made)


@calls.on(
    "PUT",
    "/api/v1/courses/{course_id}",
    refusals=("course_not_found", "precondition_required", "precondition_failed", "command_reused"),
)
async def put_course(call: Call, course_id: UUID, body: ChangedCourse) -> CourseView:
    """Its title and note; `closed`: no lesson is added any more."""
    changed = await change_course(
        call.site.house.records,
        call.principal,
        str(course_id),
        body.command,
        plan=body.plan(),
        version=call.if_match,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on("GET", "/api/v1/kind-rules", refusals=("forbidden",))
async def get_kind_rules(call: Call) -> KindRulesView:
    """How often 三会一课 and 主题党日 are to be held: what was said for the caller's units, and what is customary."""
    return await list_kind_rules(call.site.house.records, call.principal, call.now)


@calls.on(
    "POST",
    "/api/v1/kind-rules",
    status=201,
    refusals=("forbidden", "unit_not_found", "past_fixed", "command_reused"),
)
async def post_kind_rule(call: Call, body: NewKindRule) -> KindRuleView:
    """Holds for the unit and all below from a day on, which is not past."""
    plan = KindRulePlan(str(body.unit_id), body.kind, body.since, body.every, body.times, body.day, above=body.above)
    return await put_kind_rule(call.site.house.records, call.principal, body.command, plan, call.now)


def _tagged(call: Call, course: CourseView) -> CourseView:
    call.headers[hdrs.ETAG] = f'"{course.version}"'
    return course
