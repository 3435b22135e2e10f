"""Recordings: listing and playing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Principal
from server.services.media import ReplayLibrary
from server.services.records import Records
from server.services.tickets import GrantSigner
from server.services.views import Page, RecordingView


@dataclass(frozen=True, slots=True)
class Playing:
    """Paths below the server's root. ``screen`` None: there was no screen picture."""

    camera: str
    screen: str | None
    duration_ms: int
    expires_at: dt.datetime


async def list_recordings(
    records: Records,
    principal: Principal,
    *,
    lesson_id: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[RecordingView]:
    """Newest lesson first; only what the principal may watch, and only where something was recorded."""
    raise NotImplementedError


async def play_recording(
    records: Records,
    library: ReplayLibrary,
    signer: GrantSigner,
    principal: Principal,
    recording_id: str,
    *,
    lifetime: dt.timedelta,
    now: dt.datetime,
) -> Playing:
    """Raises ``recording_not_found``."""
    raise NotImplementedError
