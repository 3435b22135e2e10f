"""Sign-ins that were just answered: a phone that sends its own again is told the same without the record."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from server.services.records import Seen
from server.services.remembering import Memory
from server.services.sign_in_views import SignInView

NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
_TABLES = ("sign_ins", "sign_in_proofs")
"""Another's row there changes nothing of one's own: there is one for each member and lesson, one for each secret."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """By what somebody comes in: one tap in a lesson, or the secret of a proof."""

    member_id: str | None
    lesson_id: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Once:
    """One request, as often as it is sent: two that are equal ask for the same thing."""

    way: Doorway
    account_id: str
    command_id: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    view: SignInView
    until: dt.datetime


class Entered:
    """Bounded by its memory; requests on their way are as many as there are connections."""

    def __init__(self) -> None:
        self._answers: Memory[Doorway, _Answer] = Memory()
        self._going: dict[Once, asyncio.Future[SignInView]] = {}

    def known(self, way: Doorway, now: dt.datetime) -> SignInView | None:
        """What this member would be told by the record, too."""
        kept = self._answers.get(way)
        return kept.view if kept is not None and now < kept.until else None

    def still(self, way: Doorway, view: SignInView) -> Callable[[dt.datetime], bool]:
        """Whether this very answer is what would be given at a moment to come."""
        return lambda now: self.known(way, now) is view

    def keep(self, way: Doorway, view: SignInView, seen: Seen | None, until: dt.datetime) -> None:
        """``seen``: of a reading before the sign-in was written, which nobody else's can alter."""
        if seen is not None and view.arriving is None:
            self._answers.keep(way, _Answer(view, until), seen.despite_new(*_TABLES).despite_marks("lessons"))

    async def once(self, asked: Once, work: Callable[[], Awaitable[SignInView]]) -> SignInView:
        """``work()``; who sends the very same while it is on its way waits for its answer. If that was none (refused,
        or its connection went away) each asks for itself.
        """
        going = self._going.get(asked)
        if going is not None:
            await asyncio.wait([going])
            if not going.cancelled() and going.exception() is None:
                return going.result()
            return await work()
        future: asyncio.Future[SignInView] = asyncio.get_running_loop().create_future()
        self._going[asked] = future
        try:
            view = await work()
            future.set_result(view)
            return view
        finally:
            del self._going[asked]
            future.cancel()
