"""Presence over all processes: one sorted set per lesson and face, scored by when each device's beat runs out."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

from server.domain.presence import TTL, Device, Face
from server.store.memory_presence import MemoryPresence
from server.store.redis_commands import RedisAway, RedisCommands

_log = logging.getLogger(__name__)
# Nobody keeps a lesson's set alive for longer than this after its last beat.
KEEP_S = 600


class RedisPresence:
    """What this process has seen itself is kept beside: it answers while Redis is away.

    Beats come every 15 s, so a Redis that was restarted empty is full again after one round.
    """

    def __init__(self, commands: RedisCommands, ttl: dt.timedelta = TTL) -> None:
        self._commands = commands
        self._ttl = ttl
        self._own = MemoryPresence(ttl)
        self._away = False

    async def beat(self, lesson_id: str, device: Device, now: dt.datetime) -> None:
        await self._own.beat(lesson_id, device, now)
        key, runs_out = _key(lesson_id, device.face), (now + self._ttl).timestamp()

        def build(pipe: Any) -> None:  # noqa: ANN401 - redis-py's pipeline is untyped
            pipe.zadd(key, {_member(device): runs_out})
            pipe.zremrangebyscore(key, "-inf", now.timestamp())
            pipe.expire(key, KEEP_S)

        await self._try(build)

    async def leave(self, lesson_id: str, device: Device) -> None:
        await self._own.leave(lesson_id, device)
        await self._try(lambda pipe: pipe.zrem(_key(lesson_id, device.face), _member(device)))

    async def devices(self, lesson_id: str, face: Face, now: dt.datetime) -> tuple[Device, ...]:
        after = f"({now.timestamp()}"
        found = await self._try(lambda pipe: pipe.zrangebyscore(_key(lesson_id, face), after, "+inf"))
        if found is None:
            return await self._own.devices(lesson_id, face, now)
        return tuple(sorted((_device(face, member) for member in found[0]), key=lambda device: device.id))

    async def counts(self, lesson_id: str, now: dt.datetime) -> Mapping[Face, int]:
        def build(pipe: Any) -> None:  # noqa: ANN401 - redis-py's pipeline is untyped
            for face in Face:
                pipe.zcount(_key(lesson_id, face), f"({now.timestamp()}", "+inf")

        found = await self._try(build)
        if found is None:
            return await self._own.counts(lesson_id, now)
        return dict(zip(Face, found, strict=True))

    async def _try(self, build: Any) -> list[Any] | None:  # noqa: ANN401 - a callable on redis-py's untyped pipeline
        """None while Redis is away; said once in the log."""
        try:
            found = await self._commands.pipeline(build)
        except RedisAway as away:
            if not self._away:
                _log.warning("presence: Redis is away (%s), counting this process only", away)
            self._away = True
            return None
        self._away = False
        return found


def _key(lesson_id: str, face: Face) -> str:
    return f"dangxiao:presence:{{{lesson_id}}}:{face.value}"


def _member(device: Device) -> str:
    return f"{device.id}|{device.account_id}|{device.lesson_venue_id or ''}"


def _device(face: Face, member: str) -> Device:
    device_id, account_id, lesson_venue_id = member.rsplit("|", 2)
    return Device(device_id, account_id, face, lesson_venue_id or None)
