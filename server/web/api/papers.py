"""Papers (试卷): listed, made, edited, retired, drawn for a lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import hdrs
from pydantic import Field, StringConstraints

from server.domain.bank import LONGEST_TAG, BankKind, Difficulty
from server.domain.papers import MOST_DRAWS, MOST_QUESTIONS, Draw, Plan
from server.services import papers
from server.services.papers import DrawnView, PaperView, TakenView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Query, Searched, Text

calls = Endpoints()

_OF_ONE = ("forbidden", "paper_not_found")


class PaperDraw(Form):
    count: Annotated[int, Field(ge=1, le=MOST_QUESTIONS)]
    tag: Annotated[Searched, StringConstraints(max_length=LONGEST_TAG)] = ""
    kind: BankKind | None = None
    difficulty: Difficulty | None = None


class PaperContent(Command):
    name: Text
    version_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_QUESTIONS, strict=False)] = ()
    draws: Annotated[tuple[PaperDraw, ...], Field(max_length=MOST_DRAWS, strict=False)] = ()
    mixed: bool = False

    def plan(self) -> Plan:
        draws = tuple(Draw(each.count, each.tag, each.kind, each.difficulty) for each in self.draws)
        return Plan(self.name, tuple(str(each) for each in self.version_ids), draws, self.mixed)


class NewPaper(PaperContent):
    unit_id: UUID


class PaperRetirement(Command):
    retired: bool


class PaperListing(Query):
    unit: UUID | None = None
    retired: bool = False


class PaperOfLesson(Query):
    lesson: UUID


class TakenPaper(Command):
    paper_id: UUID


@dataclass(frozen=True, slots=True)
class Papers:
    items: tuple[PaperView, ...]


@dataclass(frozen=True, slots=True)
class PaperDraws:
    items: tuple[DrawnView, ...]


@calls.on("GET", "/api/v1/papers", refusals=("forbidden", "unit_not_found"))
async def get_papers(call: Call, query: PaperListing) -> Papers:
    """The papers in the caller's keeping, by name."""
    unit_id = str(query.unit) if query.unit else None
    listed = papers.list_papers(
        call.site.house.records, call.principal, unit_id=unit_id, retired=query.retired, now=call.now
    )
    return Papers(await listed)


@calls.on(
    "POST",
    "/api/v1/papers",
    status=201,
    refusals=("forbidden", "unit_not_found", "bank_question_not_found", "papers_full", "command_reused"),
)
async def post_paper(call: Call, body: NewPaper) -> PaperView:
    """A paper more in the unit."""
    made = await papers.add_paper(
        *(call.site.house.records, call.principal, body.command),
        unit_id=str(body.unit_id),
        plan=body.plan(),
        now=call.now,
    )
    return _tagged(call, made)


@calls.on("GET", "/api/v1/papers/{paper_id}", refusals=_OF_ONE)
async def get_paper(call: Call, paper_id: UUID) -> PaperView:
    """One paper: what is fixed in it, what is drawn, and from how many."""
    return _tagged(call, await papers.see_paper(call.site.house.records, call.principal, str(paper_id), call.now))


@calls.on(
    "PUT",
    "/api/v1/papers/{paper_id}",
    refusals=(
        *(*_OF_ONE, "precondition_required", "precondition_failed"),
        *("paper_retired", "bank_question_not_found", "command_reused"),
    ),
)
async def put_paper(call: Call, paper_id: UUID, body: PaperContent) -> PaperView:
    """Edit it. What lessons took of it stays as it is."""
    changed = await papers.edit_paper(
        *(call.site.house.records, call.principal, str(paper_id), body.command),
        plan=body.plan(),
        version=call.if_match,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on("POST", "/api/v1/papers/{paper_id}/retired", refusals=(*_OF_ONE, "command_reused"))
async def post_paper_retired(call: Call, paper_id: UUID, body: PaperRetirement) -> PaperView:
    """Offer it no more, or again."""
    changed = await papers.retire_paper(
        *(call.site.house.records, call.principal, str(paper_id), body.command), retired=body.retired, now=call.now
    )
    return _tagged(call, changed)


@calls.on("GET", "/api/v1/papers/{paper_id}/draws", refusals=_OF_ONE)
async def get_paper_draws(call: Call, paper_id: UUID, query: PaperOfLesson) -> PaperDraws:
    """The evidence of what was drawn of it for a lesson, drawn again to compare."""
    wanted = (call.site.house.records, call.principal, str(paper_id), str(query.lesson))
    return PaperDraws(await papers.see_draws(*wanted, call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/questions/from-paper",
    status=201,
    refusals=(*_OF_ONE, "lesson_not_found", "not_editable", "paper_retired", "paper_too_few", "command_reused"),
)
async def post_questions_from_paper(call: Call, lesson_id: UUID, body: TakenPaper) -> TakenView:
    """Draw a paper for the lesson: its questions come after the last one, in their order, all or none."""
    return await papers.take_paper(
        *(call.site.house.records, call.principal, str(lesson_id), body.command),
        paper_id=str(body.paper_id),
        now=call.now,
    )


def _tagged(call: Call, paper: PaperView) -> PaperView:
    call.headers[hdrs.ETAG] = f'"{paper.version}"'
    return paper
