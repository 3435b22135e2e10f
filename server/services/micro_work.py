"""Whoever makes films watchable in this control process: one at a time, at low priority, with progress and cancel."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

from server.domain import micro_videos as rules
from server.domain.micro_videos import MicroState, MicroVideo
from server.domain.refusals import Refusal
from server.services.depot import Craft
from server.services.house import House
from server.services.records import Transaction
from server.services.working import keep_at
from server.services.workshop import Seen, Unwanted

LOOK_S = 1.0
_PASSING = frozenset({"unavailable", "busy"})
log = logging.getLogger(__name__)


class Filmer:
    """Made by the composition root; :meth:`run` is owned by it. What runs at the process's end is begun again."""

    def __init__(self, house: House, craft: Craft, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S) -> None:
        self._house, self._craft, self._now, self._look_s = house, craft, now, look_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("a film", self.step, self._look_s)

    async def step(self) -> bool:
        """One to its end; False when none waits."""
        if await self._house.records.read(self._next) is None:
            return False
        video = await self._house.records.write(self._begin)
        if video is not None:
            await self._worked(video)
        return True

    def _next(self, tx: Transaction) -> MicroVideo | None:
        waiting = tx.micro.in_states(rules.WORKED_ON)
        signs = tx.jobs.signs() if waiting else {}
        mine = (one for one in waiting if rules.falls_to(one, self._house.name, signs, self._now()))
        return next(mine, None)

    def _begin(self, tx: Transaction) -> MicroVideo | None:
        waiting = self._next(tx)
        video = tx.micro.lock(waiting.id) if waiting else None
        if video is None or video.state not in rules.WORKED_ON:
            return None
        begun = rules.begun(video, self._house.name)
        tx.micro.put(begun)
        return begun if begun.state is MicroState.CONVERTING else None

    async def _worked(self, video: MicroVideo) -> None:
        facts: Mapping[str, Any] | None = None
        code = "conversion_failed"
        try:
            facts = await self._made(video)
        except Unwanted:
            return
        except Refusal as refusal:
            code = refusal.code
        except Exception:
            log.exception("film of micro-video %s", video.id)
        await self._note_end(video, facts, code)

    async def _made(self, video: MicroVideo) -> Mapping[str, Any]:
        assert video.film_id is not None
        films, seen, film_id = self._house.films, Seen(), video.film_id
        into = await films.workplace(film_id)
        work = asyncio.ensure_future(self._craft(films.original(film_id), into, seen.tell))
        try:
            while not (await asyncio.wait({work}, timeout=self._look_s))[0]:
                if not await self._wanted(video, seen.percent):
                    raise Unwanted
            facts = work.result()
            rules.check_facts(facts)
            await films.keep(film_id)
        except BaseException:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await work
            await films.give_up(film_id)
            raise
        return facts

    async def _wanted(self, video: MicroVideo, percent: int) -> bool:
        """While the record is away nobody can have said otherwise."""

        def note(tx: Transaction) -> bool:
            present = self._present(tx, video)
            if present is None:
                return False
            further = rules.progressed(present, percent)
            if further != present:
                tx.micro.put(further)
            return True

        try:
            return await self._house.records.write(note)
        except Refusal as refusal:
            if refusal.code not in _PASSING:
                raise
            return True

    def _present(self, tx: Transaction, video: MicroVideo) -> MicroVideo | None:
        """As it is now, locked; None when it was cancelled, removed, or taken by another."""
        present = tx.micro.lock(video.id)
        same = present is not None and (present.film_id, present.runner) == (video.film_id, self._house.name)
        return present if present is not None and same and present.state is MicroState.CONVERTING else None

    async def _note_end(self, video: MicroVideo, facts: Mapping[str, Any] | None, code: str) -> None:
        def end(tx: Transaction) -> bool:
            present = self._present(tx, video)
            if present is None:
                return False
            tx.micro.put(rules.failed(present, code) if facts is None else rules.finished(present, facts))
            return True

        while True:
            try:
                kept = await self._house.records.write(end)
                break
            except Refusal as refusal:
                if refusal.code not in _PASSING:
                    raise
            await asyncio.sleep(self._look_s)
        if kept and facts is not None and video.film_id is not None:
            await self._house.films.drop_original(video.film_id)
