"""Recordings whose time is over are marked by the daily sweep; what is marked goes from the disk."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from server.domain import keeping as rules
from server.domain.audit import of_the_house
from server.domain.keeping import KeepClass, Kept
from server.domain.micro_videos import MicroState, without_film
from server.domain.refusals import Refusal
from server.services.audit import new_salt
from server.services.house import House
from server.services.keep_rules import due_count
from server.services.records import Transaction
from server.services.working import keep_at

DELETED = "recording.deleted"
FILM_DELETED = "micro.film_deleted"
SLICE = 50
LOOK_S = 10.0
MOST_LOOKED_AT = 10_000
BY_HAND = "by hand"
log = logging.getLogger(__name__)


def clear_due(tx: Transaction, now: dt.datetime, limit: int = SLICE) -> int:
    """Marks recordings whose time is over as deleted, by which rule; how many."""
    kinds, marked = tx.keeping.kinds(), 0
    for keep_class in KeepClass:
        rule = rules.rule_of(tx.keeping.rules(), keep_class, now)
        if rule.days is None:
            continue
        of_kinds = rules.kinds_of(kinds, keep_class, now)
        before = now - dt.timedelta(days=rule.days)
        for recording_id in tx.keeping.due(keep_class, of_kinds, before, now, limit - marked):
            kept = tx.keeping.of(recording_id, lock=True)
            if kept.deleted_at is not None or kept.keep_class not in {None, keep_class}:
                continue  # somebody has decided otherwise since it was looked for
            why = f"{keep_class}: {rule.days} days"
            tx.keeping.put(replace(kept, deleted_at=now, why=why))
            tx.audit.add(of_the_house(now, DELETED, recording_id, new_salt(), rule=why))
            marked += 1
    return marked


def clear_films(tx: Transaction, now: dt.datetime, limit: int = SLICE) -> int:
    """Films of micro-videos that have been retired for as long as an ordinary recording stays: they are named by
    nothing any more, and their folders go with the next housekeeping; how many."""
    rule = rules.rule_of(tx.keeping.rules(), KeepClass.ORDINARY, now)
    if rule.days is None:
        return 0
    for one in tx.micro.in_states({MicroState.RETIRED}):
        if one.retired_at is not None:
            continue
        video = tx.micro.lock(one.id)  # it may have been published again since it was looked for
        if video is not None and video.state is MicroState.RETIRED and video.retired_at is None:
            tx.micro.put(replace(video, retired_at=now))  # before that was kept: nobody knows since when
    due = tx.micro.retired_before(now - dt.timedelta(days=rule.days), limit)
    for video_id in due:
        video = tx.micro.lock(video_id)
        if video is not None and video.state is MicroState.RETIRED:
            tx.micro.put(without_film(video))
            tx.audit.add(of_the_house(now, FILM_DELETED, video_id, new_salt(), rule=f"{rule.days} days"))
    return len(due)


def some_due(tx: Transaction, now: dt.datetime) -> bool:
    known = tx.keeping.rules()
    return any(due_count(tx, rules.rule_of(known, keep_class, now), now) for keep_class in KeepClass)


class Purger:
    """What was deleted goes from the disk. Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S) -> None:
        self._house, self._now, self._look_s = house, now, look_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("deleting a recording", self.step, self._look_s)

    async def step(self) -> int:
        """How many are gone. One whose disk or store is away, or that is being moved, is tried again at the next look,
        and holds up no other."""
        gone = 0
        for kept in await self._house.records.read(lambda tx: tx.keeping.to_purge(MOST_LOOKED_AT)):
            assert kept.deleted_at is not None
            why = BY_HAND if kept.deleted_by else kept.why  # a person's words stay in the record, not on the disk
            try:
                await self._house.library.forget(kept.recording_id, kept.deleted_at, why)
            except Refusal as refusal:
                log.warning("deleting recording %s waits: %s", kept.recording_id, refusal.code)
                continue
            done = replace(kept, purged_at=self._now())
            await self._house.records.write(partial(_put, done=done))
            gone += 1
        return gone


def _put(tx: Transaction, done: Kept) -> None:
    tx.keeping.put(done)
