"""Signing in: by a scanned code, six digits, one tap, or somebody's help."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import pydantic
from pydantic import Field, StringConstraints

from server.services import assisting, own_attendance, sign_ins
from server.services.entered import Doorway
from server.services.own_attendance import AttendanceView
from server.services.sign_in_codes import ProofView, see_proof, venue_codes
from server.services.sign_in_views import SignInView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query
from server.web.scans import browser, proof_secret, qr

calls = Endpoints()

_ENTER = ("not_on_roster", "sign_in_closed", "another_venue", "device_taken", "proof_used")
_OF_CODES = (
    "sign_in_code_invalid",
    "sign_in_code_expired",
    "sign_in_code_wrong",
    "proof_missing",
    "scan_needed",
    "code_tries_used",
)


PLAIN = r"^[^\x00-\x1f\x7f]*$"


class Scanned(Command):
    elsewhere: bool = False


class ByPhone(Command):
    way: Literal["phone"]


class ByCode(Command):
    way: Literal["code"]
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    elsewhere: bool = False


class ByToken(Command):
    way: Literal["qr"]
    token: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
    elsewhere: bool = False


class SignInUse(pydantic.RootModel[ByPhone | ByCode | ByToken]):
    root: ByPhone | ByCode | ByToken = Field(discriminator="way")


class Assisted(Command):
    member_id: UUID
    lesson_venue_id: UUID | None = None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLAIN)] = ""


class Departure(Command):
    member_id: UUID
    left: bool = True


class OfVenue(Query):
    venue: UUID | None = None


@dataclass(frozen=True, slots=True)
class CodeOut:
    url: str
    qr: str
    code: str
    shows_at: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class CodesOut:
    lesson_venue_id: str
    codes: tuple[CodeOut, ...]
    server_time: dt.datetime


@calls.on(
    "GET",
    "/api/v1/lessons/{lesson_id}/sign-in-code",
    refusals=("forbidden", "venue_not_found", "sign_in_closed"),
)
async def get_sign_in_code(call: Call, lesson_id: UUID, query: OfVenue) -> CodesOut:
    """The QR code and the six digits of a venue, the present ones and the next two."""
    found = await venue_codes(
        call.site.house.records,
        call.site.sign_in_codes,
        call.principal,
        str(lesson_id),
        venue=str(query.venue) if query.venue else None,
        now=call.now,
    )
    urls = [f"{call.base_url}/s/{each.token}" for each in found.codes]
    codes = (CodeOut(u, qr(u), c.code, c.shows_at, c.until) for u, c in zip(urls, found.codes, strict=True))
    return CodesOut(found.lesson_venue_id, tuple(codes), call.now)


@calls.on("GET", "/api/v1/sign-in", refusals=("proof_missing", "lesson_not_found"))
async def get_sign_in(call: Call) -> ProofView:
    """What this browser has scanned and not used yet."""
    return await see_proof(call.site.house, proof_secret(call), call.now)


@calls.on(
    "POST",
    "/api/v1/sign-in",
    refusals=(*_ENTER, "proof_missing", "lesson_not_found"),
    unaudited="the sign-in is evidence in a row of its own",
    repeatable=True,
)
async def post_scanned_sign_in(call: Call, body: Scanned) -> SignInView:
    """Sign in by what this browser has scanned."""
    secret = proof_secret(call)
    view = await sign_ins.sign_in_by_proof(
        call.site.house,
        call.principal,
        body.command,
        secret=secret,
        browser=browser(call),
        elsewhere=body.elsewhere,
        now=call.now,
    )
    return _told(call, sign_ins.by_proof(call.principal, secret), view)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/sign-in",
    refusals=(*_ENTER, *_OF_CODES),
    unaudited="the sign-in is evidence in a row of its own",
    repeatable=True,
)
async def post_sign_in(call: Call, lesson_id: UUID, body: SignInUse) -> SignInView:
    """Sign in by one tap, six digits, or the page's own scanner."""
    match body.root:
        case ByPhone() as by:
            house, way = call.site.house, sign_ins.by_phone(call.principal, str(lesson_id))
            view = await sign_ins.sign_in_by_phone(
                house, call.principal, str(lesson_id), by.command, browser=browser(call), now=call.now
            )
            return _told(call, way, view)
        case ByCode() as by:
            return await _by_code(call, str(lesson_id), by)
        case ByToken() as by:
            return await _by_token(call, str(lesson_id), by)


def _told(call: Call, way: Doorway, view: SignInView) -> SignInView:
    """The very same request may get the very same answer for as long as it is what the record would say."""
    call.stands = call.site.house.entered.still(way, view)
    return view


async def _by_code(call: Call, lesson_id: str, by: ByCode) -> SignInView:
    return await sign_ins.sign_in_by_code(
        call.site.house,
        call.site.sign_in_codes,
        call.principal,
        lesson_id,
        by.command,
        code=by.code,
        browser=browser(call),
        elsewhere=by.elsewhere,
        now=call.now,
    )


async def _by_token(call: Call, lesson_id: str, by: ByToken) -> SignInView:
    return await sign_ins.sign_in_by_scan(
        call.site.house,
        call.site.sign_in_codes,
        call.principal,
        lesson_id,
        by.command,
        token=by.token,
        browser=browser(call),
        elsewhere=by.elsewhere,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/assisted-sign-ins",
    refusals=("forbidden", "which_venue", "member_not_found", "venue_not_found", "sign_in_closed", "command_reused"),
)
async def post_assisted_sign_in(call: Call, lesson_id: UUID, body: Assisted) -> SignInView:
    """Sign in somebody who has no phone."""
    return await assisting.assist(
        *call.order(lesson_id, body),
        member_id=str(body.member_id),
        lesson_venue_id=str(body.lesson_venue_id) if body.lesson_venue_id else None,
        reason=body.reason,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/departures",
    refusals=("forbidden", "member_not_found", "sign_in_closed", "command_reused"),
)
async def post_departure(call: Call, lesson_id: UUID, body: Departure) -> SignInView:
    """Mark that a member left the room, or take the mark back."""
    return await assisting.mark_departure(
        *call.order(lesson_id, body),
        member_id=str(body.member_id),
        left=body.left,
        now=call.now,
    )


@calls.on("GET", "/api/v1/lessons/{lesson_id}/attendance")
async def get_attendance(call: Call, lesson_id: UUID) -> AttendanceView:
    """One's own: expected where, signed in or not."""
    return await own_attendance.see_attendance(call.site.house.records, call.principal, str(lesson_id), call.now)
