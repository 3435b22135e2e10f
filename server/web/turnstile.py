"""How many may be on their way in at once: beyond that it is better to be told to come again than to wait in vain.

When two thousand viewers come back in the same seconds, each gives up what took longer than five, and what was done
for it until then is lost. Refusing costs a hundredth of letting in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from server.domain.refusals import Refusal

RETRY_AFTER_S = 2
"""Clients add a wait of their own, up to as much again."""


class Turnstile:
    def __init__(self, most: int) -> None:
        self._most = most
        self.count = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Raises ``busy``."""
        if self.count >= self._most:
            raise Refusal("busy", "too many come in at once", retry_after_s=RETRY_AFTER_S)
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


class Arrivals:
    """Viewers. Who holds a ticket goes before who wants one: less has been done for the latter."""

    def __init__(self, most_tickets: int = 48, most_offers: int = 96) -> None:
        self.tickets = Turnstile(most_tickets)
        self.offers = Turnstile(most_offers)
