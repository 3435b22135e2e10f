"""校外学时导入: a table is looked through (nothing changes), somebody confirms, and all of it is entered or nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain import outside as rules
from server.domain.access import Principal
from server.domain.outside import OutsideCredit, Proof, standing_key
from server.domain.outside_sheet import FAULTS, NAME, NUMBER, TITLE, Issue, OutsideSheet, Row, read_outside
from server.domain.refusals import Refusal
from server.domain.stewards import Care, require_care
from server.services.commands import command, once
from server.services.depot import Craft
from server.services.outside import Said, made_of
from server.services.outside_proofs import own_proof
from server.services.records import Records, Transaction
from server.services.tables import read_table
from server.services.views import Named

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class OutsideIssueView:
    """One cell that is wrong: which, what it says, and why, in both languages."""

    sheet: str
    cell: str
    value: str
    fault: str
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class OutsideRowView:
    """``there``: it stands already, nothing is entered. ``stands``: with how many hundredths, else None."""

    row: int
    member: Named
    unit: Named
    title: str
    organiser: str
    held_on: dt.date
    hundredths: int
    there: bool
    stands: int | None = None

    @property
    def differs(self) -> bool:
        return self.stands not in {None, self.hundredths}


@dataclass(frozen=True, slots=True)
class OutsideImportView:
    """What a table enters, or has entered when ``applied``. ``hundredths``: of what is new, in all. ``differing``: of
    the ``unchanged``, those that stand with other hundredths than the table says; they come first in ``items``.

    ``plan``: to confirm with; ``issues``, ``items``: the first of them. ``ignored``: titles that mean nothing here.
    """

    file: str
    rows: int
    created: int
    unchanged: int
    errors: int
    hundredths: int
    ignored: tuple[str, ...]
    issues: tuple[OutsideIssueView, ...]
    items: tuple[OutsideRowView, ...]
    plan: str
    applied: bool
    differing: int = 0


@dataclass(frozen=True, slots=True)
class OutsideUpload:
    """``plan``: that of the dry run, None for one. ``proof_id``: one for all rows, or none yet."""

    name: str
    content: bytes
    plan: str | None = None
    proof_id: str | None = None


_VIEW = TypeAdapter(OutsideImportView)


async def check_may_import(records: Records, principal: Principal, unit_id: str, now: dt.datetime) -> None:
    """Raises ``forbidden``, ``unit_not_found``."""
    await records.read(lambda tx: _require(tx, principal, unit_id, now))


def _require(tx: Transaction, principal: Principal, unit_id: str, now: dt.datetime) -> None:
    tree, today = tx.units.tree(), tx.calendar.day(now)
    known = any(unit.id == unit_id for unit in tree.units)
    require_care(principal, Care.CREDIT, tree.line(unit_id, today) if known else (), "unit_not_found")


async def import_outside(
    records: Records,
    craft: Craft,
    principal: Principal,
    command_id: str,
    *,
    unit_id: str,
    upload: OutsideUpload,
    now: dt.datetime,
) -> OutsideImportView:
    """For members of the unit and below it. What stands already is not entered again, so a table can come twice.

    Raises ``forbidden``, ``unit_not_found``, ``proof_not_found``, ``table_broken``, ``table_too_large``,
    ``table_no_titles``, ``conversion_too_heavy``, ``conversion_failed``; when confirmed also
    ``outside_import_has_errors``, ``outside_import_outdated``, ``outside_too_many``, ``command_reused``.
    """
    await check_may_import(records, principal, unit_id, now)
    table = await read_table(craft, upload.content)
    digest = hashlib.sha256(upload.content).hexdigest()
    today = await records.read(lambda tx: tx.calendar.day(now))
    sheet = await asyncio.to_thread(read_outside, table, today)
    if sheet is None:
        raise Refusal("table_no_titles")

    def look(tx: Transaction) -> _Plan:
        proof = own_proof(tx, principal, upload.proof_id) if upload.proof_id else None
        come = _Come(sheet, upload.name, f"{digest} {upload.proof_id} {unit_id}", proof)
        return _planned(tx, principal, unit_id, come, now)

    if upload.plan is None:
        return (await records.read(look)).view
    body = {"unit_id": unit_id, "digest": digest, "plan": upload.plan, "proof_id": upload.proof_id}
    asked = command(principal, command_id, "import_outside", **body)

    def do(tx: Transaction) -> OutsideImportView:
        tx.units.lock(unit_id)  # one after the other: the same table, confirmed twice at once, is there once
        plan = look(tx)
        if plan.view.errors:
            raise Refusal("outside_import_has_errors", f"{plan.view.errors}")
        if plan.view.plan != upload.plan:
            raise Refusal("outside_import_outdated")
        _apply(tx, plan.made)
        return replace(plan.view, applied=True)

    def work(tx: Transaction) -> OutsideImportView:
        _require(tx, principal, unit_id, now)
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)


@dataclass(frozen=True, slots=True)
class _Come:
    """``sealed_by``: what a plan holds for, besides what is in the record."""

    sheet: OutsideSheet
    file: str
    sealed_by: str
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class _Plan:
    made: tuple[OutsideCredit, ...]
    view: OutsideImportView


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody below the unit."""

    id: str
    name: str
    unit_id: str
    number: str


