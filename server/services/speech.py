"""The right to speak, venue by venue, as staff sets it: 静音, 可发言, 正在发言."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from server.domain import events, programme
from server.domain.access import Principal
from server.domain.events import STAFF, Announcement, to_venue
from server.domain.lessons import Lesson
from server.domain.programme import Speech
from server.services.commands import command
from server.services.house import House
from server.services.records import Transaction
from server.services.stage import direct
from server.services.views import StageView


async def let_speak(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str,
    speech: Speech,
    now: dt.datetime,
) -> StageView:
    """A muted venue is closed for sound, and nothing opens it until staff lets it speak again.

    Raises ``forbidden``, ``lesson_not_on_air``, ``venue_not_found``, ``source_unknown`` (the main venue),
    ``command_reused``.
    """

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        source = lesson.venue(lesson_venue_id).source
        before = tx.programmes.get(lesson.id)
        after = programme.let_speak(before, source, speech, lesson.sources)
        if after == before:
            return ()
        tx.programmes.save(lesson.id, after)
        said = [events.venue_speech(who, lesson_venue_id, speech) for who in (STAFF, to_venue(lesson_venue_id))]
        return [*said, events.stage_audio(after.opened)] if after.opened != before.opened else said

    asked = command(principal, command_id, "let_speak", lesson_id=lesson_id, venue=lesson_venue_id, speech=speech.value)
    return await direct(house, principal, lesson_id, asked, work, now=now)
