"""更正: attendance corrected by name and with a reason; where the school wants it, by two people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import corrections as rules
from server.domain import events
from server.domain.access import LessonTarget, Principal
from server.domain.attendance import Standing
from server.domain.corrections import Correction, CorrectionState
from server.domain.refusals import Refusal
from server.domain.sign_ins import late_after
from server.services.commands import command, once
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.roster import standing_now
from server.services.views import Named, PersonView
from server.services.vouching import check_within, units_of, vouched_lesson


@dataclass(frozen=True, slots=True)
class CorrectionView:
    id: str
    lesson_id: str
    number: int
    member: Named
    unit: Named
    before: Standing
    after: Standing
    reason: str
    state: CorrectionState
    asked_by: PersonView
    asked_at: dt.datetime
    decided_by: PersonView | None
    decided_at: dt.datetime | None
    answer: str


_VIEW = TypeAdapter(CorrectionView)


async def list_corrections(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[CorrectionView, ...]:
    """Of those whom the principal may vouch for, the newest first. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[CorrectionView, ...]:
        _, units = vouched_lesson(tx, principal, lesson_id, now)
        shown = _views(tx, tx.corrections.of(lesson_id), now)
        return tuple(one for one in reversed(shown) if units is None or one.unit.id in units)

    return await records.read(load)


async def correct(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    member_id: str,
    standing: Standing,
    reason: str,
    now: dt.datetime,
) -> CorrectionView:
    """Holds at once, or waits for a second person.

    Raises ``forbidden``, ``member_not_found``, ``correction_own``, ``correction_closed``, ``correction_same``,
    ``correction_waiting``, ``lesson_not_found``, ``command_reused``.
    """
    body = {"member_id": member_id, "standing": standing.value, "reason": reason}
    asked = command(principal, command_id, "correct", lesson_id=lesson_id, **body)

    def work(tx: Transaction) -> CorrectionView:
        target = _vouched(tx, principal, lesson_id, member_id, now)

        def do() -> CorrectionView:
            rules.check_correctable(target.lesson)
            wish = Correction(
                id=str(uuid4()),
                lesson_id=lesson_id,
                member_id=member_id,
                number=len(tx.corrections.of(lesson_id)) + 1,
                before=_before(tx, target, member_id),
                after=standing,
                reason=reason,
                state=CorrectionState.WAITING,
                asked_by=principal.account_id,
                asked_at=now,
            )
            made = rules.propose(wish, by_two=house.corrections_by_two)
            if not tx.corrections.add(made):
                raise Refusal("correction_waiting", member_id)
            return _told(tx, principal, made, now)

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


async def decide_correction(
    house: House,
    principal: Principal,
    correction_id: str,
    command_id: str,
    *,
    approve: bool,
    answer: str,
    now: dt.datetime,
) -> CorrectionView:
    """By a second person who vouches for the member, too, and is neither of the two.

    Raises ``correction_not_found``, ``correction_own``, ``correction_decided``, ``correction_closed``, ``forbidden``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "decide_correction", id=correction_id, approve=approve, answer=answer)

    def work(tx: Transaction) -> CorrectionView:
        def do() -> CorrectionView:
            known = tx.corrections.get(correction_id)
            if known is None:
                raise Refusal("correction_not_found", correction_id)
            target = _vouched(tx, principal, known.lesson_id, known.member_id, now)
            rules.check_correctable(target.lesson)
            by = principal.account_id
            decided = rules.decide(known, approve=approve, answer=answer, by=by, now=now)
            tx.corrections.save(decided)
            return _told(tx, principal, decided, now)

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(work)
    await tell(house, view.lesson_id)
    return view


def _vouched(tx: Transaction, principal: Principal, lesson_id: str, member_id: str, now: dt.datetime) -> LessonTarget:
    """The lesson's row locked. Raises ``correction_own`` for one's own attendance."""
    target, units = vouched_lesson(tx, principal, lesson_id, now, lock=True)
    if member_id == principal.member_id:
        raise Refusal("correction_own", member_id)
    if tx.roster.get(lesson_id, member_id) is None:
        raise Refusal("member_not_found", "not on the roster")
    check_within(units_of(tx, lesson_id, [member_id], now)[member_id], units)
    return target


def _before(tx: Transaction, target: LessonTarget, member_id: str) -> Standing:
    entry = tx.roster.get(target.lesson.id, member_id)
    if entry is None:
        raise Refusal("member_not_found", "not on the roster")
    after = late_after(target.lesson, tx.sign_ins.grace_minutes(target.lesson.id))
    leave = tx.leaves.last(target.lesson.id, [member_id]).get(member_id)
    return standing_now(entry, tx.sign_ins.get(target.lesson.id, member_id), after, leave)


def _told(tx: Transaction, principal: Principal, correction: Correction, now: dt.datetime) -> CorrectionView:
    """What holds goes into the roster; staff hear of every step."""
    if correction.state is CorrectionState.HOLDS:
        tx.roster.correct(correction.lesson_id, correction.member_id, correction.after)
    view = _views(tx, [correction], now)[0]
    words = (view.before.value, view.after.value, view.state.value)
    said = [events.attendance_corrected(correction.id, view.member.name, words, principal.name)]
    tx.events.append(correction.lesson_id, said, now, principal.account_id)
    return view


def _views(tx: Transaction, corrections: Sequence[Correction], now: dt.datetime) -> tuple[CorrectionView, ...]:
    """Of one lesson."""
    if not corrections:
        return ()
    members = tx.members.names({each.member_id for each in corrections})
    units = units_of(tx, corrections[0].lesson_id, list(members), now)
    names = tx.units.names(set(units.values()), tx.calendar.day(now))
    accounts = {each.asked_by for each in corrections} | {each.decided_by for each in corrections if each.decided_by}
    people = tx.accounts.names(accounts)

    def one(each: Correction) -> CorrectionView:
        by = each.decided_by
        return CorrectionView(
            id=each.id,
            lesson_id=each.lesson_id,
            number=each.number,
            member=Named(each.member_id, members[each.member_id]),
            unit=Named(units[each.member_id], names[units[each.member_id]]),
            before=each.before,
            after=each.after,
            reason=each.reason,
            state=each.state,
            asked_by=PersonView(each.asked_by, people[each.asked_by]),
            asked_at=each.asked_at,
            decided_by=PersonView(by, people[by]) if by else None,
            decided_at=each.decided_at,
            answer=each.answer,
        )

    return tuple(one(each) for each in corrections)
