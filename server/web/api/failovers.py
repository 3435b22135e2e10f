"""转到备用: what would happen, doing it, undoing it, and who arrived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.services import failovers
from server.services.failovers import FailoverPreview, FailoverView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query, Word

calls = Endpoints()

_COMMAND = ("forbidden", "lesson_not_on_air", "command_reused")


class BrokenVenue(Query):
    venue: Word


class NewFailover(Command):
    lesson_venue_id: Word
    target: Word | None


class Arrivals(Command):
    lesson_venue_id: Word | None = None
    member_ids: Annotated[tuple[Word, ...], Field(max_length=500, strict=False)] | None = None


@dataclass(frozen=True, slots=True)
class Failovers:
    items: tuple[FailoverView, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    arrived: int


@calls.on("GET", "/api/v1/lessons/{lesson_id}/failovers", refusals=("forbidden",))
async def get_failovers(call: Call, lesson_id: UUID) -> Failovers:
    """All failovers of the lesson, oldest first."""
    return Failovers(await failovers.list_failovers(call.site.house, call.principal, str(lesson_id), call.now))


@calls.on("GET", "/api/v1/lessons/{lesson_id}/failover-preview", refusals=("forbidden", "venue_not_found"))
async def get_preview(call: Call, lesson_id: UUID, query: BrokenVenue) -> FailoverPreview:
    """Whom a failover of this venue would move, and where to they could."""
    return await failovers.preview_failover(
        call.site.house, call.principal, str(lesson_id), lesson_venue_id=query.venue, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/failovers",
    status=201,
    refusals=(*_COMMAND, "venue_not_found", "failover_active", "failover_same", "failover_target", "failovers_used"),
)
async def post_failover(call: Call, lesson_id: UUID, body: NewFailover) -> FailoverView:
    """Move a broken venue's people, to another venue or to the phones."""
    return await failovers.fail_over(
        *call.order(lesson_id, body), lesson_venue_id=body.lesson_venue_id, target=body.target, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/failovers/{failover_id}/restore",
    refusals=(*_COMMAND, "failover_not_found"),
)
async def post_restore(call: Call, lesson_id: UUID, failover_id: UUID, body: Command) -> FailoverView:
    """Undo it: the venue is whole again."""
    return await failovers.restore_venue(*call.order(lesson_id, body), failover_id=str(failover_id), now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/arrivals", refusals=(*_COMMAND, "venue_not_found"))
async def post_arrivals(call: Call, lesson_id: UUID, body: Arrivals) -> Arrived:
    """Members who were moved to this venue are there."""
    arrived = await failovers.confirm_arrivals(
        *call.order(lesson_id, body),
        lesson_venue_id=body.lesson_venue_id,
        member_ids=body.member_ids,
        now=call.now,
    )
    return Arrived(arrived)
