"""A branch is told once that the day of an overseen item (督办) is near, and once that it is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial

from server.domain import letters as rules
from server.domain.audit import of_the_house
from server.domain.letters import Topic
from server.domain.oversight import Oversight
from server.services.audit import new_salt
from server.services.house import House
from server.services.letters import secretaries, tell
from server.services.records import Transaction
from server.services.working import keep_at

LOOK_S = 600.0
TOLD = "oversight.told"
"""The line in the audit log."""
_AT_ONCE = 500


class DayTeller:
    """Made by the composition root; :meth:`run` is owned by it. Several may run: a letter is written once."""

    def __init__(self, house: House, now: Callable[[], dt.datetime]) -> None:
        self._house, self._now = house, now

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("the days of overseen items", self._look, LOOK_S)

    async def _look(self) -> int:
        """Always 0: what could not be told now is looked at again later, not at once."""
        await self.step()
        return 0

    async def step(self) -> int:
        """All that is due, an item in a transaction of its own; of how many somebody was told."""
        told, after = 0, ""
        while True:
            looked, due = await self._house.records.read(partial(self._due, after=after))
            for key in due:
                told += await self._house.records.write(partial(self._tell, key=key))
            if len(looked) < _AT_ONCE:
                return told
            after = looked[-1]

    def _due(self, tx: Transaction, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The items that were looked at, by id, and those of which somebody has not been told."""
        today = tx.calendar.day(self._now())
        window = (today - rules.TOLD_LATE_FOR, today + rules.SOON)
        items = tx.oversights.open_between(*window, after=after, limit=_AT_ONCE)
        people = secretaries(tx) if items else {}
        return tuple(one.id for one in items), tuple(one.id for one in items if self._whom(tx, one, people, today)[1])

    def _tell(self, tx: Transaction, key: str) -> bool:
        now, today = self._now(), tx.calendar.day(self._now())
        one = tx.oversights.get(key, lock=True)
        if one is None:
            return False
        topic, whom = self._whom(tx, one, secretaries(tx), today)
        if topic is None or not whom:
            return False
        tell(tx, one, topic, rules.of_day(one, topic), accounts=whom, now=now)
        said = {"topic": topic.value, "due_on": one.due_on.isoformat(), "people": len(whom)}
        tx.audit.add(of_the_house(now, TOLD, f"oversight/{one.id}", new_salt(), **said))
        return True

    def _whom(
        self, tx: Transaction, one: Oversight, people: Mapping[str, frozenset[str]], today: dt.date
    ) -> tuple[Topic | None, frozenset[str]]:
        asked = rules.asking(tx.oversights.steps([one.id]).get(one.id, ()))
        topic = rules.due_topic(one, tx.calendar.day(asked[-1].at if asked else one.opened_at), today)
        if topic is None:
            return None, frozenset()
        told = {account for account, occasion in tx.letters.told([one.id]) if occasion == rules.of_day(one, topic)}
        return topic, people.get(one.unit_id, frozenset()) - told
