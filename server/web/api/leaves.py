"""Leave from a lesson (请假)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.services import leaves
from server.services.leaves import LeaveView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Text

calls = Endpoints()

_OF_ONE = ("leave_not_found", "leave_decided", "leave_closed", "lesson_not_found", "command_reused")


class NewLeave(Command):
    reason: Text
    member_id: UUID | None = None


class LeaveDecision(Command):
    approve: bool
    answer: Text


@dataclass(frozen=True, slots=True)
class Leaves:
    items: tuple[LeaveView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/leaves", refusals=("forbidden",))
async def get_leaves(call: Call, lesson_id: UUID) -> Leaves:
    """Who asked for leave from this lesson, of the people the caller may vouch for."""
    return Leaves(await leaves.list_leaves(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/leaves",
    status=201,
    refusals=(
        *("forbidden", "not_on_roster", "member_not_found", "leave_closed", "leave_stands", "leave_own"),
        "command_reused",
    ),
)
async def post_leave(call: Call, lesson_id: UUID, body: NewLeave) -> LeaveView:
    """Ask for leave; or take down somebody's who told the secretary."""
    member_id = str(body.member_id) if body.member_id else None
    return await leaves.ask_leave(*call.order(lesson_id, body), reason=body.reason, member_id=member_id, now=call.now)


@calls.on("POST", "/api/v1/leaves/{leave_id}/decision", refusals=(*_OF_ONE, "forbidden", "leave_own"))
async def post_leave_decision(call: Call, leave_id: UUID, body: LeaveDecision) -> LeaveView:
    """Grant or refuse it."""
    order = call.order(leave_id, body)
    return await leaves.decide_leave(*order, approve=body.approve, answer=body.answer, now=call.now)


@calls.on("POST", "/api/v1/leaves/{leave_id}/withdraw", refusals=_OF_ONE)
async def post_leave_withdraw(call: Call, leave_id: UUID, body: Command) -> LeaveView:
    """Take one's own request back before it is decided."""
    return await leaves.withdraw_leave(*call.order(leave_id, body), call.now)
