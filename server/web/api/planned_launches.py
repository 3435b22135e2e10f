"""预约发布: what the house launches by itself at a mark of the lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.domain.papers import MOST_QUESTIONS
from server.domain.planned_launches import MOST_NUMBER, Mark, MarkKind
from server.domain.quiz import MOST_GRACE_MS, USUAL_GRACE_MS, Keep, Terms
from server.services.planned_launches import (
    LaunchPlan,
    PlannedView,
    cancel_planned,
    launch_planned,
    list_planned,
    plan_launch,
    put_off_planned,
)
from server.web.api.questions import Seconds
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()


class Planning(Command):
    question_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_QUESTIONS, strict=False)]
    mark: MarkKind = Field(strict=False)
    number: Annotated[int, Field(ge=1, le=MOST_NUMBER)]
    material_id: Annotated[UUID | None, Field(strict=False)] = None
    seconds: Seconds | None = None
    grace_ms: Annotated[int, Field(ge=0, le=MOST_GRACE_MS)] = USUAL_GRACE_MS
    keep: Keep = Field(default=Keep.FIRST, strict=False)
    mix_questions: bool = False
    mix_options: bool = False


@dataclass(frozen=True, slots=True)
class PlannedLaunches:
    items: tuple[PlannedView, ...]


_ONE = ("planned_not_found", "planned_over", "forbidden", "command_reused")


@calls.on("GET", "/api/v1/lessons/{lesson_id}/planned-launches", refusals=("forbidden",))
async def get_planned(call: Call, lesson_id: UUID) -> PlannedLaunches:
    """What is to be launched by itself, and what became of it."""
    return PlannedLaunches(await list_planned(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/planned-launches",
    status=201,
    refusals=(
        *("forbidden", "not_editable", "question_not_found", "material_not_found", "page_unknown"),
        *("mark_passed", "command_reused"),
    ),
)
async def post_planned(call: Call, lesson_id: UUID, body: Planning) -> PlannedView:
    """Plan a launch at a mark of the lesson."""
    mark = Mark(body.mark, body.number, str(body.material_id) if body.material_id else None)
    plan = LaunchPlan(
        question_ids=tuple(str(each) for each in body.question_ids),
        mark=mark,
        terms=Terms(body.seconds, keep=body.keep, grace_ms=body.grace_ms),
        mix_questions=body.mix_questions,
        mix_options=body.mix_options,
    )
    return await plan_launch(*call.order(lesson_id, body), plan=plan, now=call.now)


@calls.on(
    "POST",
    "/api/v1/planned-launches/{planned_id}/launch",
    refusals=(*_ONE, "lesson_not_on_air", "quiz_running", "question_not_found"),
)
async def post_planned_launch(call: Call, planned_id: UUID, body: Command) -> PlannedView:
    """Launch it now."""
    return await launch_planned(*call.order(planned_id, body), call.moment())


@calls.on("POST", "/api/v1/planned-launches/{planned_id}/delay", refusals=(*_ONE, "mark_not_reached"))
async def post_planned_delay(call: Call, planned_id: UUID, body: Command) -> PlannedView:
    """Put it off by five minutes."""
    return await put_off_planned(*call.order(planned_id, body), call.now)


@calls.on("POST", "/api/v1/planned-launches/{planned_id}/cancel", refusals=_ONE)
async def post_planned_cancel(call: Call, planned_id: UUID, body: Command) -> PlannedView:
    """Cancel it."""
    return await cancel_planned(*call.order(planned_id, body), call.now)
