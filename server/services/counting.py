"""Counts of a hall in the log: votes of inquiries and signals, now and then what has changed, never who."""

from __future__ import annotations

import datetime as dt

from server.domain import events
from server.domain.events import STAFF, Announcement
from server.domain.lessons import ON_AIR
from server.domain.signals import SignalCounts
from server.services.house import House
from server.services.records import Transaction
from server.services.rooms import tell
from server.services.signals import count_signals

LOOK_EVERY_S = 1.5
VOTES_EVERY = dt.timedelta(seconds=3)
SIGNALS_EVERY = dt.timedelta(seconds=10)
"""At least so long between two such events of a lesson, however many control processes look."""
MOST_VOTES = 100
"""Inquiries in one event; the others are in the next."""


class Told:
    """What of each lesson's signals the log says, as far as this process knows."""

    def __init__(self) -> None:
        self._counts: dict[str, SignalCounts] = {}

    def knows(self, lesson_id: str, counts: SignalCounts) -> bool:
        return self._counts.get(lesson_id) == counts

    def note(self, lesson_id: str, counts: SignalCounts) -> None:
        self._counts[lesson_id] = counts

    def keep(self, lesson_ids: frozenset[str]) -> None:
        """The others are over."""
        self._counts = {each: counts for each, counts in self._counts.items() if each in lesson_ids}


async def count_all(house: House, told: Told, now: dt.datetime) -> None:
    """To be called every ``LOOK_EVERY_S``, by each control process. Writes only what has changed."""

    def look(tx: Transaction) -> dict[str, bool]:
        lessons = tx.lessons.in_states(ON_AIR)
        return {lesson.id: bool(tx.inquiries.untold(lesson.id, 1)) for lesson in lessons}

    moved = await house.records.read(look)
    told.keep(frozenset(moved))
    for lesson_id, votes in moved.items():
        if votes:
            await _tell_votes(house, lesson_id, now)
        counts = await count_signals(house, lesson_id, now)
        if not told.knows(lesson_id, counts):
            await _tell_signals(house, told, lesson_id, counts, now)


async def _tell_votes(house: House, lesson_id: str, now: dt.datetime) -> None:
    def work(tx: Transaction) -> bool:
        tx.lessons.lock(lesson_id)
        last = tx.events.newest(lesson_id, events.INQUIRY_VOTES)
        if last is not None and now - last.at < VOTES_EVERY:
            return False
        said = last_votes(tx, lesson_id, MOST_VOTES)
        if said:
            tx.events.append(lesson_id, said, now, None)
        return bool(said)

    if await house.records.write(work):
        await tell(house, lesson_id)


def last_votes(tx: Transaction, lesson_id: str, most: int | None = None) -> list[Announcement]:
    """What of the votes the log does not say yet, when the lesson ends all of it. Its row is locked."""
    votes = tx.inquiries.untold(lesson_id, most)
    tx.inquiries.note_told(votes)
    return [events.inquiry_votes(votes)] if votes else []


async def _tell_signals(house: House, told: Told, lesson_id: str, counts: SignalCounts, now: dt.datetime) -> None:
    """Another process may have told the same meanwhile, or something else a moment ago: then it is looked at again."""

    def work(tx: Transaction) -> bool | None:
        lesson = tx.lessons.lock(lesson_id)
        last = tx.events.newest(lesson_id, events.SIGNALS_COUNTED)
        before = SignalCounts(**last.data) if last is not None else SignalCounts()
        if before == counts or lesson is None or not lesson.on_air:
            return False
        if last is not None and now - last.at < SIGNALS_EVERY:
            return None
        tx.events.append(lesson_id, [events.signals_counted(STAFF, counts)], now, None)
        return True

    written = await house.records.write(work)
    if written is not None:
        told.note(lesson_id, counts)
    if written:
        await tell(house, lesson_id)
