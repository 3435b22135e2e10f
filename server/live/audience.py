"""Who is connected to this process, and each lesson's feed."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.domain.refusals import Refusal
from server.live.client import Client, Start
from server.live.feed import Feed
from server.services.house import House


@dataclass(frozen=True, slots=True)
class _Run:
    """A feed, and the task that runs it."""

    feed: Feed
    task: asyncio.Task[None]


class Audience:
    """``cut`` ends a client that takes nothing; ``on_count`` hears how many there are."""

    def __init__(
        self,
        house: House,
        most_of_account: int,
        *,
        cut: Callable[[Client], Awaitable[None]],
        now: Callable[[], dt.datetime],
        on_count: Callable[[int], None],
    ) -> None:
        self._house = house
        self._most_of_account = most_of_account
        self._cut = cut
        self._now = now
        self._on_count = on_count
        self._clients: dict[str, Client] = {}
        self._places: Counter[str] = Counter()
        self._feeds: dict[str, _Run] = {}

    # ---- places ----------------------------------------------------------------------------------------

    def take_place(self, account_id: str) -> None:
        """Raises ``too_fast``: one account must not use up the places of all."""
        if self._places[account_id] >= self._most_of_account:
            raise Refusal("too_fast", "too many sockets of one account", retry_after_s=10)
        self._places[account_id] += 1

    def give_back(self, account_id: str) -> None:
        self._places[account_id] -= 1
        if not self._places[account_id]:
            del self._places[account_id]

    # ---- clients ---------------------------------------------------------------------------------------

    def add(self, client: Client, start: Start) -> None:
        """Who has a place."""
        self._clients[client.joined.sid] = client
        client.begin(start)
        self._on_count(len(self._clients))

    def remove(self, sid: str) -> Client | None:
        """With its place, from its feed too; None when it has gone before."""
        client = self._clients.pop(sid, None)
        if client is None:
            return None
        client.go()
        self.give_back(client.joined.device.account_id)
        self._on_count(len(self._clients))
        self.leave_feed(client)
        return client

    def get(self, sid: str) -> Client | None:
        return self._clients.get(sid)

    def all(self) -> tuple[Client, ...]:
        return tuple(self._clients.values())

    def of_login(self, login: str | None) -> tuple[Client, ...]:
        """None: all."""
        return tuple(each for each in self.all() if login in (None, each.joined.holder.login))

    # ---- feeds -----------------------------------------------------------------------------------------

    def feed(self, lesson_id: str, seq: int, start: Start) -> Feed:
        """The lesson's, begun behind ``seq`` when it has none yet."""
        if lesson_id not in self._feeds:
            feed = Feed(self._house, lesson_id, seq, self._cut, self._now)
            self._feeds[lesson_id] = _Run(feed, start(feed.run()))
        return self._feeds[lesson_id].feed

    def hint(self, lesson_id: str) -> None:
        """Empty: all lessons."""
        runs = tuple(self._feeds.values()) if not lesson_id else (self._feeds.get(lesson_id),)
        for run in filter(None, runs):
            run.feed.hint()

    def leave_feed(self, client: Client) -> None:
        """It hears nothing more. Nobody's feed ends."""
        lesson_id = client.joined.lesson_id
        run = self._feeds.get(lesson_id)
        if run is None:
            return
        run.feed.leave(client)
        if run.feed.empty and not any(other.joined.lesson_id == lesson_id for other in self.all()):
            del self._feeds[lesson_id]
            run.task.cancel()
