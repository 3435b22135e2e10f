"""What every request passes, from outside in: id and log, problems, our headers, pace, origin."""

from __future__ import annotations

import functools
import re
import secrets
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web

from server import clock
from server.domain.refusals import Refusal
from server.problems import problem, status
from server.web.call import CALL, COOKIE, Call
from server.web.origins import client_address, is_within
from server.web.site import SITE, Site

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNSAFE = frozenset({hdrs.METH_POST, hdrs.METH_PUT, hdrs.METH_PATCH, hdrs.METH_DELETE})
# Their addresses carry a capability: no cookie counts there, so none can be abused.
_BY_CAPABILITY = ("/whip/", "/whep/", "/hls/")
_PACED = ("/api/", "/whip/", "/whep/", "/s/", "/calendar/", "/readyz")
_OF_HTTP = {404: "no_such_page", 405: "method_not_allowed", 413: "body_too_large"}


@web.middleware
async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives the request its id and context, turns refusals into problems, and writes one line about it."""
    site = request.app[SITE]
    call = request[CALL] = Call(request, site, address_of(request, site), _request_id(request, site))
    began_ms = clock.monotonic_ms()
    with structlog.contextvars.bound_contextvars(request_id=call.request_id):
        response = await _answered(request, handler, call)
        if not response.prepared:
            response.headers["X-Request-ID"] = call.request_id
        _record(call, response, clock.monotonic_ms() - began_ms)
        structlog.contextvars.unbind_contextvars("account_id", "member_id", "lesson_id", "recording_id")
    return response


@web.middleware
async def paced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Segments and pages are not counted: a hall of phones behind one address fetches thousands a minute."""
    if request.path.startswith(_PACED):
        call = request[CALL]
        call.site.pace.request(call.address)
    return await handler(request)


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Unsafe requests come from our own pages, or carry no cookie but a bearer ticket or a secret address."""
    if request.method in _UNSAFE:
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None and not _needs_origin(request):
            return await handler(request)
        if not request[CALL].site.origins.allows(origin):
            raise Refusal("origin_refused", (origin or "none")[:100])
    return await handler(request)


def _needs_origin(request: web.Request) -> bool:
    if request.path.startswith(_BY_CAPABILITY):
        return False
    bearer = request.headers.get(hdrs.AUTHORIZATION, "").lower().startswith("bearer ")
    return not (bearer and COOKIE not in request.cookies)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """A signal of the application: also reached by files, web sockets and errors."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", _PERMISSIONS)
    headers.setdefault("Content-Security-Policy", content_policy(request))
    headers.pop(hdrs.SERVER, None)


_PERMISSIONS = (
    "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self), "
    "geolocation=(), payment=(), usb=()"
)


def content_policy(request: web.Request, within: str = "") -> str:
    """Only our own things run. ``wss:`` is named because older Safari does not count it as 'self'. ``within``: hashes
    of the scripts inside this page."""
    ours = request.app[SITE].origins.base_url(request.host).endswith(f"//{request.host}")
    return _content_policy(f" wss://{request.host}" if ours else "", within)


@functools.lru_cache(maxsize=256)
def _content_policy(socket: str, within: str) -> str:
    return (
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
        f"connect-src 'self'{socket}; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; "
        f"worker-src 'self' blob:; script-src 'self'{within}; style-src 'self'; style-src-attr 'unsafe-inline'"
    )


def address_of(request: web.BaseRequest, site: Site) -> str:
    peer = request.remote or ""
    return client_address(peer, request.headers.getall(hdrs.X_FORWARDED_FOR, []), site.settings.proxies)


def problem_response(refusal: Refusal, request_id: str | None) -> web.Response:
    body = {"status": status(refusal), **problem(refusal, request_id)}
    response = web.json_response(body, status=status(refusal), content_type="application/problem+json")
    if status(refusal) in {429, 503} or refusal.retry_after_s is not None:
        response.headers[hdrs.RETRY_AFTER] = str(refusal.retry_after_s or 2)
    return response


async def _answered(request: web.Request, handler: Handler, call: Call) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return _refused(call, refusal)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _refused(call, Refusal(_OF_HTTP.get(error.status, "invalid_body")), error)
    except Exception:
        log.exception("request.failed", route=route_of(request))
        return _refused(call, Refusal("internal"))


def _refused(call: Call, refusal: Refusal, error: web.HTTPException | None = None) -> web.Response:
    log.info("request.refused", code=refusal.code, detail=refusal.detail)
    call.site.meters.refusals.labels(refusal.code).inc()
    response = problem_response(refusal, call.request_id)
    if error is not None and hdrs.ALLOW in error.headers:
        response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    return response


def _record(call: Call, response: web.StreamResponse, took_ms: float) -> None:
    route = route_of(call.request)
    call.site.meters.answered(call.request.method, route, response.status, took_ms / 1000)
    write = log.info if route.startswith(("/api/", "/whip/", "/whep/")) else log.debug
    write("request", method=call.request.method, route=route, status=response.status, ms=round(took_ms, 1))


def route_of(request: web.Request) -> str:
    """The pattern of the route: what a log or a label may carry, since it holds no secrets and is bounded."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "other"


def _request_id(request: web.Request, site: Site) -> str:
    given = request.headers.get("X-Request-ID", "")
    if is_within(request.remote or "", site.settings.proxies) and _REQUEST_ID.fullmatch(given):
        return given
    return secrets.token_hex(8)
