"""Signals: 听得清 · 听不清 · 太快, counted without names."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from server.domain.signals import Signal, SignalCounts
from server.services.signals import give_signal, see_signals
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Form

calls = Endpoints()


class Given(Form):
    """No command id: what is kept for a retry would say who it was."""

    signal: Signal | None = Field(strict=False)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/signals",
    status=204,
    refusals=("forbidden", "lesson_not_on_air", "too_fast"),
    unaudited="signals have no names, by promise",
)
async def post_signal(call: Call, lesson_id: UUID, body: Given) -> None:
    """One at a time, for a minute; null takes it back."""
    call.site.pace.signal(call.principal.account_id)
    await give_signal(call.site.house, call.principal, str(lesson_id), body.signal, call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/signals", refusals=("forbidden",))
async def get_signals(call: Call, lesson_id: UUID) -> SignalCounts:
    """How many say what now, for staff."""
    return await see_signals(call.site.house, call.principal, str(lesson_id), call.now)
