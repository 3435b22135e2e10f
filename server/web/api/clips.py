"""Playing clips of the lesson's materials."""

from __future__ import annotations

from uuid import UUID

from aiohttp import hdrs, web

from server.domain.clips import POSTER_FILE
from server.services import clips
from server.services.materials import readable_file
from server.services.views import StageView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()

_COMMAND = ("forbidden", "lesson_not_on_air", "command_reused")


class PlayClip(Command):
    material_id: UUID


class PauseClip(Command):
    paused: bool


@calls.on("POST", "/api/v1/lessons/{lesson_id}/clip", refusals=(*_COMMAND, "material_not_found", "material_not_ready"))
async def post_clip(call: Call, lesson_id: UUID, body: PlayClip) -> StageView:
    """Play a clip in the camera's place, heard alone."""
    return await clips.play_clip(*call.order(lesson_id, body), material_id=str(body.material_id), now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/clip/pause", refusals=(*_COMMAND, "clip_not_playing"))
async def post_clip_pause(call: Call, lesson_id: UUID, body: PauseClip) -> StageView:
    """Let its picture stand, or let it go on."""
    return await clips.pause_clip(*call.order(lesson_id, body), paused=body.paused, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/clip/stop", refusals=(*_COMMAND, "clip_not_playing"))
async def post_clip_stop(call: Call, lesson_id: UUID, body: Command) -> StageView:
    """End it: what was on the air before is back."""
    return await clips.stop_clip(*call.order(lesson_id, body), call.now)


@calls.on(
    "GET",
    "/api/v1/materials/{material_id}/poster",
    refusals=("forbidden", "material_not_found", "material_not_ready"),
)
async def get_poster(call: Call, material_id: UUID) -> web.StreamResponse:
    """A picture of a clip (JPEG)."""
    house = call.site.house
    material = await readable_file(house, call.principal, str(material_id), call.now)
    path = await house.depot.file(material.id, POSTER_FILE)
    headers = {hdrs.CONTENT_TYPE: "image/jpeg", hdrs.CACHE_CONTROL: "private, max-age=3600"}
    return web.FileResponse(path, headers=headers)
