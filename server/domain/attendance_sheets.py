"""签到表: what a secretary confirms of a lesson, its figures, and the digest that holds it.

A sheet is never changed: what was corrected afterwards stands in the next version, which says why and names the digest
of the one that it supersedes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from server.domain.access import Principal, Role
from server.domain.attendance import HERE, Rates, Standing, rates
from server.domain.lessons import Lesson, LessonState
from server.domain.members import MemberKind
from server.domain.refusals import Refusal
from server.domain.sign_ins import Way

MOST_LINES = 5000
"""A larger unit's sheets are made for the units below it."""
MOST_REASONS = 500
WITHHELD = "（不显示）"
_AWAY = frozenset({Standing.ON_LEAVE, Standing.ABSENT})
_CONFIRMABLE = frozenset({LessonState.ENDED, LessonState.SETTLED, LessonState.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Line:
    """One of those expected, or added. ``place``: where the member signed in, else where expected. ``reason``: of
    the absence, of signing in for somebody, or of a correction. ``loan``: the unit that has the member otherwise.
    """

    member_id: str
    name: str
    number: str
    kind: MemberKind
    unit_id: str
    unit: str
    standing: Standing
    at: dt.datetime | None
    way: Way | None
    place: str
    reason: str = ""
    added: bool = False
    corrected: bool = False
    loan: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """``expected`` (应到) as frozen, ``added`` beside it; ``present`` holds who came late or left early, too."""

    expected: int
    added: int
    present: int
    late: int
    left_early: int
    on_leave: int
    absent: int
    assisted: int
    rates: Rates


def figures(lines: Iterable[Line]) -> Figures:
    listed = tuple(lines)
    said = [line.standing for line in listed]
    on_leave, absent = said.count(Standing.ON_LEAVE), said.count(Standing.ABSENT)
    return Figures(
        expected=sum(not line.added for line in listed),
        added=sum(line.added for line in listed),
        present=sum(each in HERE for each in said),
        late=said.count(Standing.LATE),
        left_early=said.count(Standing.LEFT_EARLY),
        on_leave=on_leave,
        absent=absent,
        assisted=sum(line.way is Way.ASSISTED for line in listed),
        rates=rates(len(listed), absent, on_leave),
    )


@dataclass(frozen=True, slots=True)
class KindFigures:
    kind: MemberKind
    figures: Figures


@dataclass(frozen=True, slots=True)
class UnitFigures:
    unit_id: str
    unit: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Occasion:
    """The lesson as a sheet names it. ``zone_minutes``: east of UTC, of the school's wall clock at its beginning."""

    lesson_id: str
    title: str
    unit: str
    lecturer: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    opened_at: dt.datetime | None
    live_at: dt.datetime | None
    ended_at: dt.datetime | None
    zone_minutes: int


@dataclass(frozen=True, slots=True)
class Body:
    """What a sheet says. ``loans``: of those on loan (借调), who are counted in the others, too."""

    occasion: Occasion
    unit_id: str
    unit: str
    places: tuple[str, ...]
    total: Figures
    kinds: tuple[KindFigures, ...]
    loans: Figures
    units: tuple[UnitFigures, ...]
    lines: tuple[Line, ...]


def written(occasion: Occasion, unit: tuple[str, str], lines: Sequence[Line]) -> Body:
    """``unit``: id and name. Lines stay in their order, units come as they do in it."""
    kinds = [(kind, [line for line in lines if line.kind is kind]) for kind in MemberKind]
    of_unit: dict[str, list[Line]] = {}
    for line in lines:
        of_unit.setdefault(line.unit_id, []).append(line)
    return Body(
        occasion=occasion,
        unit_id=unit[0],
        unit=unit[1],
        places=tuple(dict.fromkeys(line.place for line in lines)),
        total=figures(lines),
        kinds=tuple(KindFigures(kind, figures(some)) for kind, some in kinds if some),
        loans=figures(line for line in lines if line.loan),
        units=tuple(UnitFigures(key, some[0].unit, figures(some)) for key, some in of_unit.items()),
        lines=tuple(lines),
    )


def with_reasons(body: Body, reasons: Mapping[str, str]) -> Body:
    """What the secretary found out about those who are absent; of all others the record speaks."""
    lines = [
        replace(line, reason=reasons[line.member_id])
        if line.standing is Standing.ABSENT and reasons.get(line.member_id)
        else line
        for line in body.lines
    ]
    return replace(body, lines=tuple(lines))


def absence_reasons(body: Body) -> dict[str, str]:
    return {line.member_id: line.reason for line in body.lines if line.standing is Standing.ABSENT and line.reason}


def without_reasons(body: Body, units: Collection[str]) -> Body:
    """Outside of these units: that there is a reason why somebody was away or corrected, and not which."""
    lines = [
        replace(line, reason=WITHHELD)
        if line.reason and line.unit_id not in units and (line.standing in _AWAY or line.corrected)
        else line
        for line in body.lines
    ]
    return replace(body, lines=tuple(lines))


@dataclass(frozen=True, slots=True)
class Document:
    """What the digest is of. ``why``: of a version that supersedes another one, ``previous``: its digest."""

    form: int
    version: int
    previous: str | None
    why: str
    confirmed_at: dt.datetime
    account_id: str
    confirmed_by: str
    body: Body


@dataclass(frozen=True, slots=True)
class AttendanceSheet:
    """A confirmed one, as it is kept: ``content`` is the document's canonical JSON.

    ``redacted_digest``: of the content as an erasure (注销) left it; ``digest`` stays that of what was confirmed.
    """

    id: str
    lesson_id: str
    unit_id: str
    version: int
    content: str
    digest: str
    previous: str | None
    why: str
    confirmed_by: str  # account
    confirmed_at: dt.datetime
    redacted_at: dt.datetime | None = None
    redacted_digest: str | None = None


def canonical(said: Mapping[str, Any]) -> str:
    """JSON with sorted keys, no blanks, and every sign as itself: the same bytes whoever writes it."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verification:
    """``computed``: of what is kept now. ``follows``: it names the digest of the version before it. ``logged``: the
    log of events has the same digest. ``left``: that of what an erasure left of it, None where nothing was taken out.
    """

    digest: str
    computed: str
    follows: bool
    logged: bool
    left: str | None = None

    @property
    def intact(self) -> bool:
        return (self.left or self.digest) == self.computed and self.follows and self.logged


def verified(sheet: AttendanceSheet, before: AttendanceSheet | None, told: Collection[str]) -> Verification:
    """Reckoned anew from what is kept; a row whose columns say other than its content is not intact either.
    ``told``: what the log of events says that its digest is.
    """
    try:
        said = json.loads(sheet.content)
        computed = digest_of(canonical(said))
        named = _named(said) == _kept(sheet)
    except (ValueError, TypeError, KeyError, AttributeError):
        computed, named = digest_of(sheet.content), False
    follows = named and sheet.previous == (before.digest if before else None)
    logged = set(told) == {sheet.digest}
    return Verification(sheet.digest, computed, follows, logged, sheet.redacted_digest)


def _named(said: Mapping[str, Any]) -> tuple[object, ...]:
    """What the content says of its row."""
    body, at = said["body"], dt.datetime.fromisoformat(said["confirmed_at"])
    which = (body["occasion"]["lesson_id"], body["unit_id"], said["version"], said["previous"])
    return (*which, said["why"], said["account_id"], at)


def _kept(sheet: AttendanceSheet) -> tuple[object, ...]:
    which = (sheet.lesson_id, sheet.unit_id, sheet.version, sheet.previous)
    return (*which, sheet.why, sheet.confirmed_by, sheet.confirmed_at)


def check_confirmable(lesson: Lesson) -> None:
    """When it is over. Raises ``sheet_too_early``."""
    if lesson.state not in _CONFIRMABLE:
        raise Refusal("sheet_too_early", lesson.state)


def may_confirm(principal: Principal, line: Sequence[str]) -> bool:
    """``line``: the unit, its parent, … up to the root. A secretary of the unit, or of one above it."""
    return any(grant.role is Role.SECRETARY and grant.unit_id in line for grant in principal.grants)


def check_supersedes(last: Body | None, now: Body, why: str) -> None:
    """Raises ``sheet_same``, ``sheet_needs_reason``."""
    if last is None:
        return
    if last == now:
        raise Refusal("sheet_same")
    if not why:
        raise Refusal("sheet_needs_reason")
