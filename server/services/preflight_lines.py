"""What of a venue's preflight is measured where it arrives: a test picture of its page, the source of its room kit."""

from __future__ import annotations

import datetime as dt

from server.domain import preflight as rules
from server.domain.access import Action, Principal
from server.domain.lessons import Lesson
from server.domain.preflight import CheckName, Preflight, Values
from server.domain.refusals import Refusal
from server.domain.venues import LessonVenue
from server.services.finding import allowed_target
from server.services.house import House
from server.services.kit_looks import look_at_kit
from server.services.media import MediaAnswer, SourceState
from server.services.preflights import PreflightView, change_newest, newest_of, note_check
from server.services.records import Transaction

LINE_TEST_MS = 60_000
"""How long the room of a line's test stays after the last one began."""


def _test_room(lesson_id: str) -> str:
    return f"preflight of {lesson_id}"


async def check_may_measure(
    house: House, principal: Principal, lesson_id: str, *, preflight_id: str, now: dt.datetime
) -> LessonVenue:
    """Raises ``preflight_missing``, ``forbidden``, ``lesson_not_on_air``."""

    def load(tx: Transaction) -> LessonVenue:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        return newest_of(tx, principal, target, preflight_id)[0]

    return await house.records.read(load)


async def open_line(
    house: House, principal: Principal, lesson_id: str, *, preflight_id: str, offer_sdp: str, now: dt.datetime
) -> MediaAnswer:
    """A test picture into a room that nobody watches and nothing records; it closes by itself.

    Raises as :func:`check_may_measure`, and the media process's.
    """
    venue = await check_may_measure(house, principal, lesson_id, preflight_id=preflight_id, now=now)
    room = _test_room(lesson_id)
    await house.media.open_room(room, None, "H264", recording=False)
    await house.media.close_room(room, grace_ms=LINE_TEST_MS)
    return await house.media.publish(room, venue.source, offer_sdp, replace=True)


async def close_line(
    house: House, principal: Principal, lesson_id: str, *, preflight_id: str, now: dt.datetime
) -> PreflightView:
    """What came of the test picture, counted where it arrived. Raises ``probe_unknown``, and as before."""
    venue = await check_may_measure(house, principal, lesson_id, preflight_id=preflight_id, now=now)
    came = await _came(house, lesson_id, venue)
    values: Values = {
        "transport": "tcp" if came.over_tcp else "udp",
        "packets": came.packets_received,
        "loss": rules.loss_of(came.packets_received, came.packets_lost),
        "bitrate_bps": came.bitrate_bps,
        "frames": came.frames,
    }
    return await note_check(
        house, principal, lesson_id, preflight_id=preflight_id, name=CheckName.LINE, values=values, now=now
    )


async def _came(house: House, lesson_id: str, venue: LessonVenue) -> SourceState:
    try:
        state = await house.media.room_state(_test_room(lesson_id))
    except Refusal as refusal:
        if refusal.code != "room_unknown":
            raise
        raise Refusal("probe_unknown", lesson_id) from None
    found = next((one for one in state.sources if one.source == venue.source), None)
    if found is None:
        return SourceState(venue.source, False, False, False, None, 0, 0, 0, 127)
    return found


# ---- a room kit ------------------------------------------------------------------------------------------


async def look_at_source(
    house: House, principal: Principal, lesson_id: str, *, preflight_id: str, now: dt.datetime
) -> PreflightView:
    """Camera, microphone, uplink and line of a room kit, which sends without a page: as they arrive in the lesson's
    room, or before the opening in that of rehearsals.

    To be called a few times, a second apart, while somebody speaks. Raises ``media_unavailable``, and as
    :func:`check_may_measure`.
    """

    def load(tx: Transaction) -> tuple[Lesson, LessonVenue]:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        return target.lesson, newest_of(tx, principal, target, preflight_id)[0]

    lesson, venue = await house.records.read(load)
    came = await look_at_kit(house, lesson, venue, now)

    def step(before: Preflight) -> Preflight:
        return rules.arrived(before, came, now, house.thresholds)

    return await change_newest(house, principal, lesson_id, preflight_id, step, now=now)
