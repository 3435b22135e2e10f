"""What the chat announces, beside :mod:`server.domain.events`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from server.domain.chat import ChatSettings, Line, Mute
from server.domain.events import EVERYONE, Announcement


def chat_changed(settings: ChatSettings) -> Announcement:
    return Announcement("chat.changed", EVERYONE, {"mode": settings.mode.value, "slow_seconds": settings.slow_seconds})


def chat_line(audience: str, line: Line) -> Announcement:
    """One that waits goes to its sender and to staff alone, who also see whether a listed word is in it."""
    data: dict[str, Any] = {
        "line_id": line.id,
        "kind": line.kind.value,
        "name": line.name,
        "unit": line.unit,
        "text": line.text,
        "state": line.state.value,
        "at": _rfc3339(line.at),
    }
    return Announcement("chat.line", audience, data if audience == EVERYONE else {**data, "held": line.held})


def chat_deleted(audience: str, line_id: str) -> Announcement:
    return Announcement("chat.deleted", audience, {"line_id": line_id})


def talk_muted(audience: str, mute: Mute) -> Announcement:
    until = _rfc3339(mute.until)
    data = {"speaker_id": mute.speaker_id, "name": mute.name, "until": until, "reason": mute.reason}
    return Announcement("talk.muted", audience, data)


def talk_unmuted(audience: str, mute: Mute) -> Announcement:
    return Announcement("talk.unmuted", audience, {"speaker_id": mute.speaker_id, "name": mute.name})


def _rfc3339(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
