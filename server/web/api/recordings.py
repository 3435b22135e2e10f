"""Recordings: listing and playing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from server.services.recordings import Playing, list_recordings, play_recording
from server.services.views import RecordingView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Paged

calls = Endpoints()


class Listing(Paged):
    lesson_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RecordingPage:
    items: tuple[RecordingView, ...]
    next_cursor: str | None


@calls.on("GET", "/api/v1/recordings")
async def get_recordings(call: Call, query: Listing) -> RecordingPage:
    """Recordings that the caller may watch, newest lesson first."""
    page = await list_recordings(
        call.site.house.records,
        call.principal,
        lesson_id=str(query.lesson_id) if query.lesson_id else None,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )
    return RecordingPage(page.items, page.next_cursor)


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
