"""Headers of WHIP and WHEP: ICE servers by Link, and pages of ours that came by another of our names."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import hdrs, web

from server.settings import IceServer
from server.web.call import CALL

ACCEPT_PATCH = "Accept-Patch"
_EXPOSED = f"{hdrs.LOCATION}, {hdrs.ETAG}, {hdrs.LINK}, {ACCEPT_PATCH}, Accept-Post, {hdrs.RETRY_AFTER}"
_ALLOWED = f"{hdrs.AUTHORIZATION}, {hdrs.CONTENT_TYPE}, {hdrs.IF_MATCH}"
_PREFLIGHT_S = "600"
_CHALLENGE = 'Bearer realm="media"'
_STREAMS = ("/whip/", "/whep/")
_SESSIONS = ("/whip/resource/", "/whep/resource/")
_ENDPOINT = "GET, HEAD, POST, OPTIONS"
_SESSION = "GET, HEAD, PATCH, DELETE, OPTIONS"


def offer_ice(response: web.Response, servers: Iterable[IceServer]) -> None:
    """RFC 9725, 4.6."""
    for server in servers:
        link = f'<{server.url}>; rel="ice-server"'
        if server.username:
            login = f"username={_quoted(server.username)}; credential={_quoted(server.credential)}"
            link += f'; {login}; credential-type="password"'
        response.headers.add(hdrs.LINK, link)


def _quoted(text: str) -> str:
    """A quoted-string (RFC 9110, 5.6.4): an operator's password may have any characters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


async def add(request: web.Request, response: web.StreamResponse) -> None:
    """A signal of the application, so that refusals have them, too.

    CORS is for our own origins (``server.web.origins``): a server has many names, by address, by name, from outside,
    and a ticket's may be another than the page's. RFC 9110, 11.6.1: whoever is not let in is told how to ask.
    """
    if not request.path.startswith(_STREAMS):
        return
    headers = response.headers
    methods = _SESSION if request.path.startswith(_SESSIONS) else _ENDPOINT
    if request.method == hdrs.METH_OPTIONS:
        headers[hdrs.ALLOW] = methods
    if response.status == web.HTTPUnauthorized.status_code:
        headers[hdrs.WWW_AUTHENTICATE] = _CHALLENGE
    headers.add(hdrs.VARY, hdrs.ORIGIN)
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None or not request[CALL].site.origins.allows(origin):
        return
    headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
    headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = _EXPOSED
    if request.method == hdrs.METH_OPTIONS:
        headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = methods
        headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = _ALLOWED
        headers[hdrs.ACCESS_CONTROL_MAX_AGE] = _PREFLIGHT_S
