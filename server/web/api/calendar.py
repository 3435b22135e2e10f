"""The calendar: series of lessons, what is due, and one's own secret address of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.domain.courses import MOST_BETWEEN, MOST_REPEATED, Repeat, Repeats
from server.services.dues import DuesView, list_dues
from server.services.feeds import FeedView, drop_feed, make_feed, see_feed
from server.services.series import SeriesView, UndoneView, plan_series, undo_series
from server.web.api.lessons import IN_COURSE, NewLesson
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Day, Query

calls = Endpoints()


class NewSeries(NewLesson):
    every: Repeat
    times: Annotated[int, Field(ge=2, le=MOST_REPEATED)]
    between: Annotated[int, Field(ge=1, le=MOST_BETWEEN)] = 1
    numbered: bool = False


class On(Query):
    on: Day | None = None


@dataclass(frozen=True, slots=True)
class Feeds:
    feed: FeedView | None


@calls.on("POST", "/api/v1/lesson-series", status=201, refusals=IN_COURSE)
async def post_series(call: Call, body: NewSeries) -> SeriesView:
    """One plan, repeated: drafts at the same time of the school's day."""
    return await plan_series(
        call.site.house.records,
        call.principal,
        body.command,
        plan=body.plan(),
        repeats=Repeats(body.every, body.times, body.between),
        numbered=body.numbered,
        now=call.now,
    )


@calls.on("POST", "/api/v1/lesson-series/{series_id}/undo", refusals=("series_not_found", "command_reused"))
async def post_undo(call: Call, series_id: UUID, body: Command) -> UndoneView:
    """Its drafts that nobody has touched are cancelled; what was scheduled or changed since stays."""
    return await undo_series(call.site.house.records, call.principal, str(series_id), body.command, call.now)


@calls.on("GET", "/api/v1/dues", refusals=("forbidden",))
async def get_dues(call: Call, query: On) -> DuesView:
    """What of 三会一课 and 主题党日 is due in each branch that the caller vouches for: hints, no judgement."""
    return await list_dues(call.site.house.records, call.principal, query.on, call.now)


@calls.on("GET", "/api/v1/calendar-feed")
async def get_feed(call: Call) -> Feeds:
    """Whether there is an address of the caller's calendar; its secret is not shown again."""
    return Feeds(await see_feed(call.site.house.records, call.principal))


@calls.on("POST", "/api/v1/calendar-feed", status=201)
async def post_feed(call: Call) -> FeedView:
    """A new address of the caller's calendar; the former one is gone."""
    return await make_feed(call.site.house.records, call.principal, call.now)


@calls.on("DELETE", "/api/v1/calendar-feed", status=204)
async def delete_feed(call: Call) -> None:
    """Nobody reads the caller's calendar by its address any more."""
    await drop_feed(call.site.house.records, call.principal)
