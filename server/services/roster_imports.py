"""导入名单: a table is looked through (nothing changes), somebody confirms, and all of it is applied or nothing.

Whoever edits people may import them, into the units in their care. Nobody gets a password: accounts wait for a code.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import unicodedata
import uuid
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from server.domain import imports as rules
from server.domain.access import Principal
from server.domain.imports import ImportState, RosterImport
from server.domain.refusals import Refusal
from server.domain.roster_import import Plan, Present, plan
from server.domain.roster_sheet import Column, Fault, Sheet, read_sheet
from server.domain.tables import Table
from server.services.commands import command, once
from server.services.departures import foreseen
from server.services.depot import Craft
from server.services.house import House
from server.services.import_views import MOST_SHOWN, ImportView, editable, found_import, see_import, view
from server.services.records import Records, Transaction
from server.services.tables import read_table

MOST_ISSUES = 5000
KEPT = dt.timedelta(days=7)
"""A table that nobody confirms is forgotten."""


@dataclass(frozen=True, slots=True)
class Upload:
    """``since``: from when on what a row does not date holds, None for today."""

    name: str
    content: bytes
    since: dt.date | None = None


_VIEW = TypeAdapter(ImportView)
_AT_NUMBER = (Column.NUMBER, Fault.EMPTY)


# ---- the dry run -----------------------------------------------------------------------------------------


async def check_roster(
    house: House, craft: Craft, principal: Principal, command_id: str, *, upload: Upload, now: dt.datetime
) -> ImportView:
    """What the table would change, and every cell that is wrong; nobody is changed.

    Raises ``forbidden``, ``table_broken``, ``table_too_large``, ``table_no_titles``, ``conversion_too_heavy``,
    ``conversion_failed``, ``command_reused``.
    """
    await check_may_import(house.records, principal, now)
    table = await read_table(craft, upload.content)
    sheet, content = await asyncio.to_thread(_packed, table)  # of 50,000 rows: a second, in which others are heard
    digest = hashlib.sha256(upload.content).hexdigest()
    asked = command(principal, command_id, "check_roster", file=upload.name, digest=digest, since=upload.since)

    def there(tx: Transaction) -> Present:
        return present(tx, editable(tx, principal, now), sheet, upload.since or tx.calendar.day(now), now)

    here = await house.records.read(there)
    found = await asyncio.to_thread(plan, sheet, here)

    def look(tx: Transaction) -> RosterImport:
        units, since, report = here.editable, here.since, _report(tx, principal, sheet, found, now)
        roots = tuple(sorted(units - {each for each in units if _parent(tx, each, now) in units}))
        who = (str(uuid.uuid4()), principal.account_id, principal.name, roots)
        return RosterImport(*who, upload.name, since, now, house.name, report, content)

    one = await house.records.read(look)

    def keep(tx: Transaction) -> ImportView:
        tx.imports.put(one)
        return view(house, one)

    return await house.records.write(lambda tx: once(tx, asked, now, _VIEW, lambda: keep(tx)))


async def check_may_import(records: Records, principal: Principal, now: dt.datetime) -> None:
    """Raises ``forbidden``."""
    await records.read(lambda tx: editable(tx, principal, now))


def _packed(table: Table) -> tuple[Sheet, bytes]:
    """Read, and as it is kept."""
    return _sheet(table), zlib.compress(json.dumps([table.sheet, table.rows], ensure_ascii=False).encode(), 6)


def _sheet(table: Table) -> Sheet:
    sheet = read_sheet(table)
    if sheet is None:
        raise Refusal("table_no_titles")
    return sheet


def _parent(tx: Transaction, unit_id: str, now: dt.datetime) -> str | None:
    return tx.units.tree().parent(unit_id, tx.calendar.day(now))


def present(tx: Transaction, units: frozenset[str], sheet: Sheet, since: dt.date, now: dt.datetime) -> Present:
    numbers = tx.accounts.belonging([entry.number for entry in sheet.entries])
    erased = tx.erasures.erased_members()  # whose number is nobody's to import
    files = tx.members.files([each for each in numbers.values() if each and each not in erased])
    groups = {(group.unit_id, group.name): group.id for group in tx.units.groups(units)}
    return Present(numbers, files, groups, tx.units.tree(), units, tx.calendar.day(now), since)


def _report(tx: Transaction, principal: Principal, sheet: Sheet, found: Plan, now: dt.datetime) -> dict[str, Any]:
    """JSON types."""
    tree, today = tx.units.tree(), tx.calendar.day(now)
    people = [
        {
            "cell": sheet.issue(one.entry, *_AT_NUMBER).cell,
            "number": one.entry.number,
            "name": one.entry.name,
            "unit": tree.name(one.unit_id, max(one.since, today)),
            "steps": [step.value for step in one.steps],
        }
        for one in found.planned[:MOST_SHOWN]
    ]
    listed = {entry.number for entry in sheet.entries}
    numbers = tx.accounts.belonging(listed)
    known = set(numbers.values())
    absent = [each for each in tx.members.people(found.covered, today) if each.member_id not in known]
    return {
        "rows": sheet.rows,
        "counts": found.counts(),
        "ignored": list(sheet.ignored[:MOST_SHOWN]),
        "issues": [[each.sheet, each.cell, each.fault.value, each.value] for each in found.issues[:MOST_ISSUES]],
        "people": people,
        **_endings(tx, principal, found, now),
        "absent_count": len(absent),
        "absent": [[each.member_id, each.name] for each in absent[:MOST_SHOWN]],
    }


def _endings(tx: Transaction, principal: Principal, found: Plan, now: dt.datetime) -> dict[str, Any]:
    """Whose roles and logins end with it, JSON types; ``stop``: the code that would refuse all of it."""
    pairs = [(*pair, one.since) for one in found.changed for pair in one.moved]
    ending, stop = foreseen(tx, principal, pairs, now)
    entries = {one.after.member.id: one.entry for one in found.changed if one.after}
    shown = [
        {
            "number": entries[each.member_id].number,
            "name": entries[each.member_id].name,
            "since": each.since.isoformat(),
            "roles": [[role.role.value, role.unit.id, role.unit.name] for role in each.roles],
            "login": each.login,
        }
        for each in ending[:MOST_SHOWN]
    ]
    return {"ending_count": len(ending), "ending": shown, "stop": stop}


# ---- confirming, cancelling ------------------------------------------------------------------------------


async def apply_import(
    house: House, principal: Principal, import_id: str, command_id: str, now: dt.datetime
) -> ImportView:
    """Confirm it: this process applies it within a second or so. Raises ``import_not_found``, ``forbidden``,
    ``import_over``, ``import_forgotten``, ``import_has_errors``, ``command_reused``.
    """
    asked = command(principal, command_id, "apply_import", import_id=import_id)

    def confirm(tx: Transaction) -> ImportView:
        one = rules.confirmed(found_import(tx, principal, import_id, now, lock=True), principal.account_id, house.name)
        tx.imports.put(one)
        return view(house, one)

    return await house.records.write(lambda tx: once(tx, asked, now, _VIEW, lambda: confirm(tx)))


async def cancel_import(house: House, principal: Principal, import_id: str, now: dt.datetime) -> ImportView:
    """Nothing of it stays. One that was cancelled before is left as it is.

    Raises ``import_not_found``, ``forbidden``, ``import_over``.
    """
    await see_import(house, principal, import_id, now)
    house.imports.stop(import_id)  # its transaction, which may hold the record, ends by this

    def change(tx: Transaction) -> RosterImport:
        one = found_import(tx, principal, import_id, now, lock=True)
        if one.state is ImportState.CANCELLED:
            return one
        gone = rules.ended(one, ImportState.CANCELLED, now, "import_cancelled")
        tx.imports.put(gone)
        return gone

    try:
        return view(house, await house.records.write(change))
    finally:
        house.imports.forget(import_id)


async def forget_old_imports(records: Records, now: dt.datetime) -> int:
    return await records.write(lambda tx: tx.imports.forget_before(now - KEPT, now))


async def silent_imports(records: Records, words: Collection[str]) -> frozenset[str]:
    """Those whose kept table has none of ``words``. Any other is to be forgotten, whatever comes meanwhile."""
    found: set[str] = set()
    for import_id in await records.read(lambda tx: tx.imports.keeping()):
        one = await records.read(partial(_got, import_id=import_id))
        if one is not None and one.content and not await asyncio.to_thread(_says, one.content, words):
            found.add(import_id)
    return frozenset(found)


def _got(tx: Transaction, import_id: str) -> RosterImport | None:
    return tx.imports.get(import_id)


def _says(content: bytes, words: Collection[str]) -> bool:
    """However it is written there: full-width letters, spaces within a name and quotes hide nobody."""
    _, rows = json.loads(zlib.decompress(content))
    text = _bare("\0".join(cell for row in rows for cell in row))
    return any(_bare(word) in text for word in words if word)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def kept_sheet(content: bytes) -> Sheet:
    """The table of an import, read again."""
    name, rows = json.loads(zlib.decompress(content))
    return _sheet(Table(name, rows))
