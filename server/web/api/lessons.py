"""Planning lessons, moving them through their life, reading their event log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import hdrs
from pydantic import Field, StringConstraints

from server.domain.credit import MOST_HUNDREDTHS
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import LessonFilter, LessonState, LessonStep
from server.domain.venues import Part
from server.services.checkpoints import see_listener
from server.services.events import PAGE, EventPage, events_since, latest_events
from server.services.lessons import (
    LessonChange,
    LessonPlan,
    VenuePlan,
    change_lesson,
    create_lesson,
    get_lesson,
    list_lessons,
    move_lesson,
)
from server.services.views import LessonView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Moment, Paged, Query, Text

calls = Endpoints()

_PLAN = ("forbidden", "unit_not_found", "venue_not_found", "account_not_found", "command_reused")
IN_COURSE = (*_PLAN, "course_not_found", "course_closed", "group_not_found")


class LessonVenueForm(Form):
    venue_id: UUID
    part: Part

    def plan(self) -> VenuePlan:
        return VenuePlan(str(self.venue_id), self.part)


Credit = Annotated[int, Field(ge=0, le=MOST_HUNDREDTHS)]
Venues = Annotated[tuple[LessonVenueForm, ...], Field(max_length=500, strict=False)]


class NewLesson(Command):
    title: Text
    unit_id: UUID
    lecturer_id: UUID | None = None
    starts_at: Moment
    ends_at: Moment
    recorded: bool = True
    venues: Venues = ()
    credit_hundredths: Credit = 0
    watermark: bool = False
    replay_skips: bool = False
    kind: LessonKind = LessonKind.LECTURE
    media: bool = True
    course_id: UUID | None = None
    group_id: UUID | None = None

    def plan(self) -> LessonPlan:
        return LessonPlan(
            title=self.title,
            unit_id=str(self.unit_id),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            lecturer_id=str(self.lecturer_id) if self.lecturer_id else None,
            recorded=self.recorded,
            venues=tuple(venue.plan() for venue in self.venues),
            credit_hundredths=self.credit_hundredths,
            watermark=self.watermark,
            replay_skips=self.replay_skips,
            kind=self.kind,
            media=self.media,
            course_id=str(self.course_id) if self.course_id else None,
            group_id=str(self.group_id) if self.group_id else None,
        )


class ChangedLesson(Form):
    """Fields that are left out stay; ``lecturer_id``, ``course_id``, ``group_id`` null take that away."""

    command_id: UUID | None = None
    title: Text | None = None
    lecturer_id: UUID | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    recorded: bool | None = None
    venues: Venues | None = None
    credit_hundredths: Credit | None = None
    watermark: bool | None = None
    replay_skips: bool | None = None
    kind: LessonKind | None = None
    media: bool | None = None
    course_id: UUID | None = None
    group_id: UUID | None = None


class Step(Command):
    event: Literal["schedule", "open", "start", "end", "settle", "archive", "cancel", "reopen_draft"]


class Listing(Paged):
    """`since` ≤ start < `until`; `unit` with all below."""

    state: LessonState | None = None
    since: Moment | None = None
    until: Moment | None = None
    kind: LessonKind | None = None
    course: UUID | None = None
    unit: UUID | None = None

    @property
    def narrowed(self) -> LessonFilter:
        return LessonFilter(self.since, self.until, self.kind, str(self.course) if self.course else None)


class Since(Query):
    since: Annotated[int, Field(ge=0, le=2**53)] = 0
    wait: Annotated[float, Field(ge=0, le=25, allow_inf_nan=False)] = 0
    snapshot: bool = False
    last: Annotated[int, Field(ge=1, le=PAGE)] | None = None
    nouns: Annotated[str, StringConstraints(max_length=200, pattern=r"^[a-z_]+(,[a-z_]+)*$")] | None = None


@dataclass(frozen=True, slots=True)
class LessonPage:
    items: tuple[LessonView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class EventOut:
    seq: int
    at: dt.datetime
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Events:
    """`behind`: more than a page is missing, fetch snapshots instead."""

    events: tuple[EventOut, ...]
    seq: int
    behind: bool = False


@calls.on("GET", "/api/v1/lessons", refusals=("unit_not_found",))
async def get_lessons(call: Call, query: Listing) -> LessonPage:
    """Lessons in scope, newest start first."""
    states = (query.state,) if query.state else ()
    page = await list_lessons(
        call.site.house.records,
        call.principal,
        states=states,
        narrowed=query.narrowed,
        unit_id=str(query.unit) if query.unit else None,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )
    return LessonPage(page.items, page.next_cursor)


@calls.on("POST", "/api/v1/lessons", status=201, refusals=IN_COURSE)
async def post_lesson(call: Call, body: NewLesson) -> LessonView:
    """Plan a lesson; it begins as a draft."""
    made = await create_lesson(call.site.house.records, call.principal, body.command, body.plan(), call.now)
    return _tagged(call, made)


@calls.on("GET", "/api/v1/lessons/{lesson_id}")
async def get_one_lesson(call: Call, lesson_id: UUID) -> LessonView:
    """One lesson, with its ETag."""
    return _tagged(call, await get_lesson(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on(
    "PATCH",
    "/api/v1/lessons/{lesson_id}",
    refusals=(*IN_COURSE, "not_editable", "precondition_required", "precondition_failed"),
)
async def patch_lesson(call: Call, lesson_id: UUID, body: ChangedLesson) -> LessonView:
    """Change the plan of a lesson in draft or scheduled."""
    changed = await change_lesson(
        call.site.house.records,
        call.principal,
        str(lesson_id),
        _change(body),
        version=call.if_match,
        command_id=str(body.command_id) if body.command_id else None,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/transitions",
    refusals=(
        *("illegal_transition", "forbidden", "command_reused", "rule_missing", "presence_pending"),
        "group_dissolved",
    ),
)
async def post_transition(call: Call, lesson_id: UUID, body: Step) -> LessonView:
    """One step in the lesson's life."""
    lesson = await move_lesson(*call.order(lesson_id, body), step=LessonStep(body.event), now=call.now)
    return _tagged(call, lesson)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/events")
