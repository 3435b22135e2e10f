"""随机确认: what was asked, and "I am there"."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.services import presence_checks
from server.services.presence_checks import CheckReceipt, CheckView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()


@dataclass(frozen=True, slots=True)
class Checks:
    items: tuple[CheckView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/checks")
async def get_checks(call: Call, lesson_id: UUID) -> Checks:
    """The random checks of a lesson that were asked so far."""
    records = call.site.house.records
    return Checks(await presence_checks.list_checks(records, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/checks/{check_id}/answer",
    refusals=("check_not_found", "not_on_roster", "check_over"),
    unaudited="the answer is evidence in a row of its own",
)
async def post_check_answer(call: Call, check_id: UUID, body: Command) -> CheckReceipt:
    """Confirm being there, within the minute that a check takes."""
    house, principal, about, command = call.order(check_id, body)
    return await presence_checks.answer_check(house, principal, about, command, call.moment().at)
