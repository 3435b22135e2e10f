"""WHIP (RFC 9725) and WHEP: an SDP offer with a bearer ticket in, an answer and a secret address out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

import structlog
from aiohttp import hdrs, web

from server.domain.refusals import Refusal
from server.domain.streams import MediaSession
from server.domain.tickets import SocketTicket
from server.services import streams
from server.services.streams import OpenedStream
from server.settings import IceServer
from server.web.call import CALL, Call

_SDP = "application/sdp"
_FRAGMENT = "application/trickle-ice-sdpfrag"
_BEARER = "bearer "
_UFRAG = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)


def routes() -> list[web.RouteDef]:
    found: list[web.RouteDef] = []
    for kind, opener in (("whip", _publish), ("whep", _watch)):
        found += [
            web.post(f"/{kind}/{{lesson_id}}/{{name}}", opener),
            web.options(f"/{kind}/{{lesson_id}}/{{name}}", _options),
            web.patch(f"/{kind}/resource/{{resource}}", _patch),
            web.delete(f"/{kind}/resource/{{resource}}", _delete),
            web.options(f"/{kind}/resource/{{resource}}", _options),
        ]
    return found


async def _publish(request: web.Request) -> web.Response:
    call = request[CALL]
    lesson_id, source = _target(request)
    opened = await streams.publish(
        call.site.house,
        call.site.tickets,
        _ticket(request),
        lesson_id=lesson_id,
        source=source,
        offer_sdp=await _offer(call),
        now=call.now,
    )
    return _created(call, "whip", opened)


async def _watch(request: web.Request) -> web.Response:
    call = request[CALL]
    lesson_id, view = _target(request)
    opened = await streams.watch(
        call.site.house,
        call.site.tickets,
        _ticket(request),
        lesson_id=lesson_id,
        view=view,
        offer_sdp=await _offer(call),
        now=call.now,
    )
    return _created(call, "whep", opened)


async def _patch(request: web.Request) -> web.Response:
    """Trickle ICE or an ICE restart (RFC 9725, 4.3.2 and 4.3.3)."""
    call = request[CALL]
    if request.content_type != _FRAGMENT:
        raise Refusal("unsupported_media_type", request.content_type[:80])
    tag = request.headers.get(hdrs.IF_MATCH)
    if tag is None:
        raise Refusal("precondition_required")
    fragment = _text(await call.read(call.site.settings.sdp_bytes, "sdp_too_large"))
    session, answer = await streams.add_candidates(call.site.house, _resource(request), fragment, tag.strip())
    _log_of(session)
    if answer is None:
        return web.Response(status=204)
    response = web.Response(body=answer.encode(), content_type=_FRAGMENT)
    if named := _UFRAG.search(answer):
        response.headers[hdrs.ETAG] = f'"{named[1]}"'  # the new ICE session's
    return response


async def _delete(request: web.Request) -> web.Response:
    call = request[CALL]
    _log_of(await streams.hang_up(call.site.house, _resource(request), call.now))
    return web.Response()


async def _options(request: web.Request) -> web.Response:
    headers = {"Accept-Post": _SDP, "Accept-Patch": _FRAGMENT, hdrs.ALLOW: "POST, PATCH, DELETE, OPTIONS"}
    response = web.Response(status=204, headers=headers)
    # Anybody may ask for options: a relay's password is for those who came with a ticket.
    _offer_ice(response, (server for server in request[CALL].site.settings.ice if not server.credential))
    return response


def _log_of(session: MediaSession) -> None:
    structlog.contextvars.bind_contextvars(lesson_id=session.lesson_id)
    _log_as(session.account_id)


def _created(call: Call, kind: str, opened: OpenedStream) -> web.Response:
    response = web.Response(status=201, body=opened.sdp.encode(), content_type=_SDP)
    response.headers[hdrs.LOCATION] = f"{call.base_url}/{kind}/resource/{opened.resource}"
    response.headers[hdrs.ETAG] = opened.etag
    response.headers["Accept-Patch"] = _FRAGMENT
    _offer_ice(response, call.site.settings.ice)
    return response


def _offer_ice(response: web.Response, servers: Iterable[IceServer]) -> None:
    """RFC 9725, section 4.6."""
    for server in servers:
        link = f'<{server.url}>; rel="ice-server"'
        if server.username:
            link += f'; username="{server.username}"; credential="{server.credential}"; credential-type="password"'
        response.headers.add(hdrs.LINK, link)


def _target(request: web.Request) -> tuple[str, str]:
    try:
        lesson_id = str(UUID(request.match_info["lesson_id"]))
    except ValueError:
        raise Refusal("lesson_not_found") from None
    structlog.contextvars.bind_contextvars(lesson_id=lesson_id)
    return lesson_id, request.match_info["name"]


def _ticket(request: web.Request) -> str:
    """The bearer token; from here on the log says whose. Raises ``ticket_invalid``."""
    header = request.headers.get(hdrs.AUTHORIZATION, "")
    if not header.lower().startswith(_BEARER):
        raise Refusal("ticket_invalid", "no bearer token")
    token = header[len(_BEARER) :].strip()
    ticket = request[CALL].site.tickets.read(token)
    if not isinstance(ticket, SocketTicket):
        _log_as(ticket.account_id, ticket.member_id)
    return token


def _log_as(account_id: str, member_id: str | None = None) -> None:
    structlog.contextvars.bind_contextvars(account_id=account_id)
    if member_id is not None:
        structlog.contextvars.bind_contextvars(member_id=member_id)


def _resource(request: web.Request) -> str:
    return request.match_info["resource"][:200]


async def _offer(call: Call) -> str:
    if call.request.content_type != _SDP:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    return _text(await call.read(call.site.settings.sdp_bytes, "sdp_too_large"))


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refusal("bad_sdp", "not UTF-8") from None
