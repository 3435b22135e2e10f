"""Signals over all processes: one sorted set per lesson and signal, scored by when each ends."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any, Protocol

from server.domain.signals import LASTS, Signal
from server.store.redis_commands import RedisAway, RedisCommands

_log = logging.getLogger(__name__)
_KEEP_S = 300


class Own(Protocol):
    """The same in this process's memory."""

    async def give(self, lesson_id: str, who: str, signal: Signal | None, now: dt.datetime) -> None: ...

    async def given(self, lesson_id: str, now: dt.datetime) -> tuple[Signal, ...]: ...


class RedisSignals:
    """What came in here is kept in ``own`` beside: it counts while Redis is away."""

    def __init__(self, commands: RedisCommands, own: Own) -> None:
        self._commands = commands
        self._own = own

    async def give(self, lesson_id: str, who: str, signal: Signal | None, now: dt.datetime) -> None:
        await self._own.give(lesson_id, who, signal, now)

        def build(pipe: Any) -> None:  # noqa: ANN401 - redis-py's pipeline is untyped
            for each in Signal:
                pipe.zrem(_key(lesson_id, each), who)
            if signal is not None:
                key = _key(lesson_id, signal)
                pipe.zadd(key, {who: (now + LASTS).timestamp()})
                pipe.zremrangebyscore(key, "-inf", now.timestamp())
                pipe.expire(key, _KEEP_S)

        try:
            await self._commands.pipeline(build)
        except RedisAway as error:
            _log.warning("a signal counts in this process only: %s", error)

    async def given(self, lesson_id: str, now: dt.datetime) -> tuple[Signal, ...]:
        def build(pipe: Any) -> None:  # noqa: ANN401 - redis-py's pipeline is untyped
            for each in Signal:
                pipe.zcount(_key(lesson_id, each), f"({now.timestamp()}", "+inf")

        try:
            counts = await self._commands.pipeline(build)
        except RedisAway:
            return await self._own.given(lesson_id, now)
        return tuple(each for each, count in zip(Signal, counts, strict=True) for _ in range(int(count)))


def _key(lesson_id: str, signal: Signal) -> str:
    return f"signals:{lesson_id}:{signal.value}"
