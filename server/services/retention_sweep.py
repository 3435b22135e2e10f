"""Once a day, and after a start, one process clears what has been kept long enough: a slice in each transaction."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from server.domain import retention as rules
from server.domain.audit import of_the_house
from server.domain.personal_data import DataClass
from server.domain.retention import Sweep
from server.domain.retention_steps import STEPS, Key, Step
from server.services.audit import new_salt
from server.services.audit_views import cut_old
from server.services.house import House
from server.services.keep_sweep import clear_due, clear_films, some_due
from server.services.records import Records, Transaction
from server.services.working import keep_at

SWEPT = "retention.swept"
SLICE = 500
_SLICES_A_LOOK = 10
LOOK_S = 60.0
_REST_S = 0.05  # between two slices, for those who write meanwhile


class Sweeper:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, now: Callable[[], dt.datetime], *, slice_of: int = SLICE) -> None:
        self._house, self._now, self._slice = house, now, slice_of

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("the sweep", self.step, LOOK_S)

    async def step(self) -> int:
        """The day's sweep to its end; 0 when it is done, or another process does it."""
        if not await self._house.records.read(self._mine):
            return 0
        day = await self._house.records.write(self._begin)
        if day is None:
            return 0
        for each in STEPS:
            if not await self._cleared(day, each):
                return 0
        if not await self._recordings_cleared(day):
            return 0
        cleared = 1
        while cleared:
            cleared = await self._house.records.write(lambda tx: self._films(tx, day))
        await self._house.records.write(lambda tx: self._end(tx, day))
        return 1

    async def _recordings_cleared(self, day: dt.date) -> bool:
        """As :meth:`_cleared`, of recordings past their class."""
        while await self._house.records.read(lambda tx: some_due(tx, self._now())):
            cleared = await self._house.records.write(lambda tx: self._recordings(tx, day))
            if not cleared:
                return cleared is not None
            await asyncio.sleep(_REST_S)
        return True

    async def _cleared(self, day: dt.date, step: Step) -> bool:
        """False: another process has taken the sweep over. What is due is looked for beside those who write, each time
        from where the last look ended: the writer only takes away what was found, if it is due still.
        """
        last: Key | None = None
        while True:
            found = await self._house.records.read(partial(self._found, step=step, after=last))
            if not found:
                return True
            for first in range(0, len(found), self._slice):
                some = found[first : first + self._slice]
                if not await self._house.records.write(partial(self._slice_of, day=day, step=step, found=some)):
                    return False
                await asyncio.sleep(_REST_S)
            last = found[-1]

    def _found(self, tx: Transaction, step: Step, after: Key | None) -> tuple[Key, ...]:
        return tx.retention.found(step, cutoff(tx, step.kind, self._now()), after, _SLICES_A_LOOK * self._slice)

    def _mine(self, tx: Transaction) -> bool:
        now = self._now()
        return rules.falls_to(tx.retention.sweep(tx.calendar.day(now)), self._house.name, now)

    def _begin(self, tx: Transaction) -> dt.date | None:
        now = self._now()
        day = tx.calendar.day(now)
        present = tx.retention.sweep(day, lock=True)
        if present is None:
            return day if tx.retention.begin(Sweep(day, self._house.name, now, now, {})) else None
        if not rules.falls_to(present, self._house.name, now):
            return None
        tx.retention.save(replace(present, runner=self._house.name, seen_at=now))
        return day

    def _going(self, tx: Transaction, day: dt.date) -> Sweep | None:
        """None: another process has taken it over."""
        present = tx.retention.sweep(day, lock=True)
        if present is None or present.ended_at is not None or present.runner != self._house.name:
            return None
        return present

    def _slice_of(self, tx: Transaction, day: dt.date, step: Step, found: tuple[Key, ...]) -> bool:
        """False: it is another process's by now."""
        sweep, now = self._going(tx, day), self._now()
        if sweep is None:
            return False
        cleared = tx.retention.clear(step, cutoff(tx, step.kind, now), found)
        self._count(tx, sweep, step.kind, cleared, now)
        return True

    def _recordings(self, tx: Transaction, day: dt.date) -> int | None:
        """None: it is another process's by now."""
        sweep, now = self._going(tx, day), self._now()
        if sweep is None:
            return None
        cleared = clear_due(tx, now)
        self._count(tx, sweep, DataClass.TEACHING, cleared, now)
        return cleared

    def _films(self, tx: Transaction, day: dt.date) -> int:
        """0 also when the sweep is another process's by now."""
        sweep, now = self._going(tx, day), self._now()
        if sweep is None:
            return 0
        cleared = clear_films(tx, now)
        self._count(tx, sweep, DataClass.TEACHING, cleared, now)
        return cleared

    @staticmethod
    def _count(tx: Transaction, sweep: Sweep, kind: DataClass, cleared: int, now: dt.datetime) -> None:
        counts = Counter(sweep.counts)
        if cleared:
            counts[kind.value] += cleared
        tx.retention.save(replace(sweep, seen_at=now, counts=dict(counts)))

    def _end(self, tx: Transaction, day: dt.date) -> None:
        sweep, now = self._going(tx, day), self._now()
        if sweep is None:
            return
        tx.retention.save(replace(sweep, seen_at=now, ended_at=now))
        tx.audit.add(of_the_house(now, SWEPT, "", new_salt(), counts=dict(sweep.counts)))


def cutoff(tx: Transaction, data_class: DataClass, now: dt.datetime) -> dt.datetime:
    """What is older has been kept long enough."""
    rule = rules.in_force(tx.retention.rules(), data_class, now)
    return now - dt.timedelta(days=rules.days_of(rule, data_class))


async def cut_audit(records: Records, default_days: int, now: dt.datetime) -> int:
    """The beginning of the audit log, by its own rule; while any legal hold stands, nothing of it."""

    def keep(tx: Transaction) -> dt.timedelta | None:
        rule = rules.in_force(tx.retention.rules(), DataClass.AUDIT, now)
        return None if tx.retention.held() else dt.timedelta(days=rules.days_of(rule, DataClass.AUDIT, default_days))

    kept = await records.read(keep)
    return 0 if kept is None else await cut_old(records, kept, now)
