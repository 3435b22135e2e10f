"""What a roster that comes as a table would change: planned against what is there, applied by nobody here.

By number: a second run of the same table plans nothing. Empty cells leave what is known. Who is not in the table stays.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from server.domain import personnel
from server.domain.personnel import MemberFile
from server.domain.refusals import Refusal
from server.domain.roster_sheet import Column, Entry, Fault, Issue, Sheet
from server.domain.units import UnitTree


class Step(enum.StrEnum):
    """What happens to a person."""

    CREATED = "created"
    MOVED = "moved"
    LEFT = "left"
    KIND = "kind"
    NAME = "name"
    GROUP = "group"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Present:
    """What is there. ``numbers``: those of the table that are taken, with the member's id, None for another account.

    ``editable``: the units in the care of whoever imports. ``since``: from when on, where a row does not say.
    """

    numbers: Mapping[str, str | None]
    files: Mapping[str, MemberFile]
    groups: Mapping[tuple[str, str], str]
    tree: UnitTree
    editable: frozenset[str]
    today: dt.date
    since: dt.date


@dataclass(frozen=True, slots=True)
class Planned:
    """One person. ``before`` None: somebody new. ``after`` is what to save, None for somebody new."""

    entry: Entry
    unit_id: str
    group_id: str | None
    since: dt.date
    steps: tuple[Step, ...]
    before: MemberFile | None = None
    after: MemberFile | None = None

    @property
    def moved(self) -> tuple[tuple[MemberFile, MemberFile], ...]:
        """Before and after of who belongs elsewhere by it, or nowhere; else nothing."""
        if self.before is None or self.after is None or not {Step.MOVED, Step.LEFT} & set(self.steps):
            return ()
        return ((self.before, self.after),)


@dataclass(frozen=True, slots=True)
class Plan:
    planned: tuple[Planned, ...]
    issues: tuple[Issue, ...]
    unchanged: int
    covered: frozenset[str]
    """The units that the table speaks of."""

    @property
    def new(self) -> tuple[Planned, ...]:
        return tuple(one for one in self.planned if one.before is None)

    @property
    def changed(self) -> tuple[Planned, ...]:
        return tuple(one for one in self.planned if one.before is not None)

    def counts(self) -> dict[str, int]:
        """Of people: by what is greatest of what happens to each."""
        found = dict.fromkeys(("created", "moved", "left", "changed"), 0)
        for one in self.planned:
            first = next((s for s in (Step.CREATED, Step.LEFT, Step.MOVED) if s in one.steps), None)
            found[first.value if first else "changed"] += 1
        return found | {"unchanged": self.unchanged, "errors": len(self.issues)}


def plan(sheet: Sheet, present: Present) -> Plan:
    planner = _Planner(sheet, present)
    for entry in sheet.entries:
        planner.take(entry)
    issues = sorted((*sheet.issues, *planner.issues), key=_place)
    return Plan(tuple(planner.planned), tuple(issues), planner.unchanged, frozenset(planner.covered))


def _place(issue: Issue) -> tuple[int, str]:
    letters = issue.cell.rstrip("0123456789")
    return int(issue.cell[len(letters) :]), letters.rjust(3)


@dataclass(slots=True)
class _Planner:
    sheet: Sheet
    present: Present
    planned: list[Planned] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    unchanged: int = 0
    covered: set[str] = field(default_factory=set)
    _named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _days: dict[tuple[str, dt.date], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tree, today, found = self.present.tree, self.present.today, dict[str, list[str]]()
        for unit_id in self.present.editable:
            parent = tree.parent(unit_id, today)
            name = tree.name(unit_id, today)
            for word in {unit_id, name, *({f"{tree.name(parent, today)}/{name}"} if parent else ())}:
                found.setdefault(word, []).append(unit_id)
        # Of two with one name the one that stands is meant.
        self._named = {word: self._standing(ids) for word, ids in found.items()}

    def _standing(self, unit_ids: list[str]) -> tuple[str, ...]:
        stand = [each for each in unit_ids if self.present.tree.unit(each).until is None]
        return tuple(stand or unit_ids)

    def take(self, entry: Entry) -> None:
        since = entry.since or self.present.since
        unit_id = self._unit(entry, since)
        if unit_id is None:
            return
        self.covered.add(unit_id)
        group_id = self.present.groups.get((unit_id, entry.group)) if entry.group else None
        if entry.group and group_id is None:
            self._wrong(entry, Column.GROUP, Fault.GROUP_UNKNOWN, entry.group)
            return
        if entry.number not in self.present.numbers:
            self._new(entry, unit_id, group_id, since)
            return
        file = self.present.files.get(self.present.numbers[entry.number] or "")
        if file is None or file.home(self.present.today) not in self.present.editable:
            self._wrong(entry, Column.NUMBER, Fault.NUMBER_ELSEWHERE, entry.number)
            return
        self._known(entry, file, unit_id, group_id, since)

    def _unit(self, entry: Entry, since: dt.date) -> str | None:
        found = self._named.get(entry.unit.replace("／", "/"), ())
        if len(found) != 1:
            fault = Fault.UNIT_AMBIGUOUS if found else Fault.UNIT_UNKNOWN
            self._wrong(entry, Column.UNIT, fault, entry.unit)
            return None
        stands = self._days.get((found[0], since))
        if stands is None:
            unit = self.present.tree.unit(found[0])
            stands = unit.until is None and self.present.tree.stands(found[0], since)
            self._days[found[0], since] = stands
        if not stands and entry.ending is None:
            self._wrong(entry, Column.UNIT, Fault.UNIT_ENDED, entry.unit)
            return None
        return found[0]

    def _new(self, entry: Entry, unit_id: str, group_id: str | None, since: dt.date) -> None:
        if entry.ending is not None:
            self._wrong(entry, Column.ENDING, Fault.NOBODY_LEAVES, entry.number)
            return
        self.planned.append(Planned(entry, unit_id, group_id, since, (Step.CREATED,)))

    def _known(self, entry: Entry, file: MemberFile, unit_id: str, group_id: str | None, since: dt.date) -> None:
        try:
            after, steps = _changed(entry, file, unit_id, group_id, since=since, today=self.present.today)
        except Refusal:
            column = Column.SINCE if entry.since else Column.UNIT
            self._wrong(entry, column, Fault.DATE_FIXED, str(since))
            return
        if not steps:
            self.unchanged += 1
            return
        self.planned.append(Planned(entry, unit_id, group_id, since, steps, file, after))

    def _wrong(self, entry: Entry, column: Column, fault: Fault, value: str) -> None:
        self.issues.append(self.sheet.issue(entry, column, fault, value))


def _changed(
    entry: Entry, file: MemberFile, unit_id: str, group_id: str | None, *, since: dt.date, today: dt.date
) -> tuple[MemberFile, tuple[Step, ...]]:
    """Raises ``past_fixed`` and its like."""
    steps: list[Step] = []
    member = file.member
    if entry.ending is not None:
        gone = file.last.ending is not None
        return (file, ()) if gone else (personnel.ended(file, entry.ending, since, today), (Step.LEFT,))
    ended = file.last.ending is not None and file.membership(since) is None
    after = file
    if ended or file.home(since) != unit_id:
        after = personnel.transferred(after, unit_id, since, today)
        steps.append(Step.MOVED)
    if after.kind(since) is not entry.kind:
        after = personnel.became(after, entry.kind, since, today)
        steps.append(Step.KIND)
    if entry.name != member.name:
        steps.append(Step.NAME)
    if group_id is not None and group_id != member.group_id:
        steps.append(Step.GROUP)
    if entry.phone is not None and entry.phone != member.phone:
        steps.append(Step.PHONE)
    member = replace(member, name=entry.name, group_id=group_id or member.group_id, phone=entry.phone or member.phone)
    return replace(after, member=member), tuple(steps)
