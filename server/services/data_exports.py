"""A person's data given out: asked for by oneself or, with a reason, by the security administrator; made beside
everything else, with progress and cancel. The file can be loaded down for a week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import data_exports as rules
from server.domain.access import AccountKind, Principal, Role
from server.domain.data_exports import DataExport
from server.domain.jobs import JobState, JobStep
from server.domain.personal_data import Person
from server.domain.personal_inventory import INVENTORY
from server.domain.refusals import MEANINGS, Refusal
from server.services.commands import command, once
from server.services.consents import check_of_house
from server.services.data_paper import SHEETS, Paper, zipped
from server.services.house import House
from server.services.imports_going import Stopped
from server.services.records import Transaction
from server.services.working import keep_at

MOST_SHOWN = 20
MOST_UNFINISHED = 20
LOOK_S = 1.0
KEEPERS = frozenset({Role.SECURITY_ADMIN})


@dataclass(frozen=True, slots=True)
class DataExportView:
    """``number`` and ``name``: whose data. ``code`` and its sentences: why there is no file."""

    id: str
    number: str
    name: str
    state: JobState
    progress: int
    reason: str
    created_at: dt.datetime
    created_by: str
    ended_at: dt.datetime | None
    expires_at: dt.datetime | None
    bytes: int
    code: str | None
    text: str | None
    text_en: str | None


_VIEW = TypeAdapter(DataExportView)


async def ask_own(house: House, principal: Principal, command_id: str, now: dt.datetime) -> DataExportView:
    """Raises ``forbidden`` for devices, ``too_fast``, ``command_reused``."""
    asked = command(principal, command_id, "export_own_data")

    def begin(tx: Transaction) -> DataExportView:
        rules.check_pace(tx.data_exports.of_account(principal.account_id, MOST_SHOWN), now)
        return _begun(tx, house, principal, _own(tx, principal), reason="", now=now)

    return await house.records.write(lambda tx: once(tx, asked, now, _VIEW, lambda: begin(tx)))


async def ask_of(
    house: House, principal: Principal, command_id: str, *, number: str, reason: str, now: dt.datetime
) -> DataExportView:
    """By the security administrator: some a day, and of one person one at a time.

    Raises ``forbidden``, ``account_not_found``, ``too_fast``, ``command_reused``.
    """
    asked = command(principal, command_id, "export_data", number=number, reason=reason)

    def change(tx: Transaction) -> DataExportView:
        check_of_house(tx, principal, KEEPERS, now)
        person = _known(tx, number)

        def begin() -> DataExportView:
            rules.check_pace_of(tx.data_exports.asked_by(principal.account_id, now - rules.DAY), person.account_id, now)
            return _begun(tx, house, principal, person, reason=reason, now=now)

        return once(tx, asked, now, _VIEW, begin)

    return await house.records.write(change)


async def list_own(house: House, principal: Principal) -> tuple[DataExportView, ...]:
    """Newest first."""

    def look(tx: Transaction) -> tuple[DataExportView, ...]:
        found = tx.data_exports.of_account(principal.account_id, MOST_SHOWN)
        return _views(tx, house, found)

    return await house.records.read(look)


async def list_asked(house: House, principal: Principal, now: dt.datetime) -> tuple[DataExportView, ...]:
    """Those that administrators asked for, newest first. Raises ``forbidden``."""

    def look(tx: Transaction) -> tuple[DataExportView, ...]:
        check_of_house(tx, principal, KEEPERS, now)
        return _views(tx, house, tx.data_exports.of_others(MOST_SHOWN))

    return await house.records.read(look)


async def cancel_export(house: House, principal: Principal, export_id: str, now: dt.datetime) -> DataExportView:
    """One that was cancelled before is left as it is. Raises ``job_not_found``, ``job_over``."""

    def change(tx: Transaction) -> DataExportView:
        one = _found(tx, principal, export_id, now, lock=True)
        gone = one if one.state is JobState.CANCELLED else rules.ended(one, JobStep.CANCEL, now)
        tx.data_exports.put(gone)
        return _views(tx, house, (gone,))[0]

    view = await house.records.write(change)
    house.data_exports.stop(export_id)
    return view


async def file_of(house: House, principal: Principal, export_id: str, now: dt.datetime) -> bytes:
    """Raises ``job_not_found``, ``export_not_ready``, ``export_gone`` when its week is over."""

    def look(tx: Transaction) -> bytes:
        one = _found(tx, principal, export_id, now)
        if one.state is not JobState.DONE:
            raise Refusal("export_not_ready", one.state)
        content = tx.data_exports.content(export_id) if one.ready(now) else None
        if content is None:
            raise Refusal("export_gone", export_id)
        return content

    return await house.records.read(look)


async def forget_old_data_exports(house: House, now: dt.datetime) -> int:
    return await house.records.write(lambda tx: tx.data_exports.forget_before(now - rules.KEPT))


def _begun(
    tx: Transaction, house: House, principal: Principal, person: Person, *, reason: str, now: dt.datetime
) -> DataExportView:
    if len(tx.data_exports.unfinished()) >= MOST_UNFINISHED:
        raise Refusal("too_fast", "exports wait already", retry_after_s=30)
    who = (str(uuid4()), person.account_id, principal.account_id, principal.name)
    one = DataExport(*who, reason, now, house.name)
    tx.data_exports.put(one)
    return _views(tx, house, (one,))[0]


def _own(tx: Transaction, principal: Principal) -> Person:
    person = tx.personal.of_account(principal.account_id)
    if principal.kind is not AccountKind.PERSON or person is None:
        raise Refusal("forbidden", "a device has no data of its own")
    return person


def _known(tx: Transaction, number: str) -> Person:
    person = tx.personal.by_number(number)
    if person is None:
        raise Refusal("account_not_found", number)
    return person


def _found(
    tx: Transaction, principal: Principal, export_id: str, now: dt.datetime, *, lock: bool = False
) -> DataExport:
    """The own one; one that an administrator asked for is the administrators'. Nobody else learns of it."""
    one = tx.data_exports.get(export_id, lock=lock)
    if one is None:
        raise Refusal("job_not_found", export_id)
    if one.own and one.account_id == principal.account_id:
        return one
    try:
        if one.own:
            raise Refusal("forbidden", "somebody's own")
        check_of_house(tx, principal, KEEPERS, now)
    except Refusal:
        raise Refusal("job_not_found", export_id) from None
    return one