async def get_events(call: Call, lesson_id: UUID, query: Since) -> Events:
    """What the caller may hear after `since`; waits up to `wait` seconds for something newer. `last`: the newest."""
    if query.last is not None:
        nouns = query.nouns.split(",") if query.nouns else ()
        records = call.site.house.records
        return events_out(
            await latest_events(records, call.principal, str(lesson_id), nouns=nouns, last=query.last, now=call.now)
        )
    wait_s = min(query.wait, call.site.settings.event_wait_seconds)
    if query.wait:
        see_listener(call.site.house, str(lesson_id), call.principal, call.now)
    with call.site.waiting.place(call.principal.account_id):
        page = await events_since(
            call.site.house.records,
            call.site.house.fanout,
            call.principal,
            str(lesson_id),
            query.since,
            wait=dt.timedelta(seconds=wait_s),
            snapshot=query.snapshot,
            now=call.now,
        )
    return events_out(page)


def events_out(page: EventPage) -> Events:
    return Events(tuple(EventOut(e.seq, e.at, e.kind, dict(e.data)) for e in page.events), page.seq, page.behind)


def _tagged(call: Call, lesson: LessonView) -> LessonView:
    call.headers[hdrs.ETAG] = f'"{lesson.version}"'
    return lesson


def _change(body: ChangedLesson) -> LessonChange:
    lecturer_id = str(body.lecturer_id) if body.lecturer_id else None
    if "lecturer_id" in body.model_fields_set and body.lecturer_id is None:
        lecturer_id = ""
    course_id = str(body.course_id) if body.course_id else None
    if "course_id" in body.model_fields_set and body.course_id is None:
        course_id = ""
    group_id = str(body.group_id) if body.group_id else None
    if "group_id" in body.model_fields_set and body.group_id is None:
        group_id = ""
    return LessonChange(
        title=body.title,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        lecturer_id=lecturer_id,
        recorded=body.recorded,
        venues=None if body.venues is None else tuple(venue.plan() for venue in body.venues),
        credit_hundredths=body.credit_hundredths,
        watermark=body.watermark,
        replay_skips=body.replay_skips,
        kind=body.kind,
        media=body.media,
        course_id=course_id,
        group_id=group_id,
    )
