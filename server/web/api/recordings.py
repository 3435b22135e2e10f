"""Recordings: the archive searched, and played."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from aiohttp import hdrs, web

from server.domain.exports import ExportKind
from server.domain.lesson_kinds import LessonKind
from server.domain.recordings import RecordingFilter
from server.services import exports
from server.services.archive_search import list_recordings, see_recording
from server.services.exports import ExportView
from server.services.recordings import Playing, play_recording, poster_file
from server.services.views import RecordingView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Moment, Paged, Text

calls = Endpoints()

_OF_RECORDING = ("recording_not_found", "forbidden")
_TYPES = {".mp4": "video/mp4", ".tar": "application/x-tar"}


class Listing(Paged):
    """``q``: part of the title, the lecturer's name (or its pinyin) or a mark. They began before ``until``."""

    lesson_id: UUID | None = None
    q: Text | None = None
    unit_id: UUID | None = None
    lecturer_id: UUID | None = None
    kind: LessonKind | None = None
    since: Moment | None = None
    until: Moment | None = None


@dataclass(frozen=True, slots=True)
class RecordingPage:
    items: tuple[RecordingView, ...]
    next_cursor: str | None


class Wanted(Command):
    kind: ExportKind = ExportKind.FILMS


@dataclass(frozen=True, slots=True)
class Exports:
    items: tuple[ExportView, ...]


@calls.on("GET", "/api/v1/recordings", refusals=("unit_not_found",))
async def get_recordings(call: Call, query: Listing) -> RecordingPage:
    """Recordings that the caller may watch, newest lesson first, searched by lesson, unit, lecturer, time and marks."""
    page = await list_recordings(
        call.site.house.records,
        call.principal,
        RecordingFilter(
            text=query.q or "",
            lesson_id=_text(query.lesson_id),
            lecturer_id=_text(query.lecturer_id),
            kind=query.kind,
            since=query.since,
            until=query.until,
        ),
        unit_id=_text(query.unit_id),
        cursor=query.cursor,
        limit=query.limit,
        pictures=call.site.house.pictures,
        now=call.now,
    )
    return RecordingPage(page.items, page.next_cursor)


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None


@calls.on("GET", "/api/v1/recordings/{recording_id}", refusals=("recording_not_found",))
async def get_recording(call: Call, recording_id: UUID) -> RecordingView:
    """One of them."""
    return await see_recording(call.site.house.records, call.principal, str(recording_id), call.now)


@calls.on(
    "POST",
    "/api/v1/recordings/{recording_id}/play",
    status=201,
    refusals=("recording_not_found", "recording_unknown", "storage_unavailable"),
    unaudited="a pass and no change: who publishes and watches stands in the media sessions",
)
async def post_play(call: Call, recording_id: UUID) -> Playing:
    """Addresses of the replay playlists."""
    return await play_recording(
        call.site.house.records,
        call.site.house.library,
        call.site.grants,
        call.principal,
        str(recording_id),
        lifetime=dt.timedelta(minutes=call.site.settings.grant_minutes),
        now=call.now,
    )


@calls.on("GET", "/api/v1/recordings/{recording_id}/poster", refusals=("recording_not_found", "recording_deleted"))
async def get_poster(call: Call, recording_id: UUID) -> web.StreamResponse:
    """A picture of it for lists (WebP, 480 × 270)."""
    house = call.site.house
    path = await poster_file(house.records, house.library, call.principal, str(recording_id), call.now)
    headers = {hdrs.CONTENT_TYPE: "image/webp", hdrs.CACHE_CONTROL: "private, max-age=3600"}
    return web.FileResponse(path, headers=headers)


@calls.on(
    "POST",
    "/api/v1/recordings/{recording_id}/exports",
    status=202,
    refusals=(*_OF_RECORDING, "recording_not_finished", "nothing_recorded", "too_fast", "command_reused"),
)
async def post_export(call: Call, recording_id: UUID, body: Wanted) -> ExportView:
    """Have it made into files to take along; one that is there already is not made again."""
    order = (call.site.house, call.principal, body.command, str(recording_id))
    return await exports.ask_export(*order, kind=body.kind, now=call.now)


@calls.on("GET", "/api/v1/recordings/{recording_id}/exports", refusals=_OF_RECORDING)
async def get_exports(call: Call, recording_id: UUID) -> Exports:
    """The last twenty, newest first."""
    return Exports(await exports.list_exports(call.site.house, call.principal, str(recording_id), call.now))


@calls.on("GET", "/api/v1/exports/{export_id}", refusals=("job_not_found",))
async def get_export(call: Call, export_id: UUID) -> ExportView:
    """How far it is, and its files."""
    return await exports.see_export(call.site.house, call.principal, str(export_id), call.now)


@calls.on("POST", "/api/v1/exports/{export_id}/cancel", refusals=("job_not_found", "job_over"))
async def post_export_cancel(call: Call, export_id: UUID) -> ExportView:
    """End it; nothing of it is left."""
    return await exports.cancel_export(call.site.house, call.principal, str(export_id), call.now)


@calls.on(
    "GET",
    "/api/v1/exports/{export_id}/files/{name}",
    refusals=("job_not_found", "export_not_ready", "export_gone"),
    audited=True,
)
async def get_export_file(call: Call, export_id: UUID, name: str) -> web.StreamResponse:
    """A file of it, whole or in ranges."""
    path = await exports.export_file(call.site.house, call.principal, str(export_id), name, call.now)
    headers = {
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{path.name}"',
        hdrs.CONTENT_TYPE: _TYPES.get(path.suffix, "application/octet-stream"),
        hdrs.CACHE_CONTROL: "private, no-store",
    }
    return web.FileResponse(path, headers=headers)
