"""What a 签到表 says: the roster with its sign-ins, leaves and corrections, in the unit's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.domain.attendance import Standing
from server.domain.attendance_sheets import MOST_LINES, Body, Line, Occasion, written
from server.domain.corrections import CorrectionState
from server.domain.credit import VerdictFilter
from server.domain.leaves import Leave, LeaveState
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry, RosterFilter
from server.domain.sign_ins import SignIn, late_after
from server.services.finding import report_day
from server.services.records import Transaction
from server.services.roster import standing_now

Row = tuple[RosterEntry, SignIn | None]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What else is known of those on it, by member. ``settled``: what settling kept, which then is what counts."""

    after: dt.datetime | None
    leaves: Mapping[str, Leave]
    corrections: Mapping[str, str]
    settled: Mapping[str, Standing]


def body_of(tx: Transaction, lesson: Lesson, unit_id: str, *, alone: bool = False) -> Body:
    """``unit_id`` with all below it, as on the day of the lesson; ``alone``: its own people only.

    Raises ``unit_not_found``, ``sheet_too_large``.
    """
    on = report_day(tx, lesson)
    units = frozenset({unit_id}) if alone else tx.units.tree().subtree(unit_id, on)
    rows = tx.roster.listed(lesson.id, RosterFilter(unit_ids=units), None, MOST_LINES + 1)
    if len(rows) > MOST_LINES:
        raise Refusal("sheet_too_large", unit_id)
    lent = {entry.loan_unit_id for entry, _ in rows if entry.loan_unit_id}
    names = tx.units.names({unit_id, lesson.unit_id} | {entry.unit_id for entry, _ in rows} | lent, on)
    ids = [entry.member_id for entry, _ in rows]
    numbers, beside = tx.accounts.numbers(ids), _beside(tx, lesson, units, ids)

    def line(entry: RosterEntry, sign_in: SignIn | None) -> Line:
        return Line(
            member_id=entry.member_id,
            name=entry.name,
            number=numbers.get(entry.member_id, ""),
            kind=entry.kind,
            unit_id=entry.unit_id,
            unit=names[entry.unit_id],
            standing=_standing(entry, sign_in, beside),
            at=sign_in.at if sign_in else None,
            way=sign_in.way if sign_in else None,
            place=lesson.place_name(sign_in.lesson_venue_id if sign_in else entry.place),
            reason=_reason(entry, sign_in, beside),
            added=not entry.frozen,
            corrected=entry.corrected is not None,
            loan=names[entry.loan_unit_id] if entry.loan_unit_id else "",
        )

    return written(_occasion(tx, lesson, names), (unit_id, names[unit_id]), [line(*row) for row in rows])


def _occasion(tx: Transaction, lesson: Lesson, names: Mapping[str, str]) -> Occasion:
    people = tx.accounts.names({lesson.lecturer_id}) if lesson.lecturer_id else {}
    east = lesson.starts_at.astimezone(tx.calendar.zone).utcoffset() or dt.timedelta()
    return Occasion(
        lesson_id=lesson.id,
        title=lesson.full_title,
        unit=names[lesson.unit_id],
        lecturer=people.get(lesson.lecturer_id or "", ""),
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        opened_at=lesson.opened_at,
        live_at=lesson.live_at,
        ended_at=lesson.ended_at,
        zone_minutes=int(east.total_seconds() // 60),
    )


def _beside(tx: Transaction, lesson: Lesson, units: frozenset[str], ids: Sequence[str]) -> _Beside:
    settled: dict[str, Standing] = {}
    if lesson.settled_at is not None:
        judged = tx.verdicts.listed(lesson.id, VerdictFilter(unit_ids=units), None, MOST_LINES + 1)
        settled = {verdict.member_id: verdict.evidence.standing for verdict, _ in judged}
    held = [each for each in tx.corrections.of(lesson.id) if each.state is CorrectionState.HOLDS]
    return _Beside(
        after=late_after(lesson, tx.sign_ins.grace_minutes(lesson.id)),
        leaves=tx.leaves.last(lesson.id, ids),
        corrections={each.member_id: each.reason for each in held},
        settled=settled,
    )


def _standing(entry: RosterEntry, sign_in: SignIn | None, beside: _Beside) -> Standing:
    now = standing_now(entry, sign_in, beside.after, beside.leaves.get(entry.member_id))
    return beside.settled.get(entry.member_id, now)


def _reason(entry: RosterEntry, sign_in: SignIn | None, beside: _Beside) -> str:
    """A correction's above all others; of leave that was granted, or else of signing in for somebody."""
    if entry.corrected is not None:
        return beside.corrections.get(entry.member_id, "")
    if sign_in is not None:
        return sign_in.reason
    leave = beside.leaves.get(entry.member_id)
    if leave is not None and leave.state is LeaveState.APPROVED:
        return leave.reason
    return entry.reason if not entry.frozen else ""
