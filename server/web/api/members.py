"""Members: found, entered, and changed from a day on."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aiohttp import hdrs
from pydantic import Field, StringConstraints

from server.domain.access import Principal
from server.domain.listing import MemberFilter, Standing
from server.domain.members import Ending, MemberKind
from server.services.departures import DepartureView, see_departure
from server.services.house import House
from server.services.member_views import MemberDetail, MemberPage, list_members, see_member
from server.services.members import (
    Enrolment,
    Particulars,
    change_kind,
    change_particulars,
    end_membership,
    enrol_member,
    lend_member,
    return_member,
    transfer_member,
)
from server.web.api.organisation import Day
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Paged, Query, Text, Word

calls = Endpoints()

_CHANGE = (
    *("forbidden", "member_not_found", "precondition_required", "precondition_failed"),
    *("account_erased", "command_reused"),
)
_DATED = (*_CHANGE, "past_fixed")
_PARTING = (*_DATED, "last_administrator")

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^([0-9+*#() -]{3,40})?$")]


class MemberListing(Paged):
    unit: UUID | None = None
    standing: Standing = Standing.BELONGING
    kind: MemberKind | None = None
    group: UUID | None = None
    q: Note = ""


class NewMember(Command):
    number: Word
    name: Text
    kind: MemberKind
    unit_id: UUID
    since: Day
    phone: Phone = Field(default="", repr=False)  # the auditor reads the log, and no numbers


class Changed(Command):
    """What is left out stays; an empty ``phone`` or a ``group_id`` of null takes it away."""

    name: Text | None = None
    phone: Phone | None = Field(default=None, repr=False)
    group_id: UUID | None = None


class NewKind(Command):
    kind: MemberKind
    since: Day


class NewUnitOf(Command):
    unit_id: UUID
    since: Day


class End(Command):
    ending: Ending
    note: Note = ""
    since: Day


class Departure(Query):
    unit_id: UUID | None = None
    since: Day


class NewLoan(Command):
    unit_id: UUID
    since: Day
    until: Day | None = None
    note: Note = ""


class LoanEnd(Command):
    until: Day


@calls.on("GET", "/api/v1/members", refusals=("forbidden", "unit_not_found"))
async def get_members(call: Call, query: MemberListing) -> MemberPage:
    """Members in the caller's care, by pinyin; `q`: a part of the name, or how number, pinyin or initials begin."""
    group = str(query.group) if query.group else None
    wanted = MemberFilter(frozenset(), query.standing, query.kind, group, query.q)
    return await list_members(
        call.site.house.records,
        call.principal,
        wanted,
        unit_id=str(query.unit) if query.unit else None,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/members",
    status=201,
    refusals=("forbidden", "unit_not_found", "unit_dissolved", "number_taken", "command_reused"),
)
async def post_member(call: Call, body: NewMember) -> MemberDetail:
    """Enter somebody, with an account that is still to be activated."""
    entry = Enrolment(body.number, body.name, body.kind, str(body.unit_id), body.since, body.phone or None)
    return _tagged(call, await enrol_member(call.site.house.records, call.principal, body.command, entry, call.now))


@calls.on("GET", "/api/v1/members/{member_id}", refusals=("forbidden", "member_not_found"))
async def get_member(call: Call, member_id: UUID) -> MemberDetail:
    """One member: units, kinds, loans and history, with its ETag."""
    return _tagged(call, await see_member(call.site.house.records, call.principal, str(member_id), call.now))


@calls.on("PATCH", "/api/v1/members/{member_id}", refusals=(*_CHANGE, "group_not_found"))
async def patch_member(call: Call, member_id: UUID, body: Changed) -> MemberDetail:
    """Name, telephone number, group."""
    group = str(body.group_id) if body.group_id else None
    if "group_id" in body.model_fields_set and body.group_id is None:
        group = ""
    particulars = Particulars(body.name, body.phone, group)
    return _tagged(
        call,
        await change_particulars(
            *_order(call, member_id, body), particulars=particulars, version=call.if_match, now=call.now
        ),
    )


@calls.on("POST", "/api/v1/members/{member_id}/kind", refusals=_DATED)
async def post_member_kind(call: Call, member_id: UUID, body: NewKind) -> MemberDetail:
    """Of another kind from a day on."""
    changed = await change_kind(
        *_order(call, member_id, body), kind=body.kind, since=body.since, version=call.if_match, now=call.now
    )
    return _tagged(call, changed)


@calls.on(
    "POST",
    "/api/v1/members/{member_id}/unit",
    refusals=(*_PARTING, "unit_not_found", "unit_dissolved", "already_there"),
)
async def post_member_unit(call: Call, member_id: UUID, body: NewUnitOf) -> MemberDetail:
    """With another unit from a day on."""
    changed = await transfer_member(
        *_order(call, member_id, body),
        unit_id=str(body.unit_id),
        since=body.since,
        version=call.if_match,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on("POST", "/api/v1/members/{member_id}/end", refusals=(*_PARTING, "membership_ended"))
async def post_member_end(call: Call, member_id: UUID, body: End) -> MemberDetail:
    """No member any more from a day on, and why."""
    changed = await end_membership(
        *_order(call, member_id, body),
        ending=body.ending,
        note=body.note,
        since=body.since,
        version=call.if_match,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on(
    "GET",
    "/api/v1/members/{member_id}/departure",
    refusals=(
        *("forbidden", "member_not_found", "past_fixed", "membership_ended"),
        *("unit_not_found", "unit_dissolved", "already_there"),
    ),
)
async def get_member_departure(call: Call, member_id: UUID, query: Departure) -> DepartureView:
    """What would end: roles, and the login of who leaves. Without `unit_id`: no member any more."""
    return await see_departure(
        call.site.house.records,
        call.principal,
        str(member_id),
        unit_id=str(query.unit_id) if query.unit_id else None,
        since=query.since,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/members/{member_id}/loans",
    refusals=(
        *(*_PARTING, "unit_not_found", "unit_dissolved", "already_there"),
        *("membership_ended", "loan_overlaps"),
    ),
)
async def post_member_loan(call: Call, member_id: UUID, body: NewLoan) -> MemberDetail:
    """On loan to another unit, for some time."""
    changed = await lend_member(
        *_order(call, member_id, body),
        unit_id=str(body.unit_id),
        since=body.since,
        until=body.until,
        note=body.note,
        version=call.if_match,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on("POST", "/api/v1/members/{member_id}/loans/end", refusals=(*_PARTING, "loan_not_found"))
async def post_member_return(call: Call, member_id: UUID, body: LoanEnd) -> MemberDetail:
    """Back from the last loan on this day already."""
    changed = await return_member(*_order(call, member_id, body), until=body.until, version=call.if_match, now=call.now)
    return _tagged(call, changed)


def _order(call: Call, member_id: UUID, body: Command) -> tuple[House, Principal, str, str]:
    return call.site.house, call.principal, str(member_id), body.command


def _tagged(call: Call, member: MemberDetail) -> MemberDetail:
    call.headers[hdrs.ETAG] = f'"{member.version}"'
    return member
