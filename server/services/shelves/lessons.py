"""Shelves of lessons: their course, what is on the air, what happened, which commands were done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from server.domain.access import Reach
from server.domain.clips import Clip
from server.domain.events import Announcement, Event, Listener
from server.domain.lessons import HeldLesson, Lesson, LessonFilter, LessonState
from server.domain.programme import Programme
from server.domain.talkback import Talkbacks
from server.domain.venues import Guest, LessonVenue, Microphone


class LessonShelf(Protocol):
    def get(self, lesson_id: str) -> Lesson | None: ...

    def lock(self, lesson_id: str) -> Lesson | None:
        """The lesson, its row locked until the end of the transaction."""
        ...

    def held_state(self, lesson_id: str) -> LessonState | None:
        """As :meth:`lock`, for whom the state alone matters."""
        ...

    def listed(
        self,
        reach: Reach,
        states: Collection[LessonState],
        before: tuple[dt.datetime, str] | None,
        limit: int,
        narrowed: LessonFilter = ...,
    ) -> tuple[Lesson, ...]:
        """Newest start first (ties by id), within reach, after the cursor ``before``; no states: all."""
        ...

    def of_series(self, series_id: str) -> tuple[Lesson, ...]:
        """By start; their rows locked until the end of the transaction."""
        ...

    def counts_of_courses(self, course_ids: Collection[str]) -> dict[str, int]:
        """How many lessons each has, cancelled ones left out; one without any is not named."""
        ...

    def held_regularly(self, since: dt.datetime, until: dt.datetime) -> tuple[HeldLesson, ...]:
        """All of a regular kind that begin within, neither drafts nor cancelled, by start."""
        ...

    def in_states(self, states: Collection[LessonState]) -> tuple[Lesson, ...]: ...

    def opened_since(self, moment: dt.datetime) -> bool:
        """Whether the roster of any lesson was frozen since."""
        ...

    def titles(self, lesson_ids: Collection[str]) -> dict[str, str]: ...

    def holding(self, lesson_venue_id: str) -> Lesson | None:
        """The lesson that this is a venue of, with this venue alone."""
        ...

    def venues(self, lesson_venue_ids: Collection[str]) -> tuple[LessonVenue, ...]: ...

    def add(self, lesson: Lesson) -> None: ...

    def save(self, lesson: Lesson) -> None:
        """The lesson's own fields, not its venues."""

    def replace_venues(self, lesson: Lesson) -> None:
        """By their ids: what was found out about those that stay is kept, online and microphone among it."""

    def set_venue_online(self, lesson_venue_id: str, *, online: bool) -> bool:
        """Whether that was a change."""
        ...

    def set_fallback(self, lesson_venue_id: str, fallback: str | None) -> None: ...

    def set_guest(self, lesson_id: str, guest: Guest | None) -> None:
        """:meth:`save` leaves it alone."""

    def set_clip(self, lesson_id: str, clip: Clip | None) -> None:
        """:meth:`save` leaves it alone."""

    def set_talkbacks(self, lesson_id: str, talkbacks: Talkbacks) -> None:
        """:meth:`save` leaves them alone."""

    def set_microphone(self, lesson_venue_id: str, microphone: Microphone) -> bool:
        """Whether that was a change."""
        ...

    def set_kiosk(self, lesson_venue_id: str, *, on: bool) -> bool:
        """Whether that was a change."""
        ...


class ProgrammeShelf(Protocol):
    def get(self, lesson_id: str) -> Programme:
        """A lesson that was never opened has the opening programme."""
        ...

    def save(self, lesson_id: str, programme: Programme) -> None: ...


class EventShelf(Protocol):
    def append(self, lesson_id: str, announcements: Sequence[Announcement], at: dt.datetime, actor: str | None) -> int:
        """Give each the lesson's next ``seq`` under the lesson row's lock; returns the last one."""
        ...

    def since(self, lesson_id: str, seq: int, listener: Listener | None, limit: int) -> tuple[Event, ...]:
        """In order of ``seq``, only what the listener may hear (None: everything)."""
        ...

    def since_of(self, lesson_id: str, seq: int, audiences: Collection[str], limit: int) -> tuple[Event, ...]:
        """For any of these."""
        ...

    def beyond(self, lesson_id: str, seq: int, listener: Listener | None, count: int) -> bool:
        """Whether there are more than ``count`` after ``seq`` that the listener may hear. Reads none of them."""
        ...

    def latest(self, lesson_id: str, listener: Listener, nouns: Collection[str], count: int) -> tuple[Event, ...]:
        """The newest whose kind begins with one of ``nouns`` and a point, in order of ``seq``; no nouns: all."""
        ...

    def of_kind(self, lesson_id: str, kind: str) -> tuple[Event, ...]:
        """All of them, in order of ``seq``, whoever they are for."""
        ...

    def newest(self, lesson_id: str, kind: str) -> Event | None:
        """The last one of this kind, whoever it was for."""
        ...

    def withdraw(self, lesson_id: str, seq: int, data: Mapping[str, Any]) -> None:
        """What it said is taken out of the log; its place, kind and audience stay."""
        ...

    def seq(self, lesson_id: str) -> int:
        """The last one given, 0 at first."""
        ...

    def empty(self, lesson_id: str, seq: int) -> None:
        """The event stays in its place, without its data: what it showed may be shown no more."""


class CommandShelf(Protocol):
    """Commands already done, by the id their client made."""

    def begin(self, command_id: str, actor: str, body_digest: str, at: dt.datetime) -> str | None:
        """None: it is new and now ours, to be completed by :meth:`finish` in this transaction.

        Else the result that it had. Raises ``command_reused`` for another actor or body.
        """
        ...

    def finish(self, command_id: str, result: str) -> None: ...
