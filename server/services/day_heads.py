"""The house notes the ledger's head once a day; the auditor takes the notes along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.audit import of_the_house
from server.domain.day_heads import NOTED, DayHead, Standing, about, is_due, standing_of
from server.services.audit import new_salt
from server.services.audit_views import require_auditor
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.working import keep_at

LOOK_S = 600.0
MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class DayHeadView:
    """``hash``: for ``dangxiao ledger verify --noted``."""

    day: dt.date
    position: int
    hash: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class DayHeadPage:
    items: tuple[DayHeadView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class NotedHeadView:
    """``position``: of the entry that it is of; None: of none. Only that entry is reckoned again, not the chain."""

    standing: Standing
    position: int | None


class HeadNoter:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, now: Callable[[], dt.datetime]) -> None:
        self._house, self._now = house, now

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("the ledger's daily head", self.step, LOOK_S)

    async def step(self) -> int:
        """Always 0: there is never a second one to do at once."""
        if await self._house.records.read(self._due):
            await self._house.records.write(self._note)
        return 0

    def _due(self, tx: Transaction) -> bool:
        """A note of a day to come, of a clock that went ahead once, stays and holds up none of the days till then."""
        today = tx.calendar.day(self._now())
        newest = next(iter(tx.ledger.day_heads(today + dt.timedelta(days=1), 1)), None)
        return is_due(newest, today, tx.ledger.head())

    def _note(self, tx: Transaction) -> None:
        """The note and its audit line in one transaction; of two processes one writes both."""
        now = self._now()
        noted = DayHead(tx.calendar.day(now), tx.ledger.head(), now)
        if tx.ledger.note_day(noted):
            tx.audit.add(of_the_house(now, NOTED, about(noted), new_salt()))


async def list_day_heads(
    records: Records, principal: Principal, before: dt.date | None, limit: int, now: dt.datetime
) -> DayHeadPage:
    """Newest first, those of days before ``before``. Raises ``forbidden``."""

    def look(tx: Transaction) -> DayHeadPage:
        require_auditor(tx, principal, now)
        found = tx.ledger.day_heads(before, limit + 1)
        more = found[limit - 1].day.isoformat() if len(found) > limit else None
        return DayHeadPage(tuple(_view(each) for each in found[:limit]), more)

    return await records.read(look)


async def export_day_heads(records: Records, principal: Principal, now: dt.datetime) -> tuple[DayHeadView, ...]:
    """The newest ``MOST_EXPORTED``, oldest first. Raises ``forbidden``."""

    def look(tx: Transaction) -> tuple[DayHeadView, ...]:
        require_auditor(tx, principal, now)
        return tuple(_view(each) for each in reversed(tx.ledger.day_heads(None, MOST_EXPORTED)))

    return await records.read(look)


async def check_noted_head(records: Records, principal: Principal, noted: str, now: dt.datetime) -> NotedHeadView:
    """A hash that was kept elsewhere, against the entry that it is of. Raises ``forbidden``."""

    def look(tx: Transaction) -> NotedHeadView:
        require_auditor(tx, principal, now)
        found = tx.ledger.ended_with(noted)
        return NotedHeadView(standing_of(noted, found), found[0] if found else None)

    return await records.read(look)


def _view(noted: DayHead) -> DayHeadView:
    return DayHeadView(noted.day, noted.head.position, noted.head.hash, noted.at)
