"""How long what is kept (保存期限), for the security administrator."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from server.domain.personal_data import DataClass
from server.domain.retention import MOST_DAYS
from server.services import retention
from server.services.retention import PeriodView, Preview, Retention
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query

calls = Endpoints()

Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class Supposed(Query):
    data_class: DataClass
    days: Days


class NewPeriod(Command):
    """``since``: the day from which it holds. ``seen``: how many rows would go today, as the preview said."""

    data_class: DataClass
    days: Days
    since: dt.date
    seen: Annotated[int, Field(ge=0)]


@calls.on("GET", "/api/v1/retention", refusals=("forbidden", "too_fast"))
async def get_retention(call: Call) -> Retention:
    """The period of each data class, what would go today, and the last sweeps."""
    call.site.pace.retention(call.principal.account_id)
    return await retention.see_retention(call.site.house, call.principal, call.site.settings.audit_days, call.now)


@calls.on(
    "GET",
    "/api/v1/retention/preview",
    refusals=("forbidden", "retention_unlimited", "retention_too_short", "too_fast"),
)
async def get_retention_preview(call: Call, query: Supposed) -> Preview:
    """How many rows would go today if the period were another."""
    call.site.pace.retention(call.principal.account_id)
    return await retention.preview(call.site.house, call.principal, query.data_class, query.days, call.now)


@calls.on(
    "POST",
    "/api/v1/retention",
    refusals=(
        *("forbidden", "retention_unlimited", "retention_too_short", "retention_past", "retention_count_changed"),
        *("too_fast", "command_reused"),
    ),
)
async def post_retention(call: Call, body: NewPeriod) -> PeriodView:
    """Set a period, from a day on."""
    call.site.pace.retention(call.principal.account_id)
    return await retention.set_period(
        *(call.site.house, call.principal, body.command),
        data_class=body.data_class,
        days=body.days,
        since=body.since,
        seen=body.seen,
        audit_days=call.site.settings.audit_days,
        now=call.now,
    )
