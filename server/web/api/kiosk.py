"""自助签到 at a venue's screen. What is typed there names people: it comes in the body, and stands in no log."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.kiosk import LONGEST
from server.services import kiosk
from server.services.kiosk import KioskNames, KioskPerson, KioskView
from server.services.sign_in_views import SignInView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form

calls = Endpoints()

Typed = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
_AT_KIOSK = ("forbidden", "sign_in_closed", "kiosk_off")
_READS = "it changes nothing: what was typed is no part of an address"


class Turned(Command):
    on: bool
    lesson_venue_id: UUID | None = None


class Looked(Form):
    typed: Typed = Field(repr=False)


class Chosen(Looked):
    member_id: UUID


class SignedAtKiosk(Command):
    typed: Typed = Field(repr=False)
    member_id: UUID


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/kiosk",
    refusals=("forbidden", "kiosk_by_operator", "which_venue", "venue_not_found", "sign_in_closed", "command_reused"),
)
async def post_kiosk(call: Call, lesson_id: UUID, body: Turned) -> KioskView:
    """Turn 自助签到 on or off at a venue's screen."""
    return await kiosk.turn_kiosk(
        *call.order(lesson_id, body),
        lesson_venue_id=str(body.lesson_venue_id) if body.lesson_venue_id else None,
        on=body.on,
        now=call.now,
    )


@calls.on("POST", "/api/v1/lessons/{lesson_id}/kiosk/names", refusals=_AT_KIOSK, unaudited=_READS)
async def post_kiosk_names(call: Call, lesson_id: UUID, body: Looked) -> KioskNames:
    """Who of the venue's people has this number or these initials, names masked."""
    call.site.pace.kiosk(call.principal.account_id)
    records = call.site.house.records
    return await kiosk.find_names(records, call.principal, str(lesson_id), body.typed, now=call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/kiosk/person",
    refusals=(*_AT_KIOSK, "member_not_found"),
    unaudited=_READS,
)
async def post_kiosk_person(call: Call, lesson_id: UUID, body: Chosen) -> KioskPerson:
    """Who was chosen, by name, to be confirmed."""
    call.site.pace.kiosk(call.principal.account_id)
    records, chosen = call.site.house.records, str(body.member_id)
    return await kiosk.choose_name(records, call.principal, str(lesson_id), body.typed, member_id=chosen, now=call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/kiosk/sign-ins",
    refusals=(*_AT_KIOSK, "member_not_found", "command_reused"),
)
async def post_kiosk_sign_in(call: Call, lesson_id: UUID, body: SignedAtKiosk) -> SignInView:
    """Sign in who was chosen and said yes."""
    return await kiosk.sign_in_at_kiosk(
        *call.order(lesson_id, body),
        typed=body.typed,
        member_id=str(body.member_id),
        address=call.address,
        now=call.now,
    )
