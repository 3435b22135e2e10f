"""A Redis client for short commands that are never cut off half-way.

redis-py hands a cancelled command's reply to the connection's next user, so each command runs in a task of its own
to its end; the caller waits behind a shield. The socket's own timeout ends a dead link and drops the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar, cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

T = TypeVar("T")
SOCKET_TIMEOUT_S = 1.0
MOST_AT_ONCE = 256


class RedisAway(Exception):
    """No answer in time, or too many commands under way already."""


class RedisCommands:
    """Close it with :meth:`close`."""

    def __init__(self, url: str) -> None:
        self.client: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=SOCKET_TIMEOUT_S,
            socket_connect_timeout=SOCKET_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, command: Coroutine[Any, Any, T]) -> T:
        """The command's reply. Raises :class:`RedisAway`."""
        if len(self._running) >= MOST_AT_ONCE:
            command.close()
            raise RedisAway("too many commands under way")
        task = asyncio.create_task(command)
        self._running.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except (RedisError, OSError, TimeoutError) as error:
            raise RedisAway(type(error).__name__) from error

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # its caller may be gone: nobody else will look

    async def pipeline(self, build: Any) -> list[Any]:  # noqa: ANN401 - a callable on redis-py's untyped pipeline
        """Several commands in one round trip, in a MULTI."""
        pipe: Pipeline = self.client.pipeline(transaction=True)
        build(pipe)
        return await self.run(pipe.execute())

    async def ping(self) -> bool:
        """Whether it answers."""
        try:
            return bool(await self.run(_coroutine(self.client.ping())))
        except RedisAway:
            return False

    async def close(self) -> None:
        """Lets what runs end (the socket's timeout bounds it). Idempotent."""
        if self._running:
            await asyncio.wait(set(self._running))
        await self.client.aclose()


async def _coroutine(awaitable: Awaitable[T] | T) -> T:
    """redis-py types its commands for both of its clients at once."""
    return await cast("Awaitable[T]", awaitable)
