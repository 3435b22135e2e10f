"""Micro-videos of a course (微视频), for who keeps the course, and their films as they come in pieces."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aiohttp import hdrs
from pydantic import Field

from server.domain.micro_videos import MOST_VIDEOS
from server.domain.refusals import Refusal
from server.services import micro_uploads, micro_videos
from server.services.micro_uploads import Standing
from server.services.micro_videos import MicroVideosView, MicroVideoView
from server.web import tus
from server.web.bodies import pieces
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query, Text

calls = Endpoints()

_LONGEST_PIECE_S = 3600.0
_OF_ONE = ("micro_not_found", "micro_state", "command_reused")
_OF_UPLOAD = ("upload_not_found", "upload_expired", "upload_version")
_OF_PIECE = (
    *("upload_offset", "upload_digest", "upload_broken", "unsupported_media_type", "file_too_large", "disk_full"),
    *("film_playlist", "clip_not_video", "storage_unavailable"),
)


class NewMicroVideo(Command):
    title: Text


class MicroVideoChange(Command):
    """What is left out stays. ``skips``: a first watch may leave parts out; ``asks``: questions at marks are asked."""

    title: Text | None = None
    skips: bool | None = None
    asks: bool | None = None


class Order(Command):
    """All of the course, each once."""

    ids: Annotated[list[UUID], Field(max_length=MOST_VIDEOS)]


class NewUpload(Query):
    command_id: UUID


# ---- the videos --------------------------------------------------------------------------------------------


@calls.on("GET", "/api/v1/courses/{course_id}/micro-videos", refusals=("course_not_found",))
async def get_micro_videos(call: Call, course_id: UUID) -> MicroVideosView:
    """In their order: all to who keeps the course, to members those that are published."""
    return await micro_videos.list_micro_videos(call.site.house.records, call.principal, str(course_id), call.now)


@calls.on(
    "POST",
    "/api/v1/courses/{course_id}/micro-videos",
    status=201,
    refusals=("course_not_found", "course_closed", "micro_used", "command_reused"),
)
async def post_micro_video(call: Call, course_id: UUID, body: NewMicroVideo) -> MicroVideoView:
    """A title; its film is uploaded next."""
    records, principal = call.site.house.records, call.principal
    return await micro_videos.add_micro_video(
        records, principal, str(course_id), body.command, title=body.title, now=call.now
    )


@calls.on(
    "PUT",
    "/api/v1/courses/{course_id}/micro-videos/order",
    refusals=("course_not_found", "micro_order", "command_reused"),
)
async def put_micro_order(call: Call, course_id: UUID, body: Order) -> MicroVideosView:
    """Another order."""
    ids = [str(each) for each in body.ids]
    records, principal = call.site.house.records, call.principal
    return await micro_videos.order_micro_videos(
        records, principal, str(course_id), body.command, ids=ids, now=call.now
    )


@calls.on("PATCH", "/api/v1/micro-videos/{video_id}", refusals=("micro_not_found", "command_reused"))
async def patch_micro_video(call: Call, video_id: UUID, body: MicroVideoChange) -> MicroVideoView:
    """Another title, whether a first watch may skip, whether questions at marks are asked."""
    records, principal = call.site.house.records, call.principal
    return await micro_videos.change_micro_video(
        records,
        principal,
        str(video_id),
        body.command,
        title=body.title,
        skips=body.skips,
        asks=body.asks,
        now=call.now,
    )


@calls.on("POST", "/api/v1/micro-videos/{video_id}/publish", refusals=_OF_ONE)
async def post_micro_publish(call: Call, video_id: UUID, body: Command) -> MicroVideoView:
    """Members of the course's unit see it from now on."""
    records = call.site.house.records
    return await micro_videos.publish_micro_video(records, call.principal, str(video_id), body.command, call.now)


@calls.on("POST", "/api/v1/micro-videos/{video_id}/retire", refusals=_OF_ONE)
async def post_micro_retire(call: Call, video_id: UUID, body: Command) -> MicroVideoView:
    """Nobody begins it any more; what was granted stays."""
    records = call.site.house.records
    return await micro_videos.retire_micro_video(records, call.principal, str(video_id), body.command, call.now)


