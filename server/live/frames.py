"""Events as they are sent: each is written once, and a frame of them once for all who hear the same."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.domain.events import Event, kept_back, tells_answers
from server.live.outbox import Message, frame


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, made into text once, however many clients get it. ``kept_back``: for who owes the questions; None: as
    for everybody.
    """

    seq: int
    audience: str
    kind: str
    text: str
    kept_back: str | None = None

    def said(self, *, owes: bool) -> str:
        return self.kept_back if owes and self.kept_back is not None else self.text

    def message(self, *, owes: bool) -> Message:
        """On its own, for who takes one at a time."""
        return Message("event", {}, f'["event",{self.said(owes=owes)}]')


def heard(events: Iterable[Event]) -> tuple[Heard, ...]:
    return tuple(_heard(event) for event in events)


def _heard(event: Event) -> Heard:
    less = _written(event_out(kept_back(event))) if tells_answers(event) else None
    return Heard(event.seq, event.audience, event.kind, _written(event_out(event)), less)


def _written(shape: dict[str, object]) -> str:
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":"))


def caught_up(events: Iterable[Event], seq: int) -> Message:
    """All that a client missed, as it may hear it, and how far that goes."""
    said = ",".join(_written(event_out(event)) for event in events)
    return Message("caught_up", {}, f'["caught_up",{{"events":[{said}],"seq":{seq}}}]')


def event_out(event: Event) -> dict[str, object]:
    return {"seq": event.seq, "at": rfc3339(event.at), "kind": event.kind, "data": dict(event.data)}


def rfc3339(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


class Frames:
    """What one reading of the log comes to for each audience: two thousand phones share one text."""

    def __init__(self, items: Sequence[Heard]) -> None:
        self.items = items
        self._present = frozenset(item.audience for item in items)
        self._telling = any(item.kept_back is not None for item in items)
        self._made: dict[tuple[frozenset[str], bool], Message | None] = {}

    def of(self, audiences: frozenset[str], *, owes: bool = False) -> Message | None:
        """None: nothing in it is for them."""
        theirs = audiences & self._present
        key = theirs, owes and self._telling
        if key not in self._made:
            texts = [item.said(owes=owes) for item in self.items if item.audience in theirs]
            self._made[key] = frame(texts) if texts else None
        return self._made[key]
