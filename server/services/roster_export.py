"""Members in the columns of the template, so that what is loaded down can be imported again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from server.domain.access import Principal
from server.domain.personnel import MemberFile
from server.domain.refusals import Refusal
from server.domain.roster_sheet import KIND_WORDS, TITLES
from server.domain.stewards import Care, cares, held, require_care
from server.services.records import Records, Transaction

_AT_ONCE = 500


async def roster_rows(
    records: Records, principal: Principal, unit_id: str | None, now: dt.datetime
) -> list[tuple[str, ...]]:
    """Titles first; who belongs today to the units in the principal's care, or to one of them and those below.

    Telephone numbers only where the principal may see them. Raises ``forbidden``, ``unit_not_found``.
    """
    held(principal)
    return await records.read(lambda tx: _rows(tx, principal, unit_id, now))


def _rows(tx: Transaction, principal: Principal, unit_id: str | None, now: dt.datetime) -> list[tuple[str, ...]]:
    tree, today = tx.units.tree(), tx.calendar.day(now)
    rights = {unit.id: cares(principal, tree.line(unit.id, today)) for unit in tree.units}
    if unit_id is not None:
        require_care(principal, Care.SEE, tree.line(unit_id, today), "unit_not_found")
    units = frozenset(
        each
        for each, may in rights.items()
        if Care.SEE in may and (unit_id is None or tree.within(each, unit_id, today))
    )
    if not units:
        raise Refusal("forbidden", "export")
    people = tx.members.people(units, today)
    files, numbers = tx.members.files([each.member_id for each in people]), dict[str, str]()
    ids: Sequence[str] = list(files)
    for first in range(0, len(ids), _AT_ONCE):
        numbers |= tx.accounts.numbers(ids[first : first + _AT_ONCE])
    named, groups = _names(tx, units, today), {group.id: group for group in tx.units.groups(units)}

    def row(file: MemberFile) -> tuple[str, ...]:
        home, member = file.home(today), file.member
        group = groups.get(member.group_id or "")
        in_group = group.name if group and group.unit_id == home else ""
        phone = member.phone or "" if Care.PHONES in rights[home] else ""
        kind = KIND_WORDS[file.kind(today)]
        return numbers.get(member.id, ""), member.name, named[home], kind, in_group, phone, "", ""

    ordered = sorted((row(file) for file in files.values()), key=lambda each: (each[2], each[0]))
    return [tuple(TITLES.values()), *ordered]


def _names(tx: Transaction, units: frozenset[str], today: dt.date) -> dict[str, str]:
    """As short as they are told apart by: of two with one name with what stands above, else the id."""
    tree = tx.units.tree()
    plain = {each: tree.name(each, today) for each in units}

    def full(unit_id: str) -> str:
        parent = tree.parent(unit_id, today)
        return f"{tree.name(parent, today)}/{plain[unit_id]}" if parent else plain[unit_id]

    paths = {each: full(each) for each in units}
    names, ways = Counter(plain.values()), Counter(paths.values())

    def shortest(unit_id: str) -> str:
        if names[plain[unit_id]] == 1:
            return plain[unit_id]
        return paths[unit_id] if ways[paths[unit_id]] == 1 else unit_id

    return {each: shortest(each) for each in units}
