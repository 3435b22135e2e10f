"""Hints between processes by Redis publish/subscribe, which delivers at most once.

Subscribers of this process hear at once, without Redis. A heartbeat of our own goes through Redis every 2 s: when
nothing comes back for 6 s the link counts as lost, whatever the socket says; and after every return all
subscribers are told to resync, because hints were missed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from server.domain.events import Hint
from server.store.memory_fanout import MemoryFanout, MemorySubscription
from server.store.redis_commands import SOCKET_TIMEOUT_S, RedisAway, RedisCommands

CHANNEL = "dangxiao:hints"
BEAT_S = 2.0
LOST_AFTER_S = 6.0
LONGEST_PAUSE_S = 2.0
MOST_WAITING = 1024
_log = logging.getLogger(__name__)


class RedisFanout:
    """Start with :meth:`start`, end with :meth:`close`."""

    def __init__(
        self, commands: RedisCommands, url: str, *, beat_s: float = BEAT_S, lost_after_s: float = LOST_AFTER_S
    ) -> None:
        self._commands = commands
        self._url = url
        self._beat_s = beat_s
        self._lost_after_s = lost_after_s
        self._local = MemoryFanout()
        self._origin = uuid.uuid4().hex
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self.listening = asyncio.Event()
        """Set while the link from Redis is known to work."""

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._listen(), name="redis-hints"),
            asyncio.create_task(self._send(), name="redis-hints-out"),
            asyncio.create_task(self._beat(), name="redis-hints-beat"),
        ]

    async def publish(self, hint: Hint) -> None:
        """A full queue drops the hint for other processes: they find out when they next ask the log."""
        self._local.deliver(hint)
        self._enqueue({"from": self._origin, "lesson": hint.lesson_id, "seq": hint.seq})

    def subscribe(self, lesson_id: str | None = None) -> AbstractAsyncContextManager[MemorySubscription]:
        return self._local.subscribe(lesson_id)

    async def close(self) -> None:
        """Idempotent."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []
        self.listening.clear()

    # ---- out -----------------------------------------------------------------------------------------------

    def _enqueue(self, message: dict[str, Any]) -> None:
        if not self._outgoing.full():
            self._outgoing.put_nowait(json.dumps(message))

    async def _send(self) -> None:
        """One at a time. RedisCommands never cuts a command off, so cancelling this task is safe."""
        while True:
            message = await self._outgoing.get()
            try:
                await self._commands.pipeline(lambda pipe, text=message: pipe.publish(CHANNEL, text))
            except RedisAway as away:
                _log.debug("a hint did not reach Redis: %s", away)

    async def _beat(self) -> None:
        while True:
            self._enqueue({"from": self._origin})
            await asyncio.sleep(self._beat_s)

    # ---- in ------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            client = self._client()
            try:
                await self._hear(client)
            except (RedisError, OSError, TimeoutError) as error:
                if self.listening.is_set():
                    _log.warning("hints from other processes are lost: %s", type(error).__name__)
                    pause = 0.1
                self.listening.clear()
            finally:
                await client.aclose()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _client(self) -> Redis:
        """A connection of its own; no read timeout (redis ≥ 8's default breaks publish/subscribe): ours is the beat."""
        return Redis.from_url(
            self._url, decode_responses=True, socket_timeout=None, socket_connect_timeout=SOCKET_TIMEOUT_S
        )

    async def _hear(self, client: Redis) -> None:
        """Raises TimeoutError when not even our own heartbeat comes back."""
        async with client.pubsub(ignore_subscribe_messages=True) as pubsub:
            async with asyncio.timeout(self._lost_after_s):
                await pubsub.subscribe(CHANNEL)
            messages = pubsub.listen()
            while True:
                async with asyncio.timeout(self._lost_after_s):
                    message = await anext(messages)
                self._take(cast("dict[str, Any]", message)["data"])

    def _take(self, text: str) -> None:
        """A message that is none of ours costs itself."""
        if not self.listening.is_set():
            self.listening.set()
            self._local.resync()
        try:
            message = json.loads(text)
            if message["from"] != self._origin and "lesson" in message:
                self._local.deliver(Hint(str(message["lesson"]), int(message["seq"])))
        except (ValueError, KeyError, TypeError):
            _log.warning("somebody else talks on %s", CHANNEL)
