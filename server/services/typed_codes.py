"""The six digits of venues' screens, read the other way round: which venue shows these."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from server.domain import sign_ins as rules
from server.domain.refusals import Refusal
from server.domain.sign_ins import CODE_SLOT, CODES_REMEMBERED, Claim, slot_at, slot_begins

MOST_LESSONS = 256
_NOWHERE: tuple[str, ...] = ()


class DigitSigner(Protocol):
    """Digits that only this installation can have made."""

    def digits(self, lesson_id: str, claim: Claim) -> str: ...


@dataclass(frozen=True, slots=True)
class _Pages:
    """Of one lesson, whose venues stay what they are while it is open. By slot, the venues that show each code."""

    lesson_id: str
    venues: tuple[str, ...]
    by_slot: dict[int, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def showing(self, signer: DigitSigner, code: str, slot: int) -> tuple[str, ...]:
        if slot not in self.by_slot:
            self.by_slot[slot] = self._reckoned(signer, slot)
        return self.by_slot[slot].get(code, _NOWHERE)

    def _reckoned(self, signer: DigitSigner, slot: int) -> dict[str, tuple[str, ...]]:
        page: dict[str, tuple[str, ...]] = {}
        for venue in self.venues:
            digits = signer.digits(self.lesson_id, Claim(venue, slot))
            page[digits] = (*page.get(digits, _NOWHERE), venue)
        return page

    def forget_before(self, slot: int) -> None:
        for old in [each for each in self.by_slot if each < slot]:
            del self.by_slot[old]


class CodeBook:
    """Each slot of a lesson is reckoned once, however many type. At most ``MOST_LESSONS``, the least used one goes;
    of each as many slots as are remembered, and two.
    """

    def __init__(self) -> None:
        self._lessons: OrderedDict[str, _Pages] = OrderedDict()

    async def venue(
        self,
        signer: DigitSigner,
        lesson_id: str,
        code: str,
        *,
        own: str | None,
        elsewhere: bool,
        venues: Callable[[], Awaitable[tuple[str, ...]]],
        now: dt.datetime,
    ) -> str | Refusal:
        """The venue that shows it now, the member's ``own`` first should two show the same; else what is wrong.

        ``venues``: how to learn the lesson's, asked for once. Raises ``scan_needed``.
        """
        pages = await self._pages(lesson_id, venues)
        if len(pages.venues) > rules.MOST_VENUES_TO_TYPE:
            rules.check_typing(own, elsewhere=elsewhere)
            pages = _Pages(lesson_id, (own,) if own else ())
        return _found(pages, signer, code, own, slot_at(now, CODE_SLOT))

    def shown_at(
        self, signer: DigitSigner, lesson_id: str, code: str, place: str, now: dt.datetime
    ) -> dt.datetime | None:
        """When a code that was found at ``place`` began to show there."""
        pages, current = _Pages(lesson_id, (place,)), slot_at(now, CODE_SLOT)
        slot = next((each for each in (current, current - 1) if pages.showing(signer, code, each)), None)
        return None if slot is None else slot_begins(slot, CODE_SLOT)

    async def _pages(self, lesson_id: str, venues: Callable[[], Awaitable[tuple[str, ...]]]) -> _Pages:
        if lesson_id not in self._lessons:
            self._lessons[lesson_id] = _Pages(lesson_id, await venues())
        self._lessons.move_to_end(lesson_id)
        if len(self._lessons) > MOST_LESSONS:
            self._lessons.popitem(last=False)
        return self._lessons[lesson_id]


def _found(pages: _Pages, signer: DigitSigner, code: str, own: str | None, current: int) -> str | Refusal:
    pages.forget_before(current - CODES_REMEMBERED)
    for slot in (current, current - 1):
        showing = pages.showing(signer, code, slot)
        if showing:
            return own if own in showing else showing[0]
    old = any(pages.showing(signer, code, slot) for slot in range(current - CODES_REMEMBERED, current - 1))
    return Refusal("sign_in_code_expired" if old else "sign_in_code_wrong")