def _planned(tx: Transaction, principal: Principal, unit_id: str, come: _Come, now: dt.datetime) -> _Plan:
    sheet, proof = come.sheet, come.proof
    meant, issues = _who(sheet, _people(tx, unit_id, now), principal.member_id)
    said = [(row, who, Said(row.title, row.organiser, row.held_on, row.hundredths)) for row, who in meant]
    made = [(row, who, made_of(principal, who.id, who.unit_id, each, proof, now=now)) for row, who, each in said]
    keys = [str(standing_key(one)) for _, _, one in made]
    standing = tx.outside.standing(keys)
    issues += _doubled(sheet, [row for row, _, _ in made], keys)
    new = [(row, one) for (row, _, one), key in zip(made, keys, strict=True) if key not in standing]
    sealed = hashlib.sha256(come.sealed_by.encode())
    for row, one in new:
        sealed.update(f"\n{row.at} {one.member_id} {one.unit_id}".encode())
    names = tx.units.names({who.unit_id for _, who, _ in made}, tx.calendar.day(now))
    rows = [_row_view(row, who, one, names, standing.get(key)) for (row, who, one), key in zip(made, keys, strict=True)]
    every = (*sheet.issues, *issues)
    view = OutsideImportView(
        file=come.file,
        rows=sheet.rows,
        created=len(new),
        unchanged=len(made) - len(new),
        differing=sum(each.differs for each in rows),
        errors=len(every),
        hundredths=sum(one.hundredths for _, one in new),
        ignored=sheet.ignored[:MOST_SHOWN],
        issues=tuple(_issue(each) for each in every[:MOST_SHOWN]),
        items=tuple(sorted(rows, key=lambda each: not each.differs)[:MOST_SHOWN]),
        plan=sealed.hexdigest(),
        applied=False,
    )
    return _Plan(tuple(one for _, one in new), view)


def _row_view(
    row: Row, who: _Known, one: OutsideCredit, names: Mapping[str, str], stands: int | None
) -> OutsideRowView:
    return OutsideRowView(
        row=row.at + 1,
        member=Named(who.id, who.name),
        unit=Named(who.unit_id, names[who.unit_id]),
        title=one.title,
        organiser=one.organiser,
        held_on=one.held_on,
        hundredths=one.hundredths,
        there=stands is not None,
        stands=stands,
    )


def _people(tx: Transaction, unit_id: str, now: dt.datetime) -> tuple[_Known, ...]:
    today = tx.calendar.day(now)
    people = tx.members.people(sorted(tx.units.tree().subtree(unit_id, today)), today)
    numbers = tx.accounts.numbers([person.member_id for person in people])
    return tuple(_Known(each.member_id, each.name, each.unit_id, numbers.get(each.member_id, "")) for each in people)


def _who(
    sheet: OutsideSheet, people: Sequence[_Known], own: str | None
) -> tuple[list[tuple[Row, _Known]], list[Issue]]:
    by_number = {each.number: each for each in people if each.number}
    by_name: dict[str, list[_Known]] = defaultdict(list)
    for each in people:
        by_name[rules.alike(each.name)].append(each)
    meant: list[tuple[Row, _Known]] = []
    issues: list[Issue] = []
    for row in sheet.entries:
        named = by_name.get(rules.alike(row.name), [])
        who = by_number.get(row.number) if row.number else (named[0] if len(named) == 1 else None)
        if who is None:
            fault = "number_unknown" if row.number else "name_ambiguous" if named else "name_unknown"
            issues.append(sheet.issue(row, NUMBER if row.number else NAME, fault, row.number or row.name))
        elif rules.alike(who.name) != rules.alike(row.name):
            issues.append(sheet.issue(row, NAME, "name_differs", row.name))
        elif who.id == own:
            issues.append(sheet.issue(row, NAME, "own", row.name))
        else:
            meant.append((row, who))
    return meant, issues


def _doubled(sheet: OutsideSheet, rows: Sequence[Row], keys: Sequence[str]) -> list[Issue]:
    """Two rows may be of one person although they spell it otherwise."""
    seen: set[str] = set()
    issues: list[Issue] = []
    for row, key in zip(rows, keys, strict=True):
        if key in seen:
            issues.append(sheet.issue(row, TITLE, "row_twice", row.title))
        seen.add(key)
    return issues


def _issue(issue: Issue) -> OutsideIssueView:
    return OutsideIssueView(issue.sheet, issue.cell, issue.value, issue.fault, *FAULTS[issue.fault])


def _apply(tx: Transaction, made: Sequence[OutsideCredit]) -> None:
    waiting = dict(tx.outside.waiting({one.member_id for one in made}))
    for one in made:
        waiting[one.member_id] = waiting.get(one.member_id, 0) + 1
        if waiting[one.member_id] > rules.MOST_WAITING:
            raise Refusal("outside_too_many", one.member_id)
        if not tx.outside.add(one):
            raise Refusal("outside_import_outdated", one.id)
