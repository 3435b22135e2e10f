"""Who is expected, who came: assignments, the roster, the board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from server.domain.roster import RosterState, UnitAssignment
from server.services.assignments import AssignmentsView, Excepted, Whom, get_assignments, put_assignments
from server.services.board import BoardView, see_board
from server.services.roster import RosterItem, add_to_roster, list_roster
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, MostItems, Query, Text

calls = Endpoints()


class UnitForm(Form):
    unit_id: UUID
    venue_id: UUID | None


class _OfMember(Form):
    """By id or by login number, not both."""

    member_id: UUID | None = None
    number: Text | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> _OfMember:
        if (self.member_id is None) == (self.number is None):
            raise ValueError("member_id or number")
        return self

    @property
    def whom(self) -> Whom:
        return Whom(str(self.member_id) if self.member_id else None, self.number)


class MemberForm(_OfMember):
    venue_id: UUID | None
    expected: bool


class NewAssignments(Command):
    units: Annotated[tuple[UnitForm, ...], Field(max_length=6000, strict=False)]
    members: Annotated[tuple[MemberForm, ...], Field(max_length=5000, strict=False)]


class Addition(_OfMember):
    command_id: UUID
    lesson_venue_id: UUID | None
    reason: Text


class OfRoom(Query):
    lesson_venue_id: UUID | None = None


class Narrowed(Query):
    state: RosterState | None = None
    venue: UUID | Literal["phone"] | None = None
    unit: UUID | None = None
    cursor: UUID | None = None
    limit: MostItems = 50


@dataclass(frozen=True, slots=True)
class RosterPage:
    items: tuple[RosterItem, ...]
    next_cursor: str | None


@calls.on("GET", "/api/v1/lessons/{lesson_id}/assignments", refusals=("forbidden",))
async def get_lesson_assignments(call: Call, lesson_id: UUID) -> AssignmentsView:
    """Which unit is to be where, and who is an exception."""
    return await get_assignments(call.site.house.records, call.principal, str(lesson_id), call.now)


@calls.on(
    "PUT",
    "/api/v1/lessons/{lesson_id}/assignments",
    refusals=(
        *("forbidden", "not_editable", "unit_not_found", "venue_not_found", "member_not_found", "command_reused"),
    ),
    large=True,
)
async def put_lesson_assignments(call: Call, lesson_id: UUID, body: NewAssignments) -> AssignmentsView:
    """Replace all assignments of a lesson in draft or scheduled."""
    return await put_assignments(
        call.site.house.records,
        call.principal,
        str(lesson_id),
        body.command,
        units=[UnitAssignment(str(each.unit_id), _text(each.venue_id)) for each in body.units],
        members=[Excepted(each.whom, _text(each.venue_id), each.expected) for each in body.members],
        now=call.now,
    )


@calls.on(
    "GET",
    "/api/v1/lessons/{lesson_id}/roster",
    refusals=("forbidden", "venue_not_found", "unit_not_found"),
)
async def get_roster(call: Call, lesson_id: UUID, query: Narrowed) -> RosterPage:
    """Who is expected and who signed in, as far as the caller may see, by unit and name."""
    page = await list_roster(
        call.site.house.records,
        call.principal,
        str(lesson_id),
        state=query.state,
        place=_text(query.venue),
        unit_id=_text(query.unit),
        cursor=_text(query.cursor),
        limit=query.limit,
        now=call.now,
    )
    return RosterPage(page.items, page.next_cursor)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/roster",
    status=201,
    refusals=(
        *("forbidden", "member_not_found", "venue_not_found", "already_on_roster", "illegal_transition"),
        "command_reused",
    ),
)
async def post_roster(call: Call, lesson_id: UUID, body: Addition) -> RosterItem:
    """Add somebody to the roster of a lesson that was opened."""
    return await add_to_roster(
        call.site.house,
        call.principal,
        str(lesson_id),
        str(body.command_id),
        whom=body.whom,
        lesson_venue_id=_text(body.lesson_venue_id),
        reason=body.reason,
        now=call.now,
    )


@calls.on("GET", "/api/v1/lessons/{lesson_id}/board", refusals=("forbidden",))
async def get_board(call: Call, lesson_id: UUID, query: OfRoom) -> BoardView:
    """The attendance, counted, as far as the caller may see."""
    records, room = call.site.house.records, _text(query.lesson_venue_id)
    return await see_board(records, call.principal, str(lesson_id), call.now, lesson_venue_id=room)


def _text(value: UUID | str | None) -> str | None:
    return None if value is None else str(value)
