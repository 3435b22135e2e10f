"""更正: corrections of attendance, by one person or two."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.domain.attendance import Standing
from server.services import corrections
from server.services.corrections import CorrectionView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Text

calls = Endpoints()

_ALWAYS = ("forbidden", "member_not_found", "correction_own", "correction_closed", "command_reused")


class NewCorrection(Command):
    member_id: UUID
    standing: Standing
    reason: Text


class SecondOpinion(Command):
    approve: bool
    answer: Text


@dataclass(frozen=True, slots=True)
class Corrections:
    """``by_two``: a new one waits for a second person."""

    items: tuple[CorrectionView, ...]
    by_two: bool


@calls.on("GET", "/api/v1/lessons/{lesson_id}/corrections", refusals=("forbidden",))
async def get_corrections(call: Call, lesson_id: UUID) -> Corrections:
    """Corrections of a lesson's attendance, of the people the caller may vouch for."""
    house = call.site.house
    items = await corrections.list_corrections(house.records, call.principal, str(lesson_id), call.now)
    return Corrections(items, house.corrections_by_two)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/corrections",
    status=201,
    refusals=(*_ALWAYS, "correction_same", "correction_waiting"),
)
async def post_correction(call: Call, lesson_id: UUID, body: NewCorrection) -> CorrectionView:
    """Put something else in place of what the record says of somebody."""
    return await corrections.correct(
        *call.order(lesson_id, body),
        member_id=str(body.member_id),
        standing=body.standing,
        reason=body.reason,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/corrections/{correction_id}/decision",
    refusals=(*_ALWAYS, "correction_not_found", "correction_decided", "lesson_not_found"),
)
async def post_correction_decision(call: Call, correction_id: UUID, body: SecondOpinion) -> CorrectionView:
    """The second person confirms it, or does not."""
    order = call.order(correction_id, body)
    return await corrections.decide_correction(*order, approve=body.approve, answer=body.answer, now=call.now)
