"""Chapters that follow from the log are kept beside a recording that has ended, so that its places are found by them.

They are an index and no second truth: a replay tells its chapters from the log, and whatever changes that has them
written anew. Only what everybody heard is in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from server.domain.events import Listener
from server.domain.lessons import Lesson
from server.domain.told_chapters import MOST_READ, NOUNS, told
from server.services.house import House
from server.services.records import Transaction
from server.services.working import keep_at

LOOK_S = 60.0
AT_ONCE = 5
"""Recordings in one transaction: each reads its lesson's log."""
_EVERYBODY = Listener(account_id="")


def index_chapters(tx: Transaction, lesson: Lesson, recording_id: str, now: dt.datetime) -> None:
    """In the place of what was there. The recording's row is written first: that waits for an erasure that is going
    on, and of two that tell the same one the second waits, so the log is read as it is after them.
    """
    tx.recordings.note_told(recording_id, now)
    there = lesson.live_at is not None and lesson.recorded
    log = tx.events.latest(lesson.id, _EVERYBODY, NOUNS, MOST_READ) if there else ()
    chapters = told(log, lesson.live_at, lesson.ended_at) if lesson.live_at is not None and there else ()
    tx.chapters.retell(lesson.id, chapters)


class Indexer:
    """What ended before there was an index, and what an erasure took out of it. Made by the composition root;
    :meth:`run` is owned by it."""

    def __init__(self, house: House, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S) -> None:
        self._house, self._now, self._look_s = house, now, look_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("indexing chapters", self.step, self._look_s)

    async def step(self) -> int:
        """How many recordings; 0 when none waits."""
        if not await self._house.records.read(lambda tx: tx.recordings.untold(1)):
            return 0
        return await self._house.records.write(self._some)

    def _some(self, tx: Transaction) -> int:
        waiting = tx.recordings.untold(AT_ONCE)
        for recording, lesson in waiting:
            index_chapters(tx, lesson, recording.id, self._now())
        return len(waiting)
