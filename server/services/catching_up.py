"""Catching up with a lesson's log together: a hall that comes back stood at the same place in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.events import Listener
from server.services.events import PAGE, EventPage, as_heard, page_of, reopened_quizzes
from server.services.records import Transaction
from server.services.together import ReadTogether


@dataclass(frozen=True, slots=True)
class Behind:
    """Who has heard up to ``since``. ``snapshot``: more than a page is told instead of being given."""

    lesson_id: str
    since: int
    snapshot: bool
    listener: Listener


CatchUps = ReadTogether[Behind, EventPage]


def catch_up_all(tx: Transaction, those: Sequence[Behind]) -> Sequence[EventPage]:
    """To each what :func:`server.services.events.heard_since` would give."""
    standing: dict[tuple[str, int], dict[Behind, EventPage]] = {}
    for one in those:
        standing.setdefault((one.lesson_id, one.since), {})[one] = EventPage((), one.since)
    for (lesson_id, since), pages in standing.items():
        pages.update(_together(tx, lesson_id, since, list(pages)))
    return [standing[one.lesson_id, one.since][one] for one in those]


def _together(tx: Transaction, lesson_id: str, since: int, those: Sequence[Behind]) -> dict[Behind, EventPage]:
    """Read once for all when less than a page concerns any of them. The log's end first, as for one alone."""
    if len(those) > 1:
        last = tx.events.seq(lesson_id)
        audiences = {audience for one in those for audience in one.listener.audiences}
        events = tx.events.since_of(lesson_id, since, audiences, PAGE)
        if len(events) < PAGE:
            reopened = reopened_quizzes(tx, lesson_id, events)
            return {one: as_heard(one.listener, events, since, last, reopened) for one in those}
    return {one: page_of(tx, lesson_id, one.listener, since, snapshot=one.snapshot) for one in those}
