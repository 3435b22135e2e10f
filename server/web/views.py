"""A WHEP session's view while it lasts: the size that its pictures fill, and whether they are left out for now."""

from __future__ import annotations

from aiohttp import hdrs, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.domain.refusals import Refusal
from server.services import streams
from server.services.media import ViewerState
from server.web.call import CALL, Call

MAX_HEIGHT = 4320
_JSON = "application/json"
_BODY_BYTES = 256


def routes() -> list[web.RouteDef]:
    place = "/whep/resource/{resource}/view"
    return [web.get(place, _look), web.patch(place, _resize), web.options(place, _options)]


class _Size(BaseModel):
    """``height`` null: as large as there is."""

    model_config = ConfigDict(strict=True, extra="ignore")

    height: int | None = Field(ge=1, le=MAX_HEIGHT)


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


async def _resize(request: web.Request) -> web.Response:
    call = request[CALL]
    height = await _wanted(call)
    return _told(await streams.resize(call.site.house, _resource(request), height))


async def _wanted(call: Call) -> int | None:
    if call.request.content_type != _JSON:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    try:
        return _Size.model_validate_json(await call.read(_BODY_BYTES, "body_too_large")).height
    except ValidationError as error:
        raise Refusal("invalid_body", "height") from error


async def _options(_request: web.Request) -> web.Response:
    return web.Response(headers={"Accept-Patch": _JSON, hdrs.ALLOW: "GET, HEAD, PATCH, OPTIONS"})


def _told(state: ViewerState) -> web.Response:
    return web.json_response({"height": state.height, "sound_only": state.sound_only})


def _resource(request: web.Request) -> str:
    return request.match_info["resource"][:200]
