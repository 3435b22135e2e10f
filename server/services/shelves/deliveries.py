"""Shelves of the waves of notices that were made, and of what becomes of each message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.deliveries import Address, Channel, Delivery, DeliveryState, Tally
from server.domain.waves import MadeWave, Round, Wave


class WaveShelf(Protocol):
    def of(self, lesson_id: str) -> tuple[MadeWave, ...]:
        """Oldest first."""
        ...

    def last_rounds(self, lesson_ids: Collection[str]) -> dict[str, Round]: ...

    def add(self, made: MadeWave) -> bool:
        """False: somebody made it before."""
        ...

    def told(self, keys: Collection[str]) -> dict[tuple[str, int], dt.datetime]:
        """Of these lessons: by lesson and round, the time that was told."""
        ...


class DeliveryShelf(Protocol):
    def add(self, deliveries: Sequence[Delivery]) -> None: ...

    def write_again(self, one: Delivery) -> None:
        """In place of the one for the same occasion, member and channel, which is unread and new again."""

    def get(self, delivery_id: str) -> Delivery | None: ...

    def save(self, one: Delivery) -> None: ...

    def begin(self, one: Delivery) -> bool:
        """Claimed: False when it does not wait any more."""
        ...

    def settle(self, one: Delivery) -> bool:
        """As :meth:`save`, for who claimed it: False when somebody else has decided what became of it."""
        ...

    # ---- the queue -----------------------------------------------------------------------------------

    def stop_queued(self, lesson_id: str, code: str, *, round_below: int | None = None) -> int:
        """Those of a lesson, or of its earlier rounds only."""
        ...

    def waiting_lessons(self) -> frozenset[str]: ...

    def hold(self, channel: Channel, at: dt.datetime) -> None:
        """Until the end of the transaction nobody else claims messages of the channel."""

    def begun_since(self, channel: Channel, since: dt.datetime) -> int: ...

    def next_queued(self, channel: Channel, now: dt.datetime, limit: int) -> tuple[Delivery, ...]: ...

    def lost(self, channel: Channel, before: dt.datetime, limit: int) -> tuple[Delivery, ...]:
        """Claimed before that moment and not settled since."""
        ...

    def addresses(self, member_ids: Collection[str]) -> dict[str, Address]: ...

    def signed_in(self, lesson_id: str, member_ids: Collection[str]) -> frozenset[str]: ...

    # ---- seeing --------------------------------------------------------------------------------------

    def tallies(self, lesson_id: str) -> tuple[Tally, ...]: ...

    def listed(
        self, lesson_id: str, states: Collection[DeliveryState], after: str | None, limit: int
    ) -> tuple[Delivery, ...]:
        """By id, after that one; nothing of the portal."""
        ...

    def requeue(
        self, lesson_id: str, which: tuple[int, Wave], states: Collection[DeliveryState], now: dt.datetime
    ) -> int:
        """``which``: round and wave. As though they had never been tried; how many."""
        ...

    def written_to(self, lesson_id: str, round_number: int) -> frozenset[str]:
        """Members who have an address of some channel beside the portal."""
        ...

    def reached(self, lesson_id: str, round_number: int) -> frozenset[str]:
        """Members to whom a message went out in the round, or who opened theirs in the portal."""
        ...

    # ---- the inbox -----------------------------------------------------------------------------------

    def letters(self, member_id: str, before: tuple[dt.datetime, str] | None, limit: int) -> tuple[Delivery, ...]:
        """Of the portal, newest first."""
        ...

    def unread(self, member_id: str) -> int: ...

    def mark(self, member_id: str, delivery_id: str | None, read_at: dt.datetime | None) -> int:
        """One letter of the member, or all; how many were the member's. None: unread again."""
        ...
