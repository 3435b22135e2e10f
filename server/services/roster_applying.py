"""Applying a roster that somebody confirmed: one transaction, so that a cancel, an error or a power cut leaves nothing.

The rows of new people are made ready before it, a few hundred at a time, and only written in it: sign-ins of a lesson
that runs meanwhile wait for the writing alone. Were units, people or accounts changed in between, they are made ready
again.
The state of the import is changed in the same transaction: what was cut off is simply begun again at the next start.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from server.domain import imports as rules
from server.domain.access import Principal
from server.domain.audit import DONE, Deed, detail_of
from server.domain.imports import ImportState, Parcel, RosterImport
from server.domain.listing import Change
from server.domain.refusals import Refusal
from server.domain.roster_import import Plan, Planned, Present, Step, plan
from server.domain.roster_sheet import Sheet
from server.services.audit import new_salt
from server.services.departures import follow
from server.services.house import House
from server.services.import_views import editable
from server.services.imports_going import Stopped
from server.services.login import tell_ended
from server.services.members import Enrolment, entering
from server.services.organisation import check_stands
from server.services.records import Transaction
from server.services.roster_imports import kept_sheet, present
from server.services.working import keep_at

LOOK_S = 1.0
_AT_ONCE = 500
_PLANNED, _READY = 20, 60
"""Percent: what planning and making ready take."""
_TRIES = 3
_PASSING = frozenset({"unavailable", "busy"})
log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ready:
    """What is to be written, as long as nothing has changed since ``stamp``."""

    stamp: tuple[int, int]
    editable: frozenset[str]
    found: Plan
    parcels: tuple[Parcel, ...]
    now: dt.datetime


class Importer:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S) -> None:
        self._house, self._now, self._look_s = house, now, look_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("an import", self.step, self._look_s)

    async def step(self) -> bool:
        """One import to its end; False when none waits."""
        records, name = self._house.records, self._house.name
        if await records.read(lambda tx: tx.imports.applying(name)) is None:
            return False
        one = await records.write(self._begin)
        if one is not None:
            await self._worked(one)
            self._house.imports.forget(one.id)
        return True

    def _begin(self, tx: Transaction) -> RosterImport | None:
        waiting = tx.imports.applying(self._house.name)
        one = tx.imports.lock(waiting.id) if waiting else None
        if one is None or one.state is not ImportState.APPLYING:
            return None
        begun = rules.tried(one, self._now())
        tx.imports.put(begun)
        return begun if begun.state is ImportState.APPLYING else None

    async def _worked(self, one: RosterImport) -> None:
        try:
            if one.content is None:
                raise Refusal("import_forgotten", one.id)
            sheet = await asyncio.to_thread(kept_sheet, one.content)
            for _ in range(_TRIES):
                ready = await self._made_ready(one, sheet)
                ended = await self._house.records.write(partial(self._apply, one=one, ready=ready))
                if ended is not None:
                    await tell_ended(self._house.fanout, ended)
                    return
            raise Refusal("import_outdated", "changed all the time")
        except Stopped:
            await self._end(one, ImportState.CANCELLED, "import_cancelled")
        except Refusal as refusal:
            if refusal.code in _PASSING:
                raise
            await self._end(one, ImportState.FAILED, refusal.code)
        except Exception:
            log.exception("import %s", one.id)
            await self._end(one, ImportState.FAILED, "import_failed")

    async def _end(self, one: RosterImport, state: ImportState, code: str) -> None:
        def change(tx: Transaction) -> None:
            present_one = tx.imports.lock(one.id)
            if present_one is not None and present_one.state is ImportState.APPLYING:
                _settle(tx, rules.ended(present_one, state, self._now(), code))

        await self._house.records.write(change)

    async def _made_ready(self, one: RosterImport, sheet: Sheet) -> Ready:
        """Raises :class:`Stopped`, ``import_outdated``, ``forbidden``."""
        records, now = self._house.records, self._now()
        self._house.imports.tell(one.id, 1)

        def look(tx: Transaction) -> tuple[tuple[int, int], Principal, Present]:
            stamp, principal = tx.organisation.stamp(), _applier(tx, one, now)
            return stamp, principal, present(tx, editable(tx, principal, now), sheet, one.since, now)

        stamp, principal, here = await records.read(look)
        found = await asyncio.to_thread(plan, sheet, here)
        if found.issues or found.counts() != dict(one.counts):
            raise Refusal("import_outdated", one.id)
        parcels: list[Parcel] = []
        for some in _chunks(found.new):
            self._house.imports.tell(one.id, _PLANNED + _READY * len(parcels) * _AT_ONCE // len(found.new))
            parcels.append(await records.read(partial(_packed, who=(principal, here), some=some, now=now)))
        return Ready(stamp, here.editable, found, tuple(parcels), now)

    def _apply(self, tx: Transaction, one: RosterImport, ready: Ready) -> tuple[str, ...] | None:
        """The logins that ended; None, and nothing written, when it has to be made ready again. Raises as
        :meth:`_made_ready`.
        """
        now = ready.now
        principal = _applier(tx, one, now)
        if tx.organisation.stamp() != ready.stamp or editable(tx, principal, now) != ready.editable:
            return None
        written, begun = 0, _PLANNED + _READY

        def tell(more: int) -> None:
            nonlocal written
            written += more
            self._house.imports.tell(one.id, begun + (99 - begun) * written // max(1, len(ready.found.planned)))

        ended = write_ready(tx, principal, ready, one.file, tell)
        after = tx.imports.lock(one.id)
        if after is None or after.state is not ImportState.APPLYING:
            raise Stopped
        if after.content is None:  # somebody in it was erased meanwhile
            raise Refusal("import_forgotten", one.id)
        _settle(tx, rules.ended(after, ImportState.DONE, now))
        return ended


def _packed(tx: Transaction, who: tuple[Principal, Present], some: Sequence[Planned], now: dt.datetime) -> Parcel:
    return pack(tx, *who, some, now)


def _applier(tx: Transaction, one: RosterImport, now: dt.datetime) -> Principal:
    principal = tx.accounts.principal(one.applied_by or "", tx.calendar.day(now))
    if principal is None:
        raise Refusal("forbidden", "gone meanwhile")
    return principal


def _settle(tx: Transaction, one: RosterImport) -> None:
    """With a line in the audit log: the call that confirmed it knew of no end."""
    assert one.ended_at is not None
    said = detail_of(file=one.file, **one.counts)
    about = ("roster.imported", f"import/{one.id}", one.code or DONE)
    tx.audit.add(Deed(one.ended_at, one.applied_by, "", "", "", *about, said, new_salt()))
    tx.imports.put(one)


def pack(tx: Transaction, principal: Principal, here: Present, some: Sequence[Planned], now: dt.datetime) -> Parcel:
    """New people, as rows. Raises ``unit_not_found``, ``unit_dissolved``, ``invalid_body``."""
    for unit_id, since in {(one.unit_id, one.since) for one in some}:
        check_stands(here.tree, unit_id, since)
    return tx.organisation.pack(*entering(principal, here.tree, [_enrolment(one) for one in some], now))


def write_ready(
    tx: Transaction, principal: Principal, ready: Ready, file: str, tell: Callable[[int], None]
) -> tuple[str, ...]:
    """The logins that ended. ``tell`` is told how many people more are written, often, and may raise."""
    ended: list[str] = []
    for parcel in ready.parcels:
        tell(_AT_ONCE)
        tx.organisation.unpack(parcel)
    for some in _chunks(ready.found.changed):
        tell(len(some))
        tx.members.save([one.after for one in some if one.after is not None])
        for one in some:
            if Step.NAME in one.steps and one.before is not None:
                tx.accounts.rename(one.before.member.id, one.entry.name)
        ended += follow(tx, principal, [pair for one in some for pair in one.moved], ready.now)
        tx.organisation.note([line for one in some for line in _lines(tx, principal, one, file, ready.now)])
    tell(0)
    return tuple(ended)


def _chunks(planned: Sequence[T]) -> list[Sequence[T]]:
    return [planned[first : first + _AT_ONCE] for first in range(0, len(planned), _AT_ONCE)]


def _enrolment(one: Planned) -> Enrolment:
    entry = one.entry
    return Enrolment(entry.number, entry.name, entry.kind, one.unit_id, one.since, entry.phone, one.group_id)


def _lines(tx: Transaction, principal: Principal, one: Planned, file: str, now: dt.datetime) -> list[Change]:
    """In the words of single changes, with the file they came by."""
    before, after, tree = one.before, one.after, tx.units.tree()
    assert before is not None
    assert after is not None
    home = before.home(one.since)

    def line(kind: str, *, dated: bool, **facts: str) -> Change:
        told = {"name": before.member.name, **facts, "file": file}
        since = one.since if dated else None
        return Change(now, principal.account_id, kind, home, before.member.id, since, told)

    found: list[Change] = []
    if Step.MOVED in one.steps:
        names = {"from": tree.name(home, one.since), "to": tree.name(one.unit_id, one.since)}
        found.append(line("member_transferred", dated=True, **names))
    if Step.KIND in one.steps:
        kinds = {"from": before.kind(one.since).value, "to": one.entry.kind.value}
        found.append(line("member_kind", dated=True, **kinds))
    if Step.LEFT in one.steps:
        ending = one.entry.ending.value if one.entry.ending else ""
        found.append(line("member_ended", dated=True, unit=tree.name(home, one.since), ending=ending))
    if one.steps and {Step.NAME, Step.GROUP, Step.PHONE} & set(one.steps):
        facts = {"from": before.member.name, "to": one.entry.name} if Step.NAME in one.steps else {}
        facts |= {"phone": "changed"} if Step.PHONE in one.steps else {}
        facts |= {"group": one.entry.group or ""} if Step.GROUP in one.steps else {}
        found.append(line("member_changed", dated=False, **facts))
    return found
