"""Pages of slides and handouts as pictures. The grant in the path is the permission, as with HLS.

A hall turns to the same page in the same second: one look at the disk serves all who ask within a minute.
"""

from __future__ import annotations

import re
from uuid import UUID

import structlog
from aiohttp import hdrs, web

from server.domain.refusals import Refusal
from server.domain.tickets import PageGrant, check_page_grant
from server.services.login import Holder
from server.services.materials import reached_page
from server.services.returning import Look
from server.web.call import CALL, Call
from server.web.hls import Recent

_NAME = re.compile(r"(?:screen|phone|thumb)-(\d{3})\.webp")
_AGE_MS = 60_000.0
_BYTES = 48 * 1024 * 1024
_REACHED_AGE_MS = 500.0
_AHEAD = 1
"""The page after the one on stage is fetched before it is turned to."""


def routes() -> list[web.RouteDef]:
    return [web.get("/pages/{material_id}/{grant}/{name}", Pages().serve)]


class Pages:
    def __init__(self) -> None:
        self._pictures = Recent(_AGE_MS, _BYTES)
        self._reached = Recent(_REACHED_AGE_MS, 65_536)

    async def serve(self, request: web.Request) -> web.Response:
        call = request[CALL]
        grant, name, page = _permitted(call)
        await call.site.house.holders.ask(Look(Holder(grant.account_id, grant.login), call.now))
        if not grant.whole and page > await self._furthest(call, grant.material_id) + _AHEAD:
            raise Refusal("material_not_found", "not shown yet")
        picture = await self._pictures.get(f"{grant.material_id}/{name}", lambda: _read(call, grant.material_id, name))
        assert picture is not None
        headers = {hdrs.CACHE_CONTROL: "private, max-age=86400, immutable"}
        return web.Response(body=picture, content_type="image/webp", headers=headers)

    async def _furthest(self, call: Call, material_id: str) -> int:
        async def ask() -> bytes:
            return str(await reached_page(call.site.house.records, material_id)).encode()

        return int(await self._reached.get(material_id, ask) or b"0")


async def _read(call: Call, material_id: str, name: str) -> bytes:
    """Raises ``material_not_found``."""
    return await call.site.house.depot.read(material_id, name)


def _permitted(call: Call) -> tuple[PageGrant, str, int]:
    """The grant, the file and its page, when the grant is ours and fresh."""
    info = call.request.match_info
    try:
        material_id = str(UUID(info["material_id"]))
    except ValueError:
        raise Refusal("material_not_found") from None
    grant = call.site.pages.read_page(info["grant"], material_id)
    structlog.contextvars.bind_contextvars(account_id=grant.account_id)
    check_page_grant(grant, call.now)
    named = _NAME.fullmatch(info["name"])
    if named is None:
        raise Refusal("material_not_found", "no such name")
    return grant, info["name"], int(named[1])
