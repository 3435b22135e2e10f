"""Planning lessons and moving them through their life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.lessons import LessonState, LessonStep
from server.domain.venues import Part
from server.services.house import House
from server.services.records import Records
from server.services.views import LessonView, Page


@dataclass(frozen=True, slots=True)
class VenuePlan:
    venue_id: str
    part: Part


@dataclass(frozen=True, slots=True)
class LessonPlan:
    title: str
    unit_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    lecturer_id: str | None = None
    recorded: bool = True
    venues: tuple[VenuePlan, ...] = ()
    video_codec: str = "H264"


@dataclass(frozen=True, slots=True)
class LessonChange:
    """None: leave as it is. ``lecturer_id`` "" takes the lecturer away."""

    title: str | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    lecturer_id: str | None = None
    recorded: bool | None = None
    venues: tuple[VenuePlan, ...] | None = None


async def list_lessons(
    records: Records,
    principal: Principal,
    *,
    states: Collection[LessonState] = (),
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[LessonView]:
    """Newest start first, only what the principal may read. Raises ``invalid_body`` for a foreign cursor."""
    raise NotImplementedError


async def get_lesson(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> LessonView:
    """Raises ``lesson_not_found``, also when it exists but the principal may not know."""
    raise NotImplementedError


async def create_lesson(
    records: Records, principal: Principal, command_id: str, plan: LessonPlan, now: dt.datetime
) -> LessonView:
    """A draft. Raises ``forbidden``, ``invalid_body``, ``unit_not_found``, ``venue_not_found``, ``account_not_found``,
    ``command_reused``.
    """
    raise NotImplementedError


async def change_lesson(
    records: Records,
    principal: Principal,
    lesson_id: str,
    change: LessonChange,
    *,
    version: int,
    command_id: str | None = None,
    now: dt.datetime,
) -> LessonView:
    """Raises ``precondition_failed`` when ``version`` is not the present one, ``not_editable``, and as create."""
    raise NotImplementedError


async def move_lesson(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, step: LessonStep, now: dt.datetime
) -> LessonView:
    """One step of its life. Raises ``illegal_transition``, ``forbidden``, ``lesson_not_found``, ``command_reused``.

    The record decides; the media process follows. When it is away the step still holds, and it is made to follow
    when it comes back.
    """
    raise NotImplementedError
