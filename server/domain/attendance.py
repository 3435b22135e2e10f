"""What came of somebody's lesson (出勤): present, late, left early, on leave or absent; and the two rates of presence.

The one place where these are told apart. Boards and lists ask it for a lesson that runs, settling for one that is
over; sheets and statistics read what settling kept.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass


class Standing(enum.StrEnum):
    """Of two that hold the later one is said: who came late and left early, left early."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    ON_LEAVE = "on_leave"
    ABSENT = "absent"


WORDS: dict[Standing, tuple[str, str]] = {
    Standing.PRESENT: ("实到", "present"),
    Standing.LATE: ("迟到", "late"),
    Standing.LEFT_EARLY: ("早退", "left early"),
    Standing.ON_LEAVE: ("请假", "on leave"),
    Standing.ABSENT: ("缺席", "absent"),
}
HERE = frozenset({Standing.PRESENT, Standing.LATE, Standing.LEFT_EARLY})
"""Counted in 实到."""


def standing(
    *, signed_in: bool, late: bool, left_early: bool, on_leave: bool, corrected: Standing | None = None
) -> Standing:
    """``corrected``: what a person put in its place. Who was granted leave and came is present."""
    if corrected is not None:
        return corrected
    if not signed_in:
        return Standing.ON_LEAVE if on_leave else Standing.ABSENT
    if left_early:
        return Standing.LEFT_EARLY
    return Standing.LATE if late else Standing.PRESENT


def left_early(
    ended_at: dt.datetime,
    minutes: int | None,
    *,
    marked: dt.datetime | None,
    in_room: bool,
    last_seen: dt.datetime,
) -> bool:
    """早退, of who is signed in. ``minutes``: how long before the end somebody may go; None: only a mark says it.

    ``marked``: when the operator saw the member go. In a room that mark alone decides, for a venue's line that breaks
    is nobody's going; on a phone the end of the presence, ``last_seen``, does.
    """
    if marked is not None:
        return minutes is None or marked < ended_at - dt.timedelta(minutes=minutes)
    if minutes is None or in_room:
        return False
    return last_seen < ended_at - dt.timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Rates:
    """实到率 in its two readings, in thousandths, rounded down; None: a share of nothing.

    ``of_expected``: 实到/应到. ``of_due``: 实到/(应到 − 准假).
    """

    of_expected: int | None
    of_due: int | None


def rates(expected: int, missing: int, on_leave: int) -> Rates:
    """``expected``: 应到 with those added later; ``missing`` are not there without leave, ``on_leave`` with."""
    came = expected - missing - on_leave
    return Rates(_share(came, expected), _share(came, expected - on_leave))


def _share(part: int, whole: int) -> int | None:
    return None if whole <= 0 else max(0, part * 1000 // whole)
