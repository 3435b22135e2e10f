"""WHIP (RFC 9725) and WHEP: an SDP offer with a bearer ticket in, an answer and a secret address out.

Both are one protocol with two verbs. Their addresses carry their own proof, so no cookie counts here.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from aiohttp import hdrs, web

from server.domain.kits import is_key
from server.domain.refusals import Refusal
from server.domain.tickets import SocketTicket
from server.services import streams
from server.services.streams import OpenedStream, Owner
from server.web import turn
from server.web.call import CALL, Call
from server.web.streamheaders import ACCEPT_PATCH, offer_ice
from server.web.views import height_of

_SDP = "application/sdp"
_FRAGMENT = "application/trickle-ice-sdpfrag"
_BEARER = "bearer "
_UFRAG = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')  # RFC 9110, 8.8.3
_RETRY_S = 5

Handler = Callable[[web.Request], Awaitable[web.Response]]
Open = Callable[[Call, str, str, str, str], Awaitable[OpenedStream]]


def routes() -> list[web.RouteDef]:
    """An endpoint takes POST, a session PATCH and DELETE; GET of both says nothing (RFC 9725, 4.1), the rest is 405."""
    found: list[web.RouteDef] = []
    for kind, opening in (("whip", _publish), ("whep", _watch)):
        endpoint = f"/{kind}/{{lesson_id:(?!resource/)[^/]+}}/{{name}}"
        session = f"/{kind}/resource/{{resource}}"
        found += [
            web.patch(session, _patch),
            web.delete(session, _delete),
            web.get(session, _nothing_of_a_session),
            web.options(session, _options),
            web.post(endpoint, _opener(kind, opening)),
            web.get(endpoint, _nothing),
            web.options(endpoint, _options),
        ]
    return found


# ---- opening


def _opener(kind: str, opening: Open) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        call = request[CALL]
        lesson_id, name = _target(request)
        ticket = _ticket(request)
        offer = await _body(call, _SDP)
        return _created(call, kind, await opening(call, ticket, lesson_id, name, offer))

    return handle


async def _publish(call: Call, ticket: str, lesson_id: str, name: str, offer: str) -> OpenedStream:
    house, tickets = call.site.house, call.site.tickets
    opened = await streams.publish(
        house, tickets, ticket, lesson_id=lesson_id, source=name, offer_sdp=offer, now=call.now
    )
    if is_key(ticket):
        _log_as(opened.account_id, None)
    return opened


async def _watch(call: Call, ticket: str, lesson_id: str, name: str, offer: str) -> OpenedStream:
    house, tickets = call.site.house, call.site.tickets
    height = height_of(call.request.query.get("height"))
    try:
        with call.site.arrivals.offers.place():
            return await streams.watch(
                house, tickets, ticket, lesson_id=lesson_id, view=name, offer_sdp=offer, height=height, now=call.now
            )
    except Refusal as refusal:
        if refusal.code != "lesson_not_on_air":
            raise
        # draft-ietf-wish-whep-03, 4.3: a player may come before what it wants to see does.
        raise Refusal(refusal.code, refusal.detail, retry_after_s=_RETRY_S) from None


def _created(call: Call, kind: str, opened: OpenedStream) -> web.Response:
    response = web.Response(status=201, body=opened.sdp.encode(), content_type=_SDP)
    response.headers[hdrs.LOCATION] = f"{call.base_url}/{kind}/resource/{opened.resource}"
    response.headers[hdrs.ETAG] = opened.etag
    response.headers[ACCEPT_PATCH] = _FRAGMENT
    offer_ice(response, turn.servers(call.site.settings, opened.account_id, call.now))
    return response


# ---- a session


async def _patch(request: web.Request) -> web.Response:
    """Trickle ICE or an ICE restart (RFC 9725, 4.3.2 and 4.3.3)."""
    call = request[CALL]
    fragment = await _body(call, _FRAGMENT)
    tag = _if_match(request)
    owner, answer = await streams.add_candidates(call.site.house, _resource(request), fragment, tag)
    _log_owner(owner)
    if answer is None:
        return web.Response(status=204)
    response = web.Response(body=answer.encode(), content_type=_FRAGMENT)
    if named := _UFRAG.search(answer):
        response.headers[hdrs.ETAG] = f'"{named[1]}"'  # the new ICE session's
    return response


def _if_match(request: web.Request) -> str:
    """``*``, or the tags that the client knows, as they stand. Raises ``precondition_required``, ``…_failed``."""
    text = ", ".join(request.headers.getall(hdrs.IF_MATCH, [])).strip()
    if not text:
        raise Refusal("precondition_required")
    tags = [part.strip() for part in text.split(",")]
    if text != "*" and not all(map(_TAG.fullmatch, tags)):
        raise Refusal("precondition_failed", "not a list of entity tags")
    return text


async def _delete(request: web.Request) -> web.Response:
    """Whatever If-Match says: an end needs no certain ICE session (RFC 9725, 4.3.1)."""
    call = request[CALL]
    _log_owner(await streams.hang_up(call.site.house, _resource(request), call.now))
    return web.Response()


async def _nothing_of_a_session(request: web.Request) -> web.Response:
    _log_owner(await streams.owner_of(request[CALL].site.house, _resource(request)))
    return web.Response(status=204)


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=204)


async def _options(request: web.Request) -> web.Response:
    response = web.Response(headers={"Accept-Post": _SDP, ACCEPT_PATCH: _FRAGMENT})
    # Anybody may ask for options: a relay's password is for those who came with a ticket.
    offer_ice(response, (server for server in request[CALL].site.settings.ice if not server.credential))
    return response


# ---- what a request says


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
    if is_key(token):
        return token  # whose it is the record says
    ticket = request[CALL].site.tickets.read(token)
    if not isinstance(ticket, SocketTicket):
        _log_as(ticket.account_id, ticket.member_id)
    return token


def _log_owner(owner: Owner) -> None:
    structlog.contextvars.bind_contextvars(lesson_id=owner.lesson_id)
    _log_as(owner.account_id, owner.member_id)


def _log_as(account_id: str, member_id: str | None) -> None:
    structlog.contextvars.bind_contextvars(account_id=account_id)
    if member_id is not None:
        structlog.contextvars.bind_contextvars(member_id=member_id)


def _resource(request: web.Request) -> str:
    return request.match_info["resource"][:200]


async def _body(call: Call, kind: str) -> str:
    """Text of this content type. Raises ``unsupported_media_type``, ``sdp_too_large``, ``bad_sdp``."""
    if call.request.content_type != kind:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    body = await call.read(call.site.settings.sdp_bytes, "sdp_too_large")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refusal("bad_sdp", "not UTF-8") from None
