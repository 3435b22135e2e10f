"""Opinions and word clouds: looked at by staff before anybody else reads them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.opinions import MOST_AT_ONCE, Ruling
from server.services.opinions import OpinionDesk, OpinionsRuled, opinion_desk, rule_opinions
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query

calls = Endpoints()

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_REFUSALS = ("quiz_not_found", "forbidden", "no_opinions")


class WantedOpinions(Query):
    ruling: Ruling = Ruling.WAITING
    cursor: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class NewRuling(Command):
    ids: Annotated[tuple[Digest, ...], Field(min_length=1, max_length=MOST_AT_ONCE, strict=False)]
    ruling: Annotated[Ruling, Field(strict=False)]


@calls.on("GET", "/api/v1/quizzes/{quiz_id}/opinions", refusals=_REFUSALS)
async def get_opinions(call: Call, quiz_id: UUID, query: WantedOpinions) -> OpinionDesk:
    """What was written to an opinion or a word cloud, alike as one, with what was decided on it."""
    page = {"offset": query.cursor, "limit": query.limit}
    return await opinion_desk(
        call.site.house.records, call.principal, str(quiz_id), ruling=query.ruling, **page, now=call.now
    )


@calls.on("POST", "/api/v1/quizzes/{quiz_id}/opinions/rulings", refusals=(*_REFUSALS, "command_reused"))
async def post_ruling(call: Call, quiz_id: UUID, body: NewRuling) -> OpinionsRuled:
    """Approve some for everybody, hide them, or let them wait again."""
    return await rule_opinions(*call.order(quiz_id, body), ids=body.ids, ruling=body.ruling, now=call.now)
