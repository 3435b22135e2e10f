"""What is announced of the curtain: the emergency cut and the standby slate."""

from __future__ import annotations

from server.domain.curtain import Cut, Standby
from server.domain.events import EVERYONE, STAFF, Announcement, written


def cut_begun(cut: Cut) -> Announcement:
    """紧急切断. Why is for staff alone: :func:`cut_noted`."""
    return Announcement("cut.begun", EVERYONE, {"since": written(cut.since)})


def cut_noted(cut: Cut) -> Announcement:
    return Announcement("cut.noted", STAFF, {"by": cut.by, "reason": cut.reason})


def cut_ended(by: str) -> Announcement:
    return Announcement("cut.ended", EVERYONE, {"by": by})


def standby_set(standby: Standby) -> Announcement:
    data = {"since": written(standby.since), "until": written(standby.until), "note": standby.note}
    return Announcement("standby.set", EVERYONE, data)


def standby_ended() -> Announcement:
    return Announcement("standby.ended", EVERYONE, {})
