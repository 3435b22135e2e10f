"""The rules of notices, as set, and what a channel must be able to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from server.domain.deliveries import Channel, Outcome
from server.domain.waves import Quiet, WaveTimes


@dataclass(frozen=True, slots=True)
class Letter:
    """What a channel is given: an address and a text, nothing else of the person. ``id``: the same at every try."""

    id: str
    address: str
    text: str


class Notifier(Protocol):
    """A channel to the outside, of the composition root. It keeps to its own patience: a minute for all letters."""

    @property
    def repeats_safely(self) -> bool:
        """Whether the same message, sent again within ``SHOWN_ONCE``, is shown once."""
        ...

    @property
    def at_once(self) -> int:
        """Most letters of one :meth:`send`."""
        ...

    async def send(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        """What became of each, in order. Raises nothing for a channel that is away: that is an outcome."""
        ...


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """``channels``: those that are set up beside the portal. ``quiet``: they rest then; the portal disturbs nobody.

    ``per_minute``: most messages of each channel, of all processes together. ``url``: in every message.
    """

    on: bool = True
    times: WaveTimes = field(default_factory=WaveTimes)
    quiet: Quiet = field(default_factory=lambda: Quiet(dt.time(22), dt.time(7)))
    per_minute: int = 300
    most_tries: int = 8
    channels: tuple[Channel, ...] = ()
    language: str = "zh"
    url: str = ""
