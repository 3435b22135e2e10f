"""Pictures of recordings (缩略图) are made when nothing better is to do: never while a lesson is on the air."""

from __future__ import annotations

import logging

from server.domain.lessons import ON_AIR
from server.domain.refusals import Refusal
from server.services.house import House
from server.services.working import keep_at

LOOK_S = 5.0
MOST_LISTED = 10_000
MOST_TRIES = 3
"""Of one recording by one process; its next start tries again."""
log = logging.getLogger(__name__)


class Picturer:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, *, look_s: float = LOOK_S) -> None:
        self._house, self._look_s = house, look_s
        self._over: set[str] = set()
        self._tries: dict[str, int] = {}

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("pictures", self.step, self._look_s)

    async def step(self) -> bool:
        """Of one recording, the newest first; False when none waits, or a lesson is on the air."""
        records = self._house.records
        if await records.read(lambda tx: tx.lessons.in_states(ON_AIR)):
            return False
        finished = await records.read(lambda tx: tx.recordings.finished(MOST_LISTED))
        waiting = [one for one in finished if one not in self._over]
        self._over |= await self._house.pictures.made(waiting)
        here = next((one for one in waiting if one not in self._over), None)
        if here is None:
            return False
        if not await self._house.pictures.drawable(here):
            self._over.add(here)  # it lies with another process
            return True
        return await self._made(here)

    async def _made(self, recording_id: str) -> bool:
        try:
            await self._house.pictures.make(recording_id)
        except Refusal as refusal:
            self._tries[recording_id] = self._tries.get(recording_id, 0) + 1
            log.warning("pictures of %s wait: %s", recording_id, refusal.code)
            if self._tries[recording_id] >= MOST_TRIES:
                self._over.add(recording_id)
            return False
        self._over.add(recording_id)
        return True
