"""Signals of a lesson, for a minute each: counted, never written down, and kept without anybody's name."""

from __future__ import annotations

import datetime as dt
import hashlib

from server.domain.access import Action, Principal
from server.domain.presence import Face
from server.domain.refusals import Refusal
from server.domain.signals import Signal, SignalCounts, counted
from server.services.finding import allowed_target, check_on_air
from server.services.house import House
from server.services.records import Transaction


def sender(lesson_id: str, account_id: str) -> str:
    """Tells one sender of a lesson from another, and not who it is."""
    return hashlib.sha256(f"{lesson_id} {account_id}".encode()).hexdigest()[:24]


async def give_signal(
    house: House, principal: Principal, lesson_id: str, signal: Signal | None, now: dt.datetime
) -> None:
    """Raises ``lesson_not_on_air``, ``lesson_not_found``, ``forbidden`` for who is no member."""

    def check(tx: Transaction) -> None:
        check_on_air(allowed_target(tx, principal, Action.WATCH, lesson_id, now).lesson)
        if principal.member_id is None:
            raise Refusal("forbidden", "no member")

    await house.records.read(check)
    await house.signals.give(lesson_id, sender(lesson_id, principal.account_id), signal, now)


async def see_signals(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> SignalCounts:
    """For staff. Raises ``forbidden``, ``lesson_not_found``."""
    await house.records.read(lambda tx: allowed_target(tx, principal, Action.RUN, lesson_id, now))
    return await count_signals(house, lesson_id, now)


async def count_signals(house: House, lesson_id: str, now: dt.datetime) -> SignalCounts:
    given = await house.signals.given(lesson_id, now)
    if not given:
        return SignalCounts()
    online = await house.presence.counts(lesson_id, now)
    return counted(given, online[Face.PHONE])
