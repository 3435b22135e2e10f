"""Password hashes: argon2id at 19 MiB, t=2, p=1 (OWASP's first choice), in threads, as many at once as cores."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from server.domain.refusals import Refusal

T = TypeVar("T")
LONGEST = 256
MOST_WAITING = 512


class Argon2Passwords:
    def __init__(self, at_once: int | None = None) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
        self._turns = asyncio.Semaphore(at_once or os.cpu_count() or 1)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        return await self._in_turn(lambda: self._verify(password_hash, password))

    async def _in_turn(self, work: Callable[[], T]) -> T:
        """Raises ``busy`` when too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise Refusal("busy", "password queue is full", retry_after_s=5)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    def _verify(self, password_hash: str | None, password: str) -> bool:
        """A password longer than any of ours is measured against nobody's: wrong, at the usual price."""
        if len(password) > LONGEST:
            password_hash = None
        try:
            matches = self._hasher.verify(password_hash or self._nobodys, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return matches and password_hash is not None

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())
