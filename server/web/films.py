"""Films of micro-videos (HLS, RFC 8216). The grant in the path is the permission, as with replays."""

from __future__ import annotations

import re
from uuid import UUID

import structlog
from aiohttp import hdrs, web

from server.domain.micro_videos import PLAYLIST, POSTER, playlist
from server.domain.refusals import Refusal
from server.domain.tickets import PlayGrant, Playing, check_grant
from server.services.login import Holder
from server.services.micro_studies import film_of, note_film_segment
from server.services.returning import Look
from server.web.call import CALL, Call
from server.web.hls import asks_for_all

_NAME = re.compile(r"init\.mp4|seg-[0-9]{5}\.m4s")
_TYPES = {".m4s": "video/iso.segment", ".mp4": "video/mp4"}
_KEPT = {hdrs.CACHE_CONTROL: "private, max-age=86400, immutable"}


def routes() -> list[web.RouteDef]:
    return [web.get("/films/{video_id}/{grant}/{name}", serve)]


async def serve(request: web.Request) -> web.StreamResponse:
    call = request[CALL]
    grant, name = _permitted(call)
    house = call.site.house
    await house.holders.ask(Look(Holder(grant.account_id, None), call.now))
    video = await film_of(house, grant.recording_id)
    assert video.film_id is not None
    if name == PLAYLIST:
        await call.watches()
        headers = {hdrs.CACHE_CONTROL: "no-store"}
        text = playlist(video.segments_ms)
        return web.Response(text=text, content_type="application/vnd.apple.mpegurl", headers=headers)
    if name == POSTER:
        picture = await house.films.read(video.film_id, name)
        return web.Response(body=picture, content_type="image/jpeg", headers=_KEPT)
    path = await house.films.file(video.film_id, name)
    if name.endswith(".m4s") and asks_for_all(request, path):
        await note_film_segment(house, grant, video, name)
    content_type = _TYPES["." + name.rpartition(".")[2]]
    return web.FileResponse(path, headers={**_KEPT, hdrs.CONTENT_TYPE: content_type})


def _permitted(call: Call) -> tuple[PlayGrant, str]:
    """The grant in the path, and the file, when the grant covers it."""
    info = call.request.match_info
    name = info["name"]
    try:
        video_id = str(UUID(info["video_id"]))
    except ValueError:
        raise Refusal("micro_not_found") from None
    grant = call.site.grants.read_grant(info["grant"], video_id)
    structlog.contextvars.bind_contextvars(account_id=grant.account_id)
    check_grant(grant, video_id, Playing.REPLAY, call.now)
    if name not in {PLAYLIST, POSTER} and not _NAME.fullmatch(name):
        raise Refusal("micro_not_found", "no such name")
    return grant, name
