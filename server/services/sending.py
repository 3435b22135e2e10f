"""Sending what waits: claimed in one transaction, sent outside of it, settled in another.

A process that dies in between leaves messages claimed. After ``LEASE`` they are settled as nobody knows: by a channel
that shows a repetition once they go again, by any other they wait for a person (docs/decisions/0092).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from server.domain import deliveries as rules
from server.domain.deliveries import LEASE, Channel, Delivery, Fate, Outcome, reason_to_stop
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.waves import SENDABLE, MadeWave, Sentence, Wave, text
from server.services.notices import Letter, NoticeRules, Notifier
from server.services.records import Records, Transaction
from server.services.waves import address_for, current_round, make_due
from server.services.working import keep_at

LOOK_S = 5.0
_MINUTE = dt.timedelta(minutes=1)
_PASSING = frozenset({"unavailable", "busy"})
_LOOKED_THROUGH = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    one: Delivery
    letter: Letter


class Sender:
    """Of one control process, made by the composition root; :meth:`run` is owned by it. Several may run."""

    def __init__(
        self,
        records: Records,
        name: str,
        notifiers: Mapping[Channel, Notifier],
        notices: NoticeRules,
        now: Callable[[], dt.datetime],
        *,
        look_s: float = LOOK_S,
    ) -> None:
        self._records, self._name, self._notifiers = records, name, notifiers
        self._rules, self._now, self._look_s = notices, now, look_s

    async def run(self) -> None:
        """Until cancelled. Each channel by itself: one that hangs holds up neither the waves nor another channel."""
        if not self._rules.on:
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_at("a wave", self._look, self._look_s))
            for channel, notifier in self._notifiers.items():
                group.create_task(keep_at("a notice", partial(self._send_some, channel, notifier), self._look_s))

    async def step(self) -> int:
        """All of it once: waves made and messages begun."""
        if not self._rules.on:
            return 0
        worked = await self._look()
        for channel, notifier in self._notifiers.items():
            worked += await self._send_some(channel, notifier)
        return worked

    async def _look(self) -> int:
        """Waves made."""
        made = await make_due(self._records, self._rules, self._now())
        await self._stop_needless()
        return made

    # ---- what is needed no more --------------------------------------------------------------------------

    async def _stop_needless(self) -> None:
        """Also in quiet hours: what waits for a cancelled lesson is not shown as planned until the morning."""
        waiting = await self._records.read(lambda tx: tx.deliveries.waiting_lessons())
        for lesson_id in waiting:
            about: dict[str, Any] = {"lesson_id": lesson_id, "now": self._now()}
            if await self._records.read(partial(_needless, **about)):
                await self._records.write(partial(_stop, **about))

    # ---- sending -----------------------------------------------------------------------------------------

    async def _send_some(self, channel: Channel, notifier: Notifier) -> int:
        now = self._now()
        if await self._records.read(lambda tx: tx.deliveries.lost(channel, now - LEASE, 1)):
            await self._records.write(lambda tx: self._settle_lost(tx, channel, notifier, now))
        if not await self._records.read(lambda tx: self._may_begin(tx, channel, now)):
            return 0
        batch = await self._records.write(lambda tx: self._claim(tx, channel, notifier, now))
        if not batch:
            return 0
        outcomes = await self._outcomes(channel, notifier, [each.letter for each in batch])
        ended = [
            rules.settled(
                each.one,
                outcome,
                most_tries=self._rules.most_tries,
                repeats_safely=notifier.repeats_safely,
                now=self._now(),
            )
            for each, outcome in zip(batch, outcomes, strict=True)
        ]
        await self._note(ended)
        return len(batch)

    def _may_begin(self, tx: Transaction, channel: Channel, now: dt.datetime) -> bool:
        quiet = self._rules.quiet.holds(now.astimezone(tx.calendar.zone).time())
        return not quiet and bool(tx.deliveries.next_queued(channel, now, 1))

    def _claim(self, tx: Transaction, channel: Channel, notifier: Notifier, now: dt.datetime) -> list[Claimed]:
        tx.deliveries.hold(channel, now)
        left = self._rules.per_minute - tx.deliveries.begun_since(channel, now - _MINUTE)
        waiting = tx.deliveries.next_queued(channel, now, max(0, min(left, notifier.at_once)))
        claimed: list[Claimed] = []
        for lesson_id in sorted({one.lesson_id for one in waiting}):
            claimed += self._claim_of(tx, lesson_id, [one for one in waiting if one.lesson_id == lesson_id], now)
        return claimed

    def _claim_of(
        self, tx: Transaction, lesson_id: str, waiting: Sequence[Delivery], now: dt.datetime
    ) -> list[Claimed]:
        lesson = tx.lessons.get(lesson_id)
        assert lesson is not None
        present, members = current_round(tx, lesson), [one.member_id for one in waiting]
        addresses, there = tx.deliveries.addresses(members), tx.deliveries.signed_in(lesson_id, members)
        excused, waves = tx.leaves.approved(lesson_id), tx.waves.of(lesson_id)
        claimed: list[Claimed] = []
        for one in waiting:
            mine = {"signed_in": one.member_id in there, "on_leave": one.member_id in excused}
            code = reason_to_stop(one, lesson, present.number, now, **mine)
            address = address_for(one.channel, addresses.get(one.member_id))
            if code or address is None:
                tx.deliveries.save(rules.stopped(one, code or "no_address"))
                continue
            if not rules.shown_once(one, now):
                tx.deliveries.save(rules.left_unknown(one))
                continue
            begun = rules.claimed(one, self._name, now)
            if not tx.deliveries.begin(begun):
                continue  # superseded meanwhile, in another process
            said = text(
                _sentence(one, lesson, waves), now, tx.calendar.zone, language=self._rules.language, url=self._rules.url
            )
            claimed.append(Claimed(begun, Letter(one.id, address, said)))
        return claimed

    async def _outcomes(self, channel: Channel, notifier: Notifier, letters: Sequence[Letter]) -> Sequence[Outcome]:
        try:
            return await notifier.send(letters)
        except Exception:
            log.exception("channel %s", channel)
            return [Outcome(Fate.UNKNOWN, "channel_failed")] * len(letters)

    async def _note(self, ended: Sequence[Delivery]) -> None:
        """Once it can be written down: what went out must not be forgotten for a database that is away."""
        while True:
            try:
                return await self._records.write(lambda tx: _settle_all(tx, ended))
            except Refusal as refusal:
                if refusal.code not in _PASSING:
                    raise
            await asyncio.sleep(self._look_s)

    def _settle_lost(self, tx: Transaction, channel: Channel, notifier: Notifier, now: dt.datetime) -> None:
        for one in tx.deliveries.lost(channel, now - LEASE, _LOOKED_THROUGH):
            outcome = Outcome(Fate.UNKNOWN, "interrupted")
            again = notifier.repeats_safely
            ended = rules.settled(one, outcome, most_tries=self._rules.most_tries, repeats_safely=again, now=now)
            tx.deliveries.settle(ended)


def _settle_all(tx: Transaction, ended: Sequence[Delivery]) -> None:
    for one in ended:
        tx.deliveries.settle(one)


def _needless(tx: Transaction, lesson_id: str, now: dt.datetime) -> bool:
    lesson = tx.lessons.get(lesson_id)
    assert lesson is not None
    rounds = tx.waves.last_rounds([lesson_id])
    moved = lesson_id in rounds and rounds[lesson_id].starts_at != lesson.starts_at
    return moved or lesson.state not in SENDABLE or now >= lesson.starts_at


def _stop(tx: Transaction, lesson_id: str, now: dt.datetime) -> None:
    lesson = tx.lessons.lock(lesson_id)
    assert lesson is not None
    if not _needless(tx, lesson_id, now):
        return
    tx.deliveries.stop_queued(lesson_id, _why(lesson, now))


def _why(lesson: Lesson, now: dt.datetime) -> str:
    if lesson.state not in SENDABLE:
        return "cancelled" if lesson.state.value == "cancelled" else "not_scheduled"
    return "too_late" if now >= lesson.starts_at else "moved"


def _sentence(one: Delivery, lesson: Lesson, waves: Sequence[MadeWave]) -> Sentence:
    return Sentence(
        one.wave, lesson.full_title, lesson.starts_at, place_name(lesson, one.place), was_before(one, waves)
    )


def place_name(lesson: Lesson, lesson_venue_id: str | None) -> str:
    """A venue that was taken out of the lesson since means the phone, or the place itself where nothing is sent."""
    known = any(venue.id == lesson_venue_id for venue in lesson.venues)
    return lesson.place_name(lesson_venue_id if known else None)


def was_before(one: Delivery, waves: Sequence[MadeWave]) -> dt.datetime | None:
    """The time told before, in the first wave of a round after the first."""
    mine = [made.wave for made in waves if made.round == one.round]
    before = [made.starts_at for made in waves if made.round < one.round]
    first: Wave | None = mine[0] if mine else None
    return before[-1] if before and one.wave is first else None
