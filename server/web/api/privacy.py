"""Data protection (数据保护), for the security administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.services import data_exports, erasures, legal_holds
from server.services.data_exports import DataExportView
from server.services.erasures import ErasureView, SubjectView
from server.services.legal_holds import FoundLesson, HoldView, LessonHoldView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query, Searched, Text

calls = Endpoints()

Number = Annotated[Searched, StringConstraints(min_length=1, max_length=60)]


@dataclass(frozen=True, slots=True)
class DataExports:
    items: tuple[DataExportView, ...]


@dataclass(frozen=True, slots=True)
class Erasures:
    items: tuple[ErasureView, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    items: tuple[HoldView, ...]


@dataclass(frozen=True, slots=True)
class FoundLessons:
    items: tuple[FoundLesson, ...]


class Words(Query):
    """``q``: a part of the title."""

    q: Searched = ""


class Wanted(Query):
    """``number``: of the account."""

    number: Number


class Erasing(Command):
    """``confirm``: the person's number, typed; it does not go into the audit log."""

    account_id: UUID
    reason: Text
    confirm: Annotated[Number, Field(repr=False)]


class Refused(Command):
    reason: Text


class NewHold(Command):
    """On the person of that number, or on a lesson."""

    number: Annotated[Searched, StringConstraints(max_length=60)] = ""
    lesson_id: UUID | None = None
    reason: Text


class OfSomebody(Command):
    """``number``: of the account."""

    number: Number
    reason: Text


@calls.on("GET", "/api/v1/data-exports", refusals=("forbidden",))
async def get_data_exports(call: Call) -> DataExports:
    """Those that administrators asked for, newest first."""
    return DataExports(await data_exports.list_asked(call.site.house, call.principal, call.now))


@calls.on(
    "POST",
    "/api/v1/data-exports",
    status=202,
    refusals=("forbidden", "account_not_found", "too_fast", "command_reused"),
)
async def post_data_export(call: Call, body: OfSomebody) -> DataExportView:
    """Have somebody's data put together as a file, with a reason."""
    return await data_exports.ask_of(
        *(call.site.house, call.principal, body.command), number=body.number, reason=body.reason, now=call.now
    )


@calls.on("GET", "/api/v1/erasures", refusals=("forbidden",))
async def get_erasures(call: Call) -> Erasures:
    """What people asked for and what was decided; those that wait first."""
    return Erasures(await erasures.list_erasures(call.site.house, call.principal, call.now))


@calls.on("GET", "/api/v1/erasures/subject", refusals=("forbidden", "account_not_found"), audited=True)
async def get_erasure_subject(call: Call, query: Wanted) -> SubjectView:
    """Who that is, and whether anything stands against erasing."""
    return await erasures.see_subject(call.site.house, call.principal, query.number, call.now)


@calls.on(
    "POST",
    "/api/v1/erasures",
    refusals=(
        *("forbidden", "account_not_found", "confirmation_wrong", "own_account", "command_reused"),
        *("erasure_in_lesson", "erasure_held", "erasure_last_administrator"),
    ),
)
async def post_erasure(call: Call, body: Erasing) -> ErasureView:
    """Erase a person. Cannot be undone."""
    call.site.pace.probe(call.principal.account_id)
    return await erasures.erase(
        *(call.site.house, call.principal, str(body.account_id), body.command),
        reason=body.reason,
        confirm=body.confirm,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/erasures/{erasure_id}/refuse",
    refusals=("forbidden", "erasure_not_found", "erasure_over", "command_reused"),
)
async def post_erasure_refuse(call: Call, erasure_id: UUID, body: Refused) -> ErasureView:
    """Refuse a request, with a reason."""
    return await erasures.refuse_erasure(*call.order(erasure_id, body), reason=body.reason, now=call.now)


@calls.on("GET", "/api/v1/legal-holds", refusals=("forbidden",))
async def get_legal_holds(call: Call) -> Holds:
    """Those that hold first."""
    return Holds(await legal_holds.list_holds(call.site.house, call.principal, call.now))


@calls.on("GET", "/api/v1/legal-holds/lessons", refusals=("forbidden",))
async def get_legal_holds_lessons(call: Call, query: Words) -> FoundLessons:
    """Lessons by a part of the title, the newest twenty: to be put under a hold."""
    return FoundLessons(await legal_holds.find_lessons(call.site.house, call.principal, query.q, call.now))


@calls.on("GET", "/api/v1/lessons/{lesson_id}/legal-hold", refusals=("lesson_not_found", "forbidden"))
async def get_lesson_legal_hold(call: Call, lesson_id: UUID) -> LessonHoldView:
    """Since when nothing of the lesson is cleared, for who plans it."""
    return await legal_holds.hold_of_lesson(call.site.house, call.principal, str(lesson_id), call.now)


@calls.on(
    "POST",
    "/api/v1/legal-holds",
    status=201,
    refusals=("forbidden", "account_not_found", "lesson_not_found", "command_reused"),
)
async def post_legal_hold(call: Call, body: NewHold) -> HoldView:
    """Nothing of this person or this lesson is erased until it is lifted."""
    return await legal_holds.set_hold(
        *(call.site.house, call.principal, body.command),
        number=body.number,
        lesson_id=str(body.lesson_id) if body.lesson_id else None,
        reason=body.reason,
        now=call.now,
    )


@calls.on("POST", "/api/v1/legal-holds/{hold_id}/lift", refusals=("forbidden", "hold_not_found", "command_reused"))
async def post_legal_hold_lift(call: Call, hold_id: UUID, body: Command) -> HoldView:
    """Lift it."""
    return await legal_holds.lift_hold(*call.order(hold_id, body), call.now)
