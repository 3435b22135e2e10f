"""What is seen of imports of rosters: their counts, whom they change, and every cell that is wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from server.domain.access import Principal, Role
from server.domain.imports import ImportState, RosterImport
from server.domain.refusals import MEANINGS, Refusal
from server.domain.roster_sheet import FAULTS, Fault, Issue
from server.domain.stewards import Care, cares
from server.services.departures import EndingRole
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.views import Named

MOST_SHOWN = 200
MOST_IMPORTS = 100


@dataclass(frozen=True, slots=True)
class IssueView:
    """One cell that is wrong: which, what it says, and why, in both languages."""

    sheet: str
    cell: str
    value: str
    fault: Fault
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class IssuePage:
    items: tuple[IssueView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody whom it changes. ``steps``: created, moved, left, kind, name, group, phone."""

    cell: str
    number: str
    name: str
    unit: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndingView:
    """Whose roles end with it. ``login``: the account ends, too."""

    number: str
    name: str
    since: dt.date
    roles: tuple[EndingRole, ...]
    login: bool


@dataclass(frozen=True, slots=True)
class StopView:
    """Why all of it would be refused, as things stand."""

    code: str
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """Counts are of people, ``errors`` of cells. ``issues``, ``people``, ``ending``, ``absent``: the first of them,
    none in lists. ``ending``: whose roles or logins end with it, those with roles first.
    ``absent``: members of the units in the table who are not in it; they stay as they are. ``code``: why it failed.
    """

    id: str
    file: str
    since: dt.date
    created_at: dt.datetime
    created_by: str
    state: ImportState
    progress: int
    rows: int
    created: int
    moved: int
    left: int
    changed: int
    unchanged: int
    errors: int
    ending_count: int
    absent_count: int
    ignored: tuple[str, ...]
    issues: tuple[IssueView, ...]
    people: tuple[PersonView, ...]
    ending: tuple[EndingView, ...]
    stop: StopView | None
    absent: tuple[Named, ...]
    code: str | None
    text: str | None
    text_en: str | None
    ended_at: dt.datetime | None


def editable(tx: Transaction, principal: Principal, now: dt.datetime) -> frozenset[str]:
    """The units whose people the principal edits. Raises ``forbidden`` when there are none."""
    tree, today = tx.units.tree(), tx.calendar.day(now)
    found = frozenset(unit.id for unit in tree.units if Care.EDIT in cares(principal, tree.line(unit.id, today)))
    if not found:
        raise Refusal("forbidden", "import")
    return found


async def list_imports(house: House, principal: Principal, now: dt.datetime) -> tuple[ImportView, ...]:
    """Newest first. Raises ``forbidden``."""

    def load(tx: Transaction) -> tuple[ImportView, ...]:
        units = editable(tx, principal, now)
        seen = [one for one in tx.imports.newest(MOST_IMPORTS) if units >= set(one.scope)]
        return tuple(replace(view(house, one), issues=(), people=(), ending=(), absent=()) for one in seen)

    return await house.records.read(load)


async def see_import(house: House, principal: Principal, import_id: str, now: dt.datetime) -> ImportView:
    """Raises ``import_not_found``, ``forbidden``."""
    return await house.records.read(lambda tx: view(house, found_import(tx, principal, import_id, now)))


async def import_issues(
    records: Records, principal: Principal, import_id: str, now: dt.datetime
) -> list[tuple[str, ...]]:
    """As rows of a table, with titles. Raises as :func:`see_import`."""
    one = await records.read(lambda tx: found_import(tx, principal, import_id, now))
    issues = [(each.sheet, each.cell, each.value, each.text) for each in _issues(one.report["issues"])]
    return [("工作表", "单元格", "内容", "原因"), *issues]


async def page_of_issues(
    records: Records, principal: Principal, import_id: str, *, after: int, limit: int, now: dt.datetime
) -> IssuePage:
    """In the order of the table. Raises as :func:`see_import`."""
    one = await records.read(lambda tx: found_import(tx, principal, import_id, now))
    issues = one.report["issues"]
    upto = after + limit
    return IssuePage(_issues(issues[after:upto]), str(upto) if upto < len(issues) else None)


def found_import(
    tx: Transaction, principal: Principal, import_id: str, now: dt.datetime, *, lock: bool = False
) -> RosterImport:
    units = editable(tx, principal, now)
    one = tx.imports.lock(import_id) if lock else tx.imports.get(import_id)
    if one is None or not units >= set(one.scope):
        raise Refusal("import_not_found", import_id)
    return one


def view(house: House, one: RosterImport) -> ImportView:
    report, meaning = one.report, MEANINGS[one.code] if one.code else None
    done = one.state is ImportState.DONE
    return ImportView(
        id=one.id,
        file=one.file,
        since=one.since,
        created_at=one.created_at,
        created_by=one.created_by,
        state=one.state,
        progress=100 if done else house.imports.percent(one.id),
        rows=report["rows"],
        **{name: one.counts[name] for name in ("created", "moved", "left", "changed", "unchanged", "errors")},
        ending_count=report.get("ending_count", 0),
        absent_count=report["absent_count"],
        ignored=tuple(report["ignored"]),
        issues=_issues(report["issues"][:MOST_SHOWN]),
        people=tuple(PersonView(**{**each, "steps": tuple(each["steps"])}) for each in report["people"]),
        ending=tuple(_ending(each) for each in report.get("ending", ())),
        stop=_stop(report.get("stop")),
        absent=tuple(Named(*each) for each in report["absent"]),
        code=one.code,
        text=meaning.title if meaning else None,
        text_en=meaning.title_en if meaning else None,
        ended_at=one.ended_at,
    )


def _ending(said: Any) -> EndingView:  # noqa: ANN401 - JSON types
    roles = tuple(EndingRole(Role(role), Named(unit_id, name)) for role, unit_id, name in said["roles"])
    since = dt.date.fromisoformat(said["since"])
    return EndingView(said["number"], said["name"], since, roles, login=said["login"])


def _stop(code: str | None) -> StopView | None:
    return StopView(code, MEANINGS[code].title, MEANINGS[code].title_en) if code else None


def _issues(rows: Any) -> tuple[IssueView, ...]:  # noqa: ANN401 - JSON types
    return tuple(_issue(Issue(sheet, cell, Fault(fault), value)) for sheet, cell, fault, value in rows)


def _issue(issue: Issue) -> IssueView:
    return IssueView(issue.sheet, issue.cell, issue.value, issue.fault, *FAULTS[issue.fault])
