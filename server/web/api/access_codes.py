"""Codes for the first login: issued by secretaries and administrators, used by whoever has no password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from server.domain.access_codes import LONGEST_TYPED, MOST_AT_ONCE, CodeKind
from server.domain.passwords import LONGEST
from server.services import activation
from server.services.activation import CodeEntry, CodeView, Gate
from server.services.second_factors import Given
from server.services.views import Me
from server.web.api.session import SECOND, device_of, session_cookie, told
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Text

calls = Endpoints()

Typed = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TYPED)]
NewPassword = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Ids = Annotated[tuple[UUID, ...], Field(max_length=MOST_AT_ONCE, strict=False)]


class EnterByCode(Command):
    number: Text = Field(repr=False)
    code: Typed = Field(repr=False)
    password: NewPassword | None = Field(default=None, repr=False)
    second: Typed | None = Field(default=None, repr=False)


class NewCodes(Command):
    kind: CodeKind
    account_ids: Ids = ()
    member_ids: Ids = ()

    @model_validator(mode="after")
    def _some(self) -> NewCodes:
        count = len(self.account_ids) + len(self.member_ids)
        if not 0 < count <= (1 if self.kind is CodeKind.DOOR else MOST_AT_ONCE):
            raise ValueError("a door code is for one person, activation codes for one to 200")
        return self


@dataclass(frozen=True, slots=True)
class Codes:
    items: tuple[CodeView, ...]


@calls.on(
    "POST",
    "/api/v1/session/code",
    status=201,
    access="public",
    refusals=("code_wrong", "locked_out", "password_needed", "password_short", "password_common", *SECOND),
)
async def post_session_code(call: Call, body: EnterByCode) -> Me:
    """Log in by a code that was issued; sets the session cookie."""
    call.site.pace.login(call.address)
    entering = activation.enter_by_code(
        _gate(call),
        CodeEntry(body.number, body.code, body.command, body.password, Given(call.site.secrets, body.second)),
        address=call.address,
        device=device_of(call),
        now=call.now,
    )
    logged_in = await told(call, body.number, entering)
    call.headers["Set-Cookie"] = session_cookie(logged_in, call.now)
    return logged_in.me


@calls.on("POST", "/api/v1/access-codes", status=201, refusals=("forbidden", "account_not_found", "command_reused"))
async def post_access_codes(call: Call, body: NewCodes) -> Codes:
    """Issue activation codes, or one code at the door."""
    views = await activation.issue_codes(
        _gate(call),
        call.principal,
        body.command,
        kind=body.kind,
        account_ids=[str(each) for each in body.account_ids],
        member_ids=[str(each) for each in body.member_ids],
        now=call.now,
    )
    return Codes(views)


def _gate(call: Call) -> Gate:
    return Gate(call.site.house, call.site.access_codes, call.site.passwords, call.site.login_rules)
