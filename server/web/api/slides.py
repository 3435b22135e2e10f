"""Slides on stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.services import slides
from server.services.slides import SlidesNow, TurnView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()

_COMMAND = ("forbidden", "lesson_not_on_air", "command_reused")
_OF_DECK = (*_COMMAND, "material_not_found", "material_not_ready", "page_unknown")
PageNumber = Annotated[int, Field(ge=1, le=10_000)]


class OpenSlides(Command):
    material_id: Annotated[UUID, Field(strict=False)]
    page: PageNumber | None = None


class TurnSlides(Command):
    material_id: Annotated[UUID, Field(strict=False)]
    page: PageNumber


@dataclass(frozen=True, slots=True)
class Turns:
    items: tuple[TurnView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/slides", refusals=("forbidden",))
async def get_slides(call: Call, lesson_id: UUID) -> Turns:
    """Every turn, in order: what was on stage from when on."""
    return Turns(await slides.list_turns(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on("POST", "/api/v1/lessons/{lesson_id}/slides/open", refusals=_OF_DECK)
async def post_slides_open(call: Call, lesson_id: UUID, body: OpenSlides) -> SlidesNow:
    """Bring a deck on stage."""
    order = call.order(lesson_id, body)
    return await slides.open_slides(*order, material_id=str(body.material_id), page=body.page, now=call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/slides/turn",
    refusals=(*_OF_DECK, "slides_closed"),
    unaudited="the turn is a row of its own",
)
async def post_slides_turn(call: Call, lesson_id: UUID, body: TurnSlides) -> SlidesNow:
    """Turn to a page."""
    order = call.order(lesson_id, body)
    return await slides.turn_slides(*order, material_id=str(body.material_id), page=body.page, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/slides/close", refusals=_COMMAND)
async def post_slides_close(call: Call, lesson_id: UUID, body: Command) -> SlidesNow:
    """Put the slides away."""
    return await slides.close_slides(*call.order(lesson_id, body), now=call.now)
