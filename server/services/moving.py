"""Recordings go to the place of their class once their lesson is over, as background work: to the object store, and
back when that was changed. Where it changes while one is on its way, that one goes back from wherever it is.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from server.domain import keeping, moves
from server.domain.jobs import JobState
from server.domain.keeping import KeepClass, Place
from server.domain.moves import Move
from server.domain.refusals import Refusal
from server.services.house import House
from server.services.imports_going import Stopped
from server.services.records import Transaction
from server.services.shelves.keeping import ObjectStore
from server.services.working import keep_at

LOOK_S = 30.0
ASK_S = 2.0
MOST_LOOKED_AT = 100


class Mover:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(
        self,
        house: House,
        store: ObjectStore,
        now: Callable[[], dt.datetime],
        *,
        look_s: float = LOOK_S,
        ask_s: float = ASK_S,
    ) -> None:
        """``ask_s``: how often one on its way is held against its class."""
        self._house, self._store, self._now = house, store, now
        self._look_s, self._ask_s = look_s, ask_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("moving a recording", self.step, self._look_s)

    async def step(self) -> int:
        """One to its end, or to why it failed; 0 when none waits."""
        if await self._house.records.read(self._next) is None:
            return 0
        begun = await self._house.records.write(self._begin)
        if begun is None:
            return 0
        one, to = begun
        try:
            await self._moved(one, to)
        except asyncio.CancelledError:
            self._house.moving.stop(one.recording_id)  # its thread ends by this, and holds up no end of the process
            raise
        self._house.moving.forget(one.recording_id)
        return 1

    def _next(self, tx: Transaction) -> tuple[str, Place] | None:
        """Which, and where to; what is to leave this machine first."""
        now = self._now()
        kinds, rules = tx.keeping.kinds(), tx.keeping.rules()
        for to in (Place.OBJECT, Place.LOCAL):
            classes = [one for one in KeepClass if keeping.rule_of(rules, one, now).place is to]
            wanted = [(one, keeping.kinds_of(kinds, one, now)) for one in classes]
            waiting = tx.keeping.to_move(wanted, to, MOST_LOOKED_AT) if wanted else ()
            signs = tx.jobs.signs() if waiting else {}
            for one in waiting:
                if moves.falls_to(_unended(tx.keeping.move(one)), self._house.name, signs, now):
                    return one, to
        return None

    def _begin(self, tx: Transaction) -> tuple[Move, Place] | None:
        found = self._next(tx)
        if found is None:
            return None
        recording_id, to = found
        before = _unended(tx.keeping.move(recording_id, lock=True))
        if not moves.falls_to(before, self._house.name, tx.jobs.signs(), self._now()):
            return None
        attempts = 1 + (before.attempts if before else 0)
        one = Move(recording_id, self._house.name, JobState.RUNNING, attempts, self._now())
        tx.keeping.put_move(one)
        return one, to

    async def _moved(self, one: Move, to: Place) -> None:
        def tell(percent: int) -> None:
            self._house.moving.tell(one.recording_id, percent)

        try:
            if to is Place.OBJECT and await self._awaits_pictures(one):
                raise Refusal("recording_in_use", "its pictures are made first")
            store = self._store
            copy, clear = (store.move, store.release) if to is Place.OBJECT else (store.restore, store.vacate)
            await self._while_wanted(one, to, copy(one.recording_id, self._now(), tell))
            # Whoever takes it out reads the files there; the next try finds it moved, and only lets them go.
            if await self._house.records.read(lambda tx: tx.keeping.exporting(one.recording_id)):
                raise Refusal("recording_in_use", "an export reads it")
            await clear(one.recording_id)
        except Stopped:
            return
        except Refusal as refusal:
            code = refusal.code
            await self._house.records.write(lambda tx: self._end(tx, one, to, code))
            return
        await self._house.records.write(lambda tx: self._end(tx, one, to, None))

    async def _while_wanted(self, one: Move, to: Place, work: Coroutine[Any, Any, None]) -> None:
        """Raises :class:`Stopped` when its class has another place by now: it goes back at the next step."""
        going = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({going}, timeout=self._ask_s))[0]:
                if not await self._still(one, to):
                    self._house.moving.stop(one.recording_id)
            await going
        finally:
            going.cancel()

    async def _still(self, one: Move, to: Place) -> bool:
        """A record that is away for a moment says nothing: what was begun goes on, and it is asked again."""
        try:
            return await self._house.records.read(lambda tx: self._wanted(tx, one, to))
        except Refusal as refusal:
            if refusal.code not in {"busy", "unavailable"}:
                raise
            return True

    def _wanted(self, tx: Transaction, one: Move, to: Place) -> bool:
        recording = tx.recordings.get(one.recording_id)
        lesson = tx.lessons.get(recording.lesson_id) if recording else None
        if lesson is None:
            return False
        now = self._now()
        kept = tx.keeping.of(one.recording_id)
        keep_class = kept.keep_class or keeping.class_of(tx.keeping.kinds(), lesson.kind, now)
        place = keeping.rule_of(tx.keeping.rules(), keep_class, now).place
        return kept.deleted_at is None and place is to

    async def _awaits_pictures(self, one: Move) -> bool:
        if one.attempts > moves.PICTURES_FIRST:
            return False
        pictures = self._house.pictures
        return not await pictures.made([one.recording_id]) and await pictures.drawable(one.recording_id)

    def _end(self, tx: Transaction, one: Move, to: Place, code: str | None) -> None:
        """Of one that another process has taken over meanwhile nothing is said: what that one does is the same."""
        present = tx.keeping.move(one.recording_id, lock=True)
        if present is None or present.runner != self._house.name:
            return
        state = JobState.FAILED if code else JobState.DONE
        tx.keeping.put_move(replace(present, state=state, code=code, ended_at=self._now()))
        if code is None:
            tx.keeping.put(replace(tx.keeping.of(one.recording_id, lock=True), place=to))


def _unended(one: Move | None) -> Move | None:
    """One that came to its end says nothing about the next, which goes the other way."""
    return None if one is not None and one.state is JobState.DONE else one
