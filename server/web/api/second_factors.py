"""The second factor of one's own account, and lifting somebody's who lost the phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import segno
from pydantic import Field, StringConstraints

from server.services import second_factors
from server.services.logins import lift_factor
from server.services.second_factors import FactorView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Form

calls = Endpoints()


class FactorCode(Form):
    code: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(repr=False)


@dataclass(frozen=True, slots=True)
class EnrolmentOut:
    """``qr``: a data URI."""

    secret: str
    uri: str
    qr: str


@dataclass(frozen=True, slots=True)
class Recovery:
    recovery: tuple[str, ...]


@calls.on("GET", "/api/v1/session/second-factor", enrolling=True)
async def get_second_factor(call: Call) -> FactorView:
    """Whether one's account has a second factor, and must have one."""
    return await second_factors.see_factor(call.site.house.records, call.principal, call.site.login_rules)


@calls.on("POST", "/api/v1/session/second-factor", status=201, refusals=("second_factor_set",), enrolling=True)
async def post_second_factor(call: Call) -> EnrolmentOut:
    """Begin to set it up: a new secret, not in force yet."""
    issuer = call.site.settings.organisation or "党校"
    shown = await second_factors.enrol(call.site.house.records, call.site.secrets, call.principal, issuer, call.now)
    qr = str(segno.make(shown.uri, error="m", micro=False).svg_data_uri(border=4))
    return EnrolmentOut(shown.secret, shown.uri, qr)


@calls.on(
    "POST",
    "/api/v1/session/second-factor/confirm",
    refusals=("second_factor_set", "second_factor_wrong"),
    enrolling=True,
)
async def post_second_factor_confirm(call: Call, body: FactorCode) -> Recovery:
    """Put it in force by its first code; gives the recovery codes."""
    call.site.pace.login(call.address)
    site = call.site
    return Recovery(await second_factors.confirm(site.house.records, site.secrets, call.principal, body.code, call.now))


@calls.on(
    "POST",
    "/api/v1/session/second-factor/remove",
    status=204,
    refusals=("second_factor_needed", "second_factor_wrong", "second_factor_required", "locked_out"),
)
async def post_second_factor_remove(call: Call, body: FactorCode) -> None:
    """Turn it off."""
    site = call.site
    await second_factors.remove(
        site.house.records, site.secrets, call.principal, body.code, now=call.now, rules=site.login_rules
    )


@calls.on(
    "DELETE", "/api/v1/accounts/{account_id}/second-factor", status=204, refusals=("forbidden", "account_not_found")
)
async def delete_account_second_factor(call: Call, account_id: UUID) -> None:
    """Lift somebody's who lost the phone."""
    await lift_factor(call.site.house, call.principal, str(account_id), call.now)
