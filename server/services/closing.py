"""The clock that closes quizzes and launches what was planned: one per process, each enough, none needed by others."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from server.domain.quiz import Quiz
from server.domain.quiz_clock import CLOSING_MARGIN, Moment
from server.domain.refusals import Refusal
from server.services.fanout import Subscription
from server.services.house import House
from server.services.planned_launches import launch_due
from server.services.quizzes import close_by_clock

LOOK_EVERY_S = 5.0
"""Hints are only hints: this often the record is asked without one."""
LOOK_LEAST_S = 0.25
_log = logging.getLogger(__name__)


async def keep_time(house: House, now: Callable[[], Moment]) -> None:
    """Until cancelled. Quizzes whose time was over before the start are closed at once.

    A database that is away delays closing; nothing is answered meanwhile either.
    """
    async with house.fanout.subscribe(None) as hints:
        while True:
            try:
                wait_s = await close_due(house, now())
                wait_s = min(wait_s, await launch_due(house, now().at) or wait_s)
            except Refusal as refusal:
                _log.warning("quizzes could not be closed or launched: %s", refusal.code)
                wait_s = LOOK_EVERY_S
            except Exception:  # noqa: BLE001 - a bug in closing one quiz must not end the process in a lecture
                _log.exception("quizzes could not be closed or launched")
                wait_s = LOOK_EVERY_S
            await _wait(hints, wait_s)


async def _wait(hints: Subscription, wait_s: float) -> None:
    """For the next deadline, or for news: a quiz launched here or in another process."""
    await asyncio.sleep(min(wait_s, LOOK_LEAST_S))
    try:
        async with asyncio.timeout(max(0.0, wait_s - LOOK_LEAST_S)):
            await hints.next()
    except TimeoutError:
        pass


async def close_due(house: House, now: Moment) -> float:
    """Closes what is due; returns the seconds until it is worth looking again."""
    all_running = await house.records.read(lambda tx: tx.quizzes.all_running())
    running = [quiz for quiz in all_running if quiz.paused_at is None]
    waits = [_left_s(house, quiz, now) for quiz in running]
    for quiz, wait_s in zip(running, waits, strict=True):
        if wait_s <= 0:
            await close_by_clock(house, quiz, now.at)
    return min([LOOK_EVERY_S, *(wait_s for wait_s in waits if wait_s > 0)])


def _left_s(house: House, quiz: Quiz, now: Moment) -> float:
    """Until its closing, on this process's steady clock."""
    left_ms = house.deadlines.steady_ms(quiz, now) - now.steady_ms
    return (left_ms + quiz.grace_ms) / 1000 + CLOSING_MARGIN / dt.timedelta(seconds=1)
