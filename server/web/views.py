"""A WHEP session's view while it lasts: its pictures' size, what they show, and whether they are left out for now."""

from __future__ import annotations

from typing import Annotated

from aiohttp import hdrs, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.domain.refusals import Refusal
from server.domain.tickets import MOST_SOURCES
from server.services import streams
from server.services.media import ViewerState
from server.web.call import CALL, Call

MAX_HEIGHT = 4320
_JSON = "application/json"
_BODY_BYTES = 8192


def routes() -> list[web.RouteDef]:
    place = "/whep/resource/{resource}/view"
    return [web.get(place, _look), web.patch(place, _change), web.options(place, _options)]


class _Change(BaseModel):
    """One of them at least. ``height`` null: as large as there is; ``sources``: of a view of sources, in order."""

    model_config = ConfigDict(strict=True, extra="ignore")

    height: int | None = Field(default=None, ge=1, le=MAX_HEIGHT)
    sources: list[Annotated[str, Field(min_length=1, max_length=100)]] | None = Field(
        default=None, min_length=1, max_length=MOST_SOURCES
    )


def height_of(text: str | None) -> int | None:
    """Of a query: lines, None when nothing is said. Raises ``invalid_body``."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_HEIGHT)) and 0 < int(text) <= MAX_HEIGHT):
        raise Refusal("invalid_body", "height")
    return int(text)


async def _look(request: web.Request) -> web.Response:
    call = request[CALL]
    return _told(await streams.viewer_state(call.site.house, _resource(request)))


async def _change(request: web.Request) -> web.Response:
    call = request[CALL]
    wanted = await _wanted(call)
    house, resource = call.site.house, _resource(request)
    if wanted.sources is not None:
        state = await streams.look_at(house, resource, wanted.sources, call.now)
    if "height" in wanted.model_fields_set:
        state = await streams.resize(house, resource, wanted.height)
    return _told(state)


async def _wanted(call: Call) -> _Change:
    if call.request.content_type != _JSON:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    try:
        wanted = _Change.model_validate_json(await call.read(_BODY_BYTES, "body_too_large"))
    except ValidationError as error:
        raise Refusal("invalid_body", "view") from error
    if wanted.sources is None and "height" not in wanted.model_fields_set:
        raise Refusal("invalid_body", "neither height nor sources")
    return wanted


async def _options(_request: web.Request) -> web.Response:
    return web.Response(headers={"Accept-Patch": _JSON, hdrs.ALLOW: "GET, HEAD, PATCH, OPTIONS"})


def _told(state: ViewerState) -> web.Response:
    return web.json_response({"height": state.height, "sound_only": state.sound_only})


def _resource(request: web.Request) -> str:
    return request.match_info["resource"][:200]
