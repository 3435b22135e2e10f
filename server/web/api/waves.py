"""The waves of notices of a lesson: seen, tried again, and whom to call."""

from __future__ import annotations

from uuid import UUID

from server.services import call_list, wave_views
from server.services.call_list import CallList
from server.services.views import Page
from server.services.wave_views import DeliveryView, Requeued, WavesView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Paged

calls = Endpoints()


class Retry(Command):
    unknown: bool = False


@calls.on("GET", "/api/v1/lessons/{lesson_id}/waves", refusals=("forbidden",))
async def get_waves(call: Call, lesson_id: UUID) -> WavesView:
    """What is planned, what went out, what failed."""
    return await wave_views.see_waves(call.site.house, call.principal, str(lesson_id), call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/deliveries", refusals=("forbidden",))
async def get_deliveries(call: Call, lesson_id: UUID, query: Paged) -> Page[DeliveryView]:
    """What failed, or may have."""
    order = (call.site.house, call.principal, str(lesson_id))
    return await wave_views.list_troubled(*order, cursor=query.cursor, limit=query.limit, now=call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/deliveries/retry",
    refusals=("forbidden", "delivery_over", "command_reused"),
)
async def post_deliveries_retry(call: Call, lesson_id: UUID, body: Retry) -> Requeued:
    """Try again what failed."""
    return await wave_views.retry_troubled(*call.order(lesson_id, body), unknown=body.unknown, now=call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/call-list", refusals=("forbidden",), audited=True)
async def get_call_list(call: Call, lesson_id: UUID) -> CallList:
    """Whom nothing reached, with their numbers; leaves a line in the audit log."""
    call.site.pace.call_list(call.principal.account_id)
    return await call_list.see_call_list(call.site.house.records, call.principal, str(lesson_id), call.now)
