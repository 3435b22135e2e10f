"""To the identity provider's page and back: the browser's two ways, of which neither logs in.

What the provider said waits in the browser, sealed, until its page asks for the session by ``POST /session/provider``:
so a second factor is asked for where every login asks, and a refusal is read there.
"""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web

from server.domain.identity import NAMED_LIFE, Begun, Named, code_of, local_path
from server.domain.refusals import Refusal
from server.services.identities import IdentityProvider, begin
from server.web.call import CALL, COOKIE, Call, cookie

log = structlog.get_logger()

BEGUN, NAMED, LEFT = "__Host-provider", "__Host-named", "__Host-left"
LEFT_LIFE = dt.timedelta(minutes=30)
"""After somebody logged out, or was for want of use, the provider asks anew who is there: it may be somebody else."""
_BEGIN, _BACK = "/login/provider", "/login/provider/back"
_PAGE = "/login?by=provider"


def routes() -> list[web.RouteDef]:
    return [web.get(_BEGIN, _begin, allow_head=False), web.get(_BACK, _back, allow_head=False)]


def provider_of(call: Call) -> IdentityProvider:
    """Raises ``provider_off``."""
    if call.site.provider is None:
        raise Refusal("provider_off")
    return call.site.provider


def named_of(call: Call) -> Named | None:
    """What the provider said of this browser."""
    return call.site.browser_seal.named(call.request.cookies.get(NAMED, ""))


def forget(call: Call) -> None:
    call.headers.add(hdrs.SET_COOKIE, cookie(NAMED, "", 0))
    call.headers.add(hdrs.SET_COOKIE, cookie(LEFT, "", 0))


async def _begin(request: web.Request) -> web.Response:
    call = request[CALL]
    begun = begin(request.query.get("next", "/"), call.now)
    fresh = LEFT in request.cookies or COOKIE in request.cookies  # also of a login that ended for want of use
    try:
        call.site.pace.request(call.address)
        address = await provider_of(call).address(begun, _back_address(call), call.now, fresh=fresh)
    except Refusal as refusal:
        return _named(call, Named("", refusal.code, call.now + NAMED_LIFE), begun.onward)
    call.set_cookie(BEGUN, call.site.browser_seal.close(begun), begun.expires_at - call.now)
    return _to(call, address)


async def _back(request: web.Request) -> web.Response:
    """Leads to the login page in any case: whoever comes is a person, and reads there what went wrong."""
    call = request[CALL]
    begun = call.site.browser_seal.begun(request.cookies.get(BEGUN, ""))
    number, refused = "", ""
    try:
        call.site.pace.login(call.address)
        number = await _said(call, begun)
    except Refusal as refusal:
        log.info("provider.refused_here", code=refusal.code, detail=refusal.detail)
        refused = refusal.code
    call.headers.add(hdrs.SET_COOKIE, cookie(BEGUN, "", 0))  # one answer for each question
    return _named(call, Named(number, refused, call.now + NAMED_LIFE), begun.onward if begun else "/")


async def _said(call: Call, begun: Begun | None) -> str:
    provider = provider_of(call)
    code = code_of(call.request.query, begun, provider.issuer, call.now)
    assert begun is not None  # code_of refuses
    return await provider.number(code, begun, _back_address(call), call.now)


def _named(call: Call, named: Named, onward: str) -> web.Response:
    if named.refused:
        call.site.meters.refusals.labels(named.refused).inc()
    call.set_cookie(NAMED, call.site.browser_seal.close(named), NAMED_LIFE)
    onward = local_path(onward)
    return _to(call, _PAGE if onward == "/" else f"{_PAGE}&next={quote(onward, safe='')}")


def _back_address(call: Call) -> str:
    return f"{call.base_url}{_BACK}"


def _to(call: Call, address: str) -> web.Response:
    response = web.Response(status=303, headers=call.headers)
    response.headers[hdrs.LOCATION] = address
    return response
