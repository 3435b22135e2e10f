"""What people agree to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from server.domain.consents import TEXT_LENGTH
from server.services import consents
from server.services.consents import Consents, ConsentView, OwnConsent
from server.web.api.session import device_of
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()

_PROSE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TEXT_LENGTH, pattern=_PROSE)]
Needed = Annotated[Words, StringConstraints(min_length=1)]


class Accepted(Command):
    version: Annotated[int, Field(ge=1, le=1_000_000)]


class NewConsent(Command):
    """``after``: the newest version that was seen, 0 for none."""

    text: Needed
    text_en: Words = ""
    after: Annotated[int, Field(ge=0, le=1_000_000)]


@calls.on("GET", "/api/v1/session/consent", enrolling=True)
async def get_own_consent(call: Call) -> OwnConsent:
    """The text in force, and whether one has accepted it."""
    return await consents.own_consent(call.site.house.records, call.principal)


@calls.on(
    "POST",
    "/api/v1/session/consent",
    status=204,
    enrolling=True,
    refusals=("forbidden", "consent_outdated", "command_reused"),
)
async def post_own_consent(call: Call, body: Accepted) -> None:
    """Accept it."""
    await consents.accept(
        *(call.site.house.records, call.principal, body.version, body.command),
        address=call.address,
        device=device_of(call),
        now=call.now,
    )


@calls.on("GET", "/api/v1/consents", refusals=("forbidden",))
async def get_consents(call: Call) -> Consents:
    """Every version and how many have accepted it; never who."""
    return await consents.list_consents(call.site.house.records, call.principal, call.now)


@calls.on(
    "POST", "/api/v1/consents", status=201, large=True, refusals=("forbidden", "consent_outdated", "command_reused")
)
async def post_consent(call: Call, body: NewConsent) -> ConsentView:
    """Publish the next version, which everybody is asked for."""
    return await consents.publish(
        *(call.site.house.records, call.principal, body.command),
        text=body.text,
        text_en=body.text_en,
        after=body.after,
        now=call.now,
    )