@calls.on("POST", "/api/v1/micro-videos/{video_id}/cancel", refusals=_OF_ONE)
async def post_micro_cancel(call: Call, video_id: UUID, body: Command) -> MicroVideoView:
    """End its conversion."""
    records = call.site.house.records
    return await micro_videos.cancel_conversion(records, call.principal, str(video_id), body.command, call.now)


@calls.on("DELETE", "/api/v1/micro-videos/{video_id}", status=204, refusals=("micro_not_found", "micro_state"))
async def delete_micro_video(call: Call, video_id: UUID) -> None:
    """With its film; only one that was never published."""
    await micro_videos.remove_micro_video(call.site.house, call.principal, str(video_id), call.now)


# ---- their films -------------------------------------------------------------------------------------------


@calls.on(
    "POST",
    "/api/v1/micro-videos/{video_id}/uploads",
    status=201,
    refusals=(
        *(*_OF_ONE, "upload_version", "upload_name", "upload_empty", "upload_quota", "file_too_large"),
        *("storage_unavailable", "too_fast"),
    ),
)
async def post_upload(call: Call, video_id: UUID, query: NewUpload) -> Standing:
    """Begin an upload (tus 1.0, creation): `Upload-Length`, and in `Upload-Metadata` `filename` and `sha256`."""
    await micro_videos.check_kept(call.site.house.records, call.principal, str(video_id), call.now)
    tus.check_version(call)
    said, size = tus.metadata(call), tus.length(call)
    call.site.pace.upload(call.principal.account_id)
    begun = await micro_uploads.begin_upload(
        call.site.house,
        call.principal,
        str(video_id),
        str(query.command_id),
        size=size,
        sha256=said.get("sha256", ""),
        now=call.now,
    )
    tus.tell(call.headers, begun)
    call.headers[hdrs.LOCATION] = f"/api/v1/uploads/{begun.id}"
    return begun


@calls.on("GET", "/api/v1/uploads/{upload_id}", refusals=("upload_not_found", "upload_expired"), head=True)
async def get_upload(call: Call, upload_id: UUID) -> Standing:
    """Where it is to go on, also as the header `Upload-Offset`; whoever sent before and hangs is let go."""
    house, own = call.site.house, str(upload_id)
    await micro_uploads.see_upload(house, call.principal, own, call.now)  # before anybody's line is let go
    async with call.site.hands.of(own):
        standing = await micro_uploads.see_upload(house, call.principal, own, call.now, tail=True)
    tus.tell(call.headers, standing)
    return standing


@calls.on(
    "PATCH",
    "/api/v1/uploads/{upload_id}",
    status=204,
    upload=True,
    refusals=(*_OF_UPLOAD, *_OF_PIECE),
    unaudited="a piece of a film: its upload's beginning stands in the log, and what came of it in the video's row",
)
async def patch_upload(call: Call, upload_id: UUID) -> None:
    """One piece, from `Upload-Offset` on; with `Upload-Checksum: sha256 …` it is kept whole or not at all."""
    own = str(upload_id)
    await micro_uploads.see_upload(call.site.house, call.principal, own, call.now)
    tus.check_version(call)
    if call.request.content_type != tus.PIECE:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    offset, sha256 = tus.offset(call), tus.checksum(call)

    def stop() -> None:
        call.request.content.set_exception(ConnectionResetError("another line goes on"))

    hands = call.site.hands
    async with hands.of(own):
        hands.holds(own, stop)
        try:
            with call.site.uploads.place(call.principal.account_id):
                standing = await micro_uploads.add_piece(
                    call.site.house,
                    call.principal,
                    own,
                    offset=offset,
                    chunks=pieces(call, _LONGEST_PIECE_S),
                    sha256=sha256,
                    now=call.now,
                )
        finally:
            hands.lets_go(own, stop)
    tus.tell(call.headers, standing)


@calls.on("DELETE", "/api/v1/uploads/{upload_id}", status=204, refusals=(*_OF_UPLOAD, "micro_state"))
async def delete_upload(call: Call, upload_id: UUID) -> None:
    """Cancel it: what came of it goes."""
    await micro_uploads.see_upload(call.site.house, call.principal, str(upload_id), call.now)
    tus.check_version(call)
    async with call.site.hands.of(str(upload_id)):
        await micro_uploads.cancel_upload(call.site.house, call.principal, str(upload_id), call.now)
    call.headers["Tus-Resumable"] = tus.VERSION
