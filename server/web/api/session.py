"""Logging in and out, and what a page needs before anybody did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated

from aiohttp import hdrs
from pydantic import Field, StringConstraints

from server.domain.devices import device_name
from server.domain.refusals import Refusal
from server.services.identities import enter_named
from server.services.login import LoggedIn, digest, login, logout, named_account, whoami
from server.services.second_factors import Given
from server.services.views import Me
from server.web.call import COOKIE, Call, cookie
from server.web.endpoint import Endpoints
from server.web.forms import Form, Text
from server.web.providers import LEFT, LEFT_LIFE, forget, named_of, provider_of

calls = Endpoints()

SECOND = ("second_factor_needed", "second_factor_wrong")


class Login(Form):
    number: Text = Field(repr=False)  # what was typed may be anything
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(repr=False)
    second: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class MediaInfo:
    udp_ports: tuple[int, ...]  # one for each media process


@dataclass(frozen=True, slots=True)
class Info:
    product: str
    version: str
    organisation: str
    language: str
    notice: str
    notice_en: str
    media: MediaInfo
    provider: ProviderInfo | None  # of identities, where one is set
    clip_minutes: int


@calls.on("GET", "/api/v1/info", access="public")
async def get_info(call: Call) -> Info:
    """What this installation is."""
    settings = call.site.settings
    return Info(
        product="dangxiao",
        version=call.site.version,
        organisation=settings.organisation,
        language=settings.language,
        notice=settings.notice,
        notice_en=settings.notice_en,
        media=MediaInfo(call.site.udp_ports()),
        provider=ProviderInfo(settings.oidc_name, settings.oidc_name_en) if call.site.provider else None,
        clip_minutes=settings.clip_minutes,
    )


@calls.on("POST", "/api/v1/session", status=201, access="public", refusals=("bad_credentials", "locked_out", *SECOND))
async def log_in(call: Call, body: Login) -> Me:
    """Log in by number and password; sets the session cookie."""
    call.site.pace.login(call.address)
    entering = login(
        call.site.house.records,
        call.site.passwords,
        body.number,
        body.password,
        address=call.address,
        device=device_of(call),
        second=Given(call.site.secrets, body.second),
        now=call.now,
        rules=call.site.login_rules,
    )
    logged_in = await told(call, body.number, entering)
    call.headers["Set-Cookie"] = session_cookie(logged_in, call.now)
    return logged_in.me


class Named(Form):
    second: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(default=None, repr=False)


PROVIDER = ("provider_off", "provider_away", "provider_refused", "provider_stale", "provider_untrusted")


@calls.on(
    *("POST", "/api/v1/session/provider"),
    status=201,
    access="public",
    refusals=(*PROVIDER, "provider_account_unknown", "locked_out", *SECOND),
)
async def log_in_named(call: Call, body: Named) -> Me:
    """Log in as whom the identity provider named to this browser; sets the session cookie.

    The pace of logins was asked on the way back; a second factor's misses are counted by the account.
    """
    provider_of(call)
    named = named_of(call)
    entering = enter_named(
        call.site.house.records,
        named,
        address=call.address,
        device=device_of(call),
        second=Given(call.site.secrets, body.second),
        now=call.now,
        rules=call.site.login_rules,
    )
    logged_in = await told(call, named.number if named else "", entering)
    forget(call)
    call.headers.add(hdrs.SET_COOKIE, session_cookie(logged_in, call.now))
    return logged_in.me


@calls.on("GET", "/api/v1/session", enrolling=True)
async def get_session(call: Call) -> Me:
    """Who is logged in."""
    return await whoami(call.site.house.records, call.principal, call.now, call.site.login_rules)


@calls.on("DELETE", "/api/v1/session", status=204, access="public")
async def log_out(call: Call) -> None:
    """Log out; harmless when nobody is logged in."""
    if call.token:
        account_id = await logout(call.site.house.records, call.site.house.fanout, call.token)
        call.describe(actor=account_id, login=digest(call.token))
    call.headers.add(hdrs.SET_COOKIE, cookie(COOKIE, "", 0))
    if call.site.provider is not None:
        call.set_cookie(LEFT, "1", LEFT_LIFE)


async def told(call: Call, number: str, entering: Awaitable[LoggedIn]) -> LoggedIn:
    """For the audit log: who came in, or whose account it was that somebody could not enter."""
    try:
        logged_in = await entering
    except Refusal:
        call.describe(about=await named_account(call.site.house.records, number))
        raise
    call.describe(actor=logged_in.me.account_id, login=digest(logged_in.token))
    return logged_in


def session_cookie(logged_in: LoggedIn, now: dt.datetime) -> str:
    return cookie(COOKIE, logged_in.token, int((logged_in.expires_at - now).total_seconds()))


def device_of(call: Call) -> str:
    """What its browser calls itself, shortened."""
    return device_name(call.request.headers.get(hdrs.USER_AGENT, ""))
