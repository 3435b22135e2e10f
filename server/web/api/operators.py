"""Operators of rooms, and the rooms that one operates."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.services import my_rooms, operators
from server.services.my_rooms import MyRoomView, RoomNowView
from server.services.operators import CandidateView, OperatorsView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Day, Query, Searched

calls = Endpoints()

_KEEPS = ("forbidden", "venue_not_found")


class Sought(Query):
    q: Searched = ""


class OfRoom(Query):
    lesson_venue_id: UUID | None = None


class NewOperator(Command):
    account_id: UUID
    since: Day | None = None
    until: Day | None = None


class OperatorEnds(Command):
    until: Day | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    items: tuple[CandidateView, ...]


@dataclass(frozen=True, slots=True)
class MyRooms:
    items: tuple[MyRoomView, ...]


@calls.on("GET", "/api/v1/my-rooms")
async def get_my_rooms(call: Call) -> MyRooms:
    """The rooms that the caller operates, and the next lessons there."""
    return MyRooms(await my_rooms.my_rooms(call.site.house.records, call.principal, call.now))


@calls.on("GET", "/api/v1/lessons/{lesson_id}/room", refusals=("forbidden", "which_venue", "venue_not_found"))
async def get_room(call: Call, lesson_id: UUID, query: OfRoom) -> RoomNowView:
    """A room of the lesson, for its operator: its screen, its kiosk, whether it is called."""
    room = str(query.lesson_venue_id) if query.lesson_venue_id else None
    return await my_rooms.see_room(call.site.house.records, call.principal, str(lesson_id), room, call.now)


@calls.on("GET", "/api/v1/venues/{venue_id}/operators", refusals=_KEEPS)
async def get_operators(call: Call, venue_id: UUID) -> OperatorsView:
    """Who operates the room, who will, and who did."""
    return await operators.list_operators(call.site.house.records, call.principal, str(venue_id), call.now)


@calls.on("GET", "/api/v1/venues/{venue_id}/operators/candidates", refusals=_KEEPS)
async def get_candidates(call: Call, venue_id: UUID, query: Sought) -> Candidates:
    """People of the caller's units, by name or number."""
    records = call.site.house.records
    return Candidates(await operators.find_candidates(records, call.principal, str(venue_id), query.q, call.now))


@calls.on(
    "POST",
    "/api/v1/venues/{venue_id}/operators",
    status=201,
    refusals=(
        *(*_KEEPS, "account_not_found", "operator_of_person", "roles_apart", "venue_retired", "command_reused"),
        *("operator_past", "operator_days", "already_operator", "operators_full"),
    ),
)
async def post_operator(call: Call, venue_id: UUID, body: NewOperator) -> OperatorsView:
    """Assign a person to the room, from a day on."""
    order = call.order(venue_id, body)
    return await operators.assign_operator(
        *order, account_id=str(body.account_id), since=body.since, until=body.until, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/venues/{venue_id}/operators/{operator_id}/end",
    refusals=(*_KEEPS, "operator_not_found", "operator_past", "operator_over", "operator_days", "command_reused"),
)
async def post_operator_end(call: Call, venue_id: UUID, operator_id: UUID, body: OperatorEnds) -> OperatorsView:
    """End it, at once or with a day."""
    return await operators.end_operator(
        *call.order(venue_id, body), operator_id=str(operator_id), until=body.until, now=call.now
    )
