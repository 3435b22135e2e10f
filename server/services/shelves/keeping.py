"""Shelf of how long recordings stay and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.keeping import KeepClass, KeepRule, Kept, KindRule, Place
from server.domain.lesson_kinds import LessonKind
from server.domain.moves import Move
from server.services.shelves.exports import Tell


class KeepingShelf(Protocol):
    def rules(self) -> tuple[KeepRule, ...]: ...

    def kinds(self) -> tuple[KindRule, ...]: ...

    def put_rule(self, rule: KeepRule) -> None: ...

    def put_kind(self, rule: KindRule) -> None: ...

    def of(self, recording_id: str, *, lock: bool = False) -> Kept:
        """As nothing was decided where nothing was. ``lock``: for who changes it."""
        ...

    def put(self, one: Kept) -> None: ...

    def due(
        self, keep_class: KeepClass, kinds: Collection[LessonKind], before: dt.datetime, now: dt.datetime, limit: int
    ) -> tuple[str, ...]:
        """Recordings of the class (those without one of their own: of these kinds of lessons) that are finished and
        whose lessons were over before; none under a legal hold, and none that somebody may still make up with."""
        ...

    def due_count(
        self, keep_class: KeepClass, kinds: Collection[LessonKind], before: dt.datetime, now: dt.datetime
    ) -> int: ...

    def held(self, lesson_id: str) -> bool:
        """Whether a legal hold stands on the lesson, or on somebody of it."""
        ...

    def needed(self, lesson_id: str, now: dt.datetime) -> bool:
        """Whether somebody may still make up with its recording."""
        ...

    def to_purge(self, limit: int) -> tuple[Kept, ...]:
        """Deleted, and not gone from the disk yet; none under a legal hold, also one that came after the deletion."""
        ...

    def to_move(
        self, classes: Sequence[tuple[KeepClass, Collection[LessonKind]]], to: Place, limit: int
    ) -> tuple[str, ...]:
        """Finished recordings of these classes (those without one of their own: of these kinds of lessons) whose media
        lies in the other place, or may lie partly there since a move was begun and not ended; oldest lesson first;
        none that an export reads."""
        ...

    def exporting(self, recording_id: str) -> bool:
        """Whether an export of it waits or goes on."""
        ...

    def move(self, recording_id: str, *, lock: bool = False) -> Move | None: ...

    def put_move(self, one: Move) -> None: ...


class ObjectStore(Protocol):
    """Moves media, and loses nothing when it is cut off at any step: each may be done again."""

    async def move(self, recording_id: str, at: dt.datetime, tell: Tell) -> None:
        """All of it is in the store and verified by digest when it returns, and readers look there. Raises
        ``archive_damaged``, ``storage_unavailable``, and what ``tell`` raises."""

    async def release(self, recording_id: str) -> None:
        """The files here go, if it was moved. Raises ``archive_damaged``, ``storage_unavailable``."""

    async def restore(self, recording_id: str, at: dt.datetime, tell: Tell) -> None:
        """All of it is here and verified by digest when it returns, and readers look here. Raises as :meth:`move`, and
        ``disk_full``."""

    async def vacate(self, recording_id: str) -> None:
        """What lies in the store goes, if its media is here. Raises as :meth:`release`."""