def _views(tx: Transaction, house: House, found: tuple[DataExport, ...]) -> tuple[DataExportView, ...]:
    people = tx.personal.people(frozenset(one.account_id for one in found))
    return tuple(_view(house, one, people[one.account_id]) for one in found)


def _view(house: House, one: DataExport, person: Person) -> DataExportView:
    meaning = MEANINGS[one.code] if one.code else None
    return DataExportView(
        id=one.id,
        number=person.number,
        name=person.name,
        state=one.state,
        progress=100 if one.state is JobState.DONE else house.data_exports.percent(one.id),
        reason=one.reason,
        created_at=one.created_at,
        created_by=one.created_by,
        ended_at=one.ended_at,
        expires_at=one.expires_at,
        bytes=one.bytes,
        code=one.code,
        text=meaning.title if meaning else None,
        text_en=meaning.title_en if meaning else None,
    )


class DataExporter:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S) -> None:
        self._house, self._now, self._look_s = house, now, look_s

    async def run(self) -> None:
        """Until cancelled."""
        await keep_at("an export", self.step, self._look_s)

    async def step(self) -> bool:
        """One to its end; False when none waits."""
        if await self._house.records.read(self._next) is None:
            return False
        one = await self._house.records.write(self._begin)
        if one is not None:
            await self._worked(one)
            self._house.data_exports.forget(one.id)
        return True

    def _next(self, tx: Transaction) -> DataExport | None:
        unfinished = tx.data_exports.unfinished()
        signs = tx.jobs.signs() if unfinished else {}
        mine = (one for one in unfinished if rules.falls_to(one, self._house.name, signs, self._now()))
        return next(mine, None)

    def _begin(self, tx: Transaction) -> DataExport | None:
        waiting = self._next(tx)
        one = tx.data_exports.get(waiting.id, lock=True) if waiting else None
        if one is None or one.over:
            return None
        begun = rules.begun(one, self._house.name, self._now())
        tx.data_exports.put(begun)
        return begun if begun.state is JobState.RUNNING else None

    async def _worked(self, one: DataExport) -> None:
        try:
            content = await self._house.records.read(lambda tx: self._made(tx, one))
        except Stopped:
            return
        except Refusal as refusal:
            if refusal.code != "export_too_large":
                raise
            await self._house.records.write(lambda tx: self._give_up(tx, one, "export_too_large"))
            return
        await self._house.records.write(lambda tx: self._end(tx, one, content))

    def _give_up(self, tx: Transaction, one: DataExport, code: str) -> None:
        present = tx.data_exports.get(one.id, lock=True)
        if present is not None and not present.over:
            tx.data_exports.put(rules.ended(present, JobStep.FAIL, self._now(), code=code))

    def _made(self, tx: Transaction, one: DataExport) -> bytes:
        person = tx.personal.of_account(one.account_id)
        assert person is not None  # accounts stay
        return zipped(paper_of(tx, person, self._now()), lambda percent: self._house.data_exports.tell(one.id, percent))

    def _end(self, tx: Transaction, one: DataExport, content: bytes) -> None:
        present = tx.data_exports.get(one.id, lock=True)
        if present is not None and not present.over:
            done = rules.ended(present, JobStep.FINISH, self._now(), size=len(content))
            tx.data_exports.put(done, content)


def paper_of(tx: Transaction, person: Person, now: dt.datetime) -> Paper:
    """To be written within the transaction: its rows are read while it is."""
    tables = {name: tx.personal.rows(person, name) for name, held in INVENTORY.items() if held.given_out}
    return Paper(person, {**tables, SHEETS: tx.personal.sheet_lines(person)}, tx.personal.lesson_titles, now)
