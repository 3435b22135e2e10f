"""Reading a lesson's event log."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from server.domain.access import Action, Principal
from server.domain.events import Event, Listener, tells_answers
from server.services.fanout import Fanout, Subscription
from server.services.finding import allowed_target
from server.services.owing import hearing
from server.services.records import Records, Transaction

PAGE = 500
LONGEST_WAIT = dt.timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class EventPage:
    """``seq``: ask again from here. Past the last event when later ones concern others only.

    ``behind``: there is more than a page, and none of it is here: fetch snapshots, then ask from where they stand.
    """

    events: tuple[Event, ...]
    seq: int
    behind: bool = False


async def events_since(
    records: Records,
    fanout: Fanout,
    principal: Principal,
    lesson_id: str,
    since: int,
    *,
    wait: dt.timedelta = dt.timedelta(0),
    snapshot: bool = False,
    now: dt.datetime,
) -> EventPage:
    """What the principal may hear after ``since``, ``PAGE`` at most; waits for something newer if there is nothing.

    ``snapshot``: whoever is more than a page behind is told so instead of being given it. Raises ``lesson_not_found``.
    """
    async with fanout.subscribe(lesson_id) as subscription:
        heard, page = await records.read(
            lambda tx: _first_page(tx, principal, lesson_id, since, snapshot=snapshot, now=now)
        )
        if page.events or page.behind or wait <= dt.timedelta(0):
            return page
        return await _waited(records, subscription, lesson_id, heard, page, wait=min(wait, LONGEST_WAIT))


def _first_page(
    tx: Transaction, principal: Principal, lesson_id: str, since: int, *, snapshot: bool, now: dt.datetime
) -> tuple[Listener, EventPage]:
    heard = hearing(tx, principal, allowed_target(tx, principal, Action.READ, lesson_id, now))
    return heard, page_of(tx, lesson_id, heard, since, snapshot=snapshot)


async def _waited(
    records: Records,
    subscription: Subscription,
    lesson_id: str,
    heard: Listener,
    page: EventPage,
    *,
    wait: dt.timedelta,
) -> EventPage:
    """Each hint is looked up; one about what others hear moves ``seq`` on and waits further."""
    try:
        async with asyncio.timeout(wait.total_seconds()):
            while not page.events:
                hint = await subscription.next()
                if hint.resync or hint.seq > page.seq:
                    page = await heard_since(records, lesson_id, heard, page.seq)
    except TimeoutError:
        # Hints are only hints: look once more before saying that there is nothing.
        return await heard_since(records, lesson_id, heard, page.seq)
    return page


async def latest_events(
    records: Records, principal: Principal, lesson_id: str, *, nouns: Collection[str], last: int, now: dt.datetime
) -> EventPage:
    """The newest ``last`` of these nouns (what stands before a kind's point) that the principal may hear, in order.

    Raises ``lesson_not_found``.
    """

    def load(tx: Transaction) -> EventPage:
        heard = hearing(tx, principal, allowed_target(tx, principal, Action.READ, lesson_id, now))
        end = tx.events.seq(lesson_id)
        newest = tx.events.latest(lesson_id, heard, nouns, min(last, PAGE))
        return EventPage(heard.of(newest, reopened=reopened_quizzes(tx, lesson_id, newest)), end)

    return await records.read(load)


async def heard_since(
    records: Records, lesson_id: str, heard: Listener | None, since: int, *, snapshot: bool = False
) -> EventPage:
    """The same for a socket that was admitted already; ``None`` reads everything, to be sorted by audience."""
    return await records.read(lambda tx: page_of(tx, lesson_id, heard, since, snapshot=snapshot))


def page_of(
    tx: Transaction, lesson_id: str, heard: Listener | None, since: int, *, snapshot: bool = False
) -> EventPage:
    """A full page says to go on after its last event; else everything up to the log's end has been looked at.

    The log's end is read first: what is committed between the two reads is then only seen twice, never skipped.
    """
    last = tx.events.seq(lesson_id)
    if snapshot and last - since > PAGE and tx.events.beyond(lesson_id, since, heard, PAGE):
        return EventPage((), last, behind=True)
    events = tx.events.since(lesson_id, since, heard, PAGE)
    if heard is None:
        return _paged(events, since, last)
    return as_heard(heard, events, since, last, reopened_quizzes(tx, lesson_id, events))


def reopened_quizzes(tx: Transaction, lesson_id: str, events: Collection[Event]) -> frozenset[str]:
    """What runs together, when these say what was right in a quiz: it may be one of them."""
    running = tx.quizzes.running(lesson_id) if any(map(tells_answers, events)) else None
    return frozenset(each.id for each in tx.quizzes.together(running)) if running else frozenset()


def as_heard(heard: Listener, events: Collection[Event], since: int, last: int, reopened: Collection[str]) -> EventPage:
    """What of these is for one listener, as it may hear it. ``last``: the log's end before they were read."""
    audiences = heard.audiences
    return _paged(heard.of((each for each in events if each.audience in audiences), reopened=reopened), since, last)


def _paged(events: tuple[Event, ...], since: int, last: int) -> EventPage:
    if len(events) == PAGE:
        return EventPage(events, events[-1].seq)
    return EventPage(events, max(last, events[-1].seq if events else since))
