"""题目导入: a table is looked through (nothing changes), somebody confirms, and all of it is in the bank or nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import enum
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain.access import Principal
from server.domain.bank import BankFilter, BankKind, BankQuestion
from server.domain.bank_sheet import FAULTS, TITLES, BankSheet, Entry, Issue, read_bank, row_of
from server.domain.question_pictures import Picture
from server.domain.refusals import Refusal
from server.services.bank import check_room, edited, kept_units, made, require_unit
from server.services.commands import command, once
from server.services.depot import Craft
from server.services.records import Records, Transaction
from server.services.tables import read_table

MOST_SHOWN = 500
MOST_EXPORTED = 20_000
_TICK = dt.timedelta(microseconds=1)


class BankStep(enum.StrEnum):
    CREATED = "created"
    CHANGED = "changed"  # a version more of a question with the same kind and text


@dataclass(frozen=True, slots=True)
class BankIssueView:
    """One cell that is wrong: which, what it says, and why, in both languages."""

    sheet: str
    cell: str
    value: str
    fault: str
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class ImportedView:
    cell: str
    kind: BankKind
    text: str
    step: BankStep


@dataclass(frozen=True, slots=True)
class BankImportView:
    """What a table changes, or has changed when ``applied``. Counts are of questions, ``errors`` of cells.

    ``plan``: to confirm with; ``issues``, ``questions``: the first of them. ``ignored``: titles that mean nothing here.
    ``unpictured``: cells that speak of a picture which the question is not going to have; the first of them.
    """

    file: str
    rows: int
    created: int
    changed: int
    unchanged: int
    errors: int
    ignored: tuple[str, ...]
    issues: tuple[BankIssueView, ...]
    questions: tuple[ImportedView, ...]
    plan: str
    applied: bool
    unpictured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BankUpload:
    """``plan``: that of the dry run, None for one."""

    name: str
    content: bytes
    plan: str | None = None


_VIEW = TypeAdapter(BankImportView)


async def check_may_import(records: Records, principal: Principal, unit_id: str, now: dt.datetime) -> None:
    """Raises ``forbidden``, ``unit_not_found``."""
    await records.read(lambda tx: require_unit(tx, principal, unit_id, now))


async def import_bank(
    records: Records,
    craft: Craft,
    principal: Principal,
    command_id: str,
    *,
    unit_id: str,
    upload: BankUpload,
    now: dt.datetime,
) -> BankImportView:
    """Into the unit's bank. A question of the same kind and text gets a version more; nothing is there twice.

    Raises ``forbidden``, ``unit_not_found``, ``table_broken``, ``table_too_large``, ``table_no_titles``,
    ``conversion_too_heavy``, ``conversion_failed``; when confirmed also ``bank_import_has_errors``,
    ``bank_import_outdated``, ``bank_full``, ``command_reused``.
    """
    await check_may_import(records, principal, unit_id, now)
    sheet = await asyncio.to_thread(read_bank, await read_table(craft, upload.content))
    if sheet is None:
        raise Refusal("table_no_titles")
    digest = hashlib.sha256(upload.content).hexdigest()

    def look(tx: Transaction) -> BankImportView:
        return _planned(tx, unit_id, sheet, upload.name, digest).view

    if upload.plan is None:
        return await records.read(look)
    asked = command(principal, command_id, "import_bank", unit_id=unit_id, digest=digest, plan=upload.plan)

    def do(tx: Transaction) -> BankImportView:
        if sheet.issues:
            raise Refusal("bank_import_has_errors", f"{len(sheet.issues)}")
        tx.units.lock(unit_id)  # one after the other: the same table, confirmed twice at once, is there once
        plan = _planned(tx, unit_id, sheet, upload.name, digest)
        if plan.view.plan != upload.plan:
            raise Refusal("bank_import_outdated")
        check_room(tx, unit_id, plan.view.created)
        _apply(tx, plan, unit_id, principal.account_id, now)
        return replace(plan.view, applied=True)

    def work(tx: Transaction) -> BankImportView:
        require_unit(tx, principal, unit_id, now)
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)


@dataclass(frozen=True, slots=True)
class _Plan:
    steps: tuple[tuple[Entry, BankQuestion | None], ...]
    view: BankImportView


def _planned(tx: Transaction, unit_id: str, sheet: BankSheet, file: str, digest: str) -> _Plan:
    there = tx.bank.alike(unit_id, [entry.content.text for entry in sheet.entries])
    found = _met(sheet.entries, there)
    steps = tuple((entry, old) for entry, old in found if old is None or old.latest.content != entry.content)
    created = sum(1 for _, old in steps if old is None)
    sealed = hashlib.sha256(f"{digest} {unit_id}".encode())
    for entry, old in steps:
        sealed.update(f"\n{entry.cell} {f'{old.id} {old.revision}' if old else '-'}".encode())
    view = BankImportView(
        file=file,
        rows=sheet.rows,
        created=created,
        changed=len(steps) - created,
        unchanged=len(found) - len(steps),
        errors=len(sheet.issues),
        ignored=sheet.ignored[:MOST_SHOWN],
        issues=tuple(_issue(each) for each in sheet.issues[:MOST_SHOWN]),
        questions=tuple(_imported(entry, old) for entry, old in steps[:MOST_SHOWN]),
        plan=sealed.hexdigest(),
        applied=False,
        unpictured=tuple(each.pictured for each, _ in found if each.pictured and not _has_it(each))[:MOST_SHOWN],
    )
    return _Plan(steps, view)


def _met(
    entries: Sequence[Entry], there: Mapping[tuple[BankKind, str], Sequence[BankQuestion]]
) -> list[tuple[Entry, BankQuestion | None]]:
    """Which of those with its kind and text each is: the one with its picture, else the oldest that no other is, one
    without a picture first. It keeps the picture that it has; of one that is new the table brings none.
    """
    met: dict[str, BankQuestion] = {}
    taken: set[str] = set()

    def take(entry: Entry, fits: Callable[[BankQuestion], bool]) -> None:
        for old in there.get((entry.content.kind, entry.content.text), ()):
            if entry.cell not in met and old.id not in taken and fits(old):
                met[entry.cell] = old
                taken.add(old.id)

    for entry in entries:
        if said := entry.picture:
            take(entry, functools.partial(_shown_by, said))
    for entry in entries:
        take(entry, lambda old: old.latest.content.picture is None)
    for entry in entries:
        take(entry, lambda _: True)
    return [(_with_picture(entry, met.get(entry.cell)), met.get(entry.cell)) for entry in entries]


def _with_picture(entry: Entry, old: BankQuestion | None) -> Entry:
    return entry if old is None else replace(entry, content=replace(entry.content, picture=old.latest.content.picture))


def _shows(picture: Picture | None, said: str) -> bool:
    return picture is not None and picture.sha256.startswith(said)


def _shown_by(said: str, old: BankQuestion) -> bool:
    return _shows(old.latest.content.picture, said)


def _has_it(entry: Entry) -> bool:
    return bool(entry.picture) and _shows(entry.content.picture, entry.picture)


def _issue(issue: Issue) -> BankIssueView:
    return BankIssueView(issue.sheet, issue.cell, issue.value, issue.fault, *FAULTS[issue.fault])


def _imported(entry: Entry, old: BankQuestion | None) -> ImportedView:
    step = BankStep.CHANGED if old else BankStep.CREATED
    return ImportedView(entry.cell, entry.content.kind, entry.content.text, step)


def _apply(tx: Transaction, plan: _Plan, unit_id: str, by: str, now: dt.datetime) -> None:
    """The newest stand first: the table's order, when they are listed."""
    new = [(at, entry) for at, (entry, old) in enumerate(plan.steps) if old is None]
    tx.bank.add([made(unit_id, entry.content, by, now - at * _TICK) for at, entry in new])
    changed = [(entry, old) for entry, old in plan.steps if old is not None]
    present = tx.bank.locked([old.id for _, old in changed])
    for _, old in changed:
        if old.id not in present or present[old.id].revision != old.revision:
            raise Refusal("bank_import_outdated", old.id)
    tx.bank.succeed([edited(present[old.id], entry.content, by, now) for entry, old in changed])


async def bank_rows(
    records: Records, principal: Principal, wanted: BankFilter, *, unit_id: str | None, now: dt.datetime
) -> list[tuple[str, ...]]:
    """Titles first, in the columns of the template, so that it can be imported again: all of it, or
    ``bank_export_too_large``. Raises as listing.
    """

    def load(tx: Transaction) -> list[tuple[str, ...]]:
        units = kept_units(tx, principal, unit_id, now)
        questions = tx.bank.listed(replace(wanted, unit_ids=units), None, MOST_EXPORTED + 1)
        if len(questions) > MOST_EXPORTED:
            raise Refusal("bank_export_too_large", f"{MOST_EXPORTED} questions")
        return [TITLES, *(row_of(question.latest.content) for question in questions)]

    return await records.read(load)
