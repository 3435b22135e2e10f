"""随机确认: planned when a lesson starts, asked and closed by the clock, answered by thousands in one minute.

Any control process may ask or close one; the lesson's row lock lets one of them do it.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from server.domain import events
from server.domain import presence_checks as rules
from server.domain.access import Action, Principal, allowed
from server.domain.events import Announcement
from server.domain.lessons import Lesson, LessonState
from server.domain.presence_checks import CheckAnswer, CheckPlan, PresenceCheck
from server.domain.refusals import Refusal
from server.services.finding import allowed_target, found
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.rooms import tell


@dataclass(frozen=True, slots=True)
class CheckView:
    """``confirmed``: by the member who asks. ``answered`` is for who runs the lesson, ``counts`` known when closed."""

    id: str
    number: int
    asked_at: dt.datetime
    deadline_at: dt.datetime
    closed: bool
    counts: bool
    in_rooms: bool
    confirmed: bool
    answered: int | None


@dataclass(frozen=True, slots=True)
class CheckReceipt:
    check_id: str
    received_at: dt.datetime


# ---- by the lesson's life and the clock ------------------------------------------------------------------


def plan_checks(tx: Transaction, lesson: Lesson) -> list[Announcement]:
    """At the start, in its transaction: as many as the frozen rule wants. Nobody is told when."""
    rule = tx.credit_rules.get(lesson.rule_id) if lesson.rule_id else None
    if rule is None or not rule.checks or lesson.live_at is None or tx.checks.plan(lesson.id) is not None:
        return []
    plan = CheckPlan(lesson.id, secrets.token_hex(16), rule.checks_in_rooms)
    drawn = rules.moments(plan.seed, rule.checks, lesson.live_at, lesson.ends_at)
    tx.checks.add(plan, [PresenceCheck(str(uuid4()), lesson.id, n, at) for n, at in enumerate(drawn, 1)])
    return [events.checks_planned(len(drawn), plan.digest)]


def close_checks(tx: Transaction, lesson: Lesson, now: dt.datetime) -> list[Announcement]:
    """The lesson is over: what was not asked is not asked any more, and the seed may be known."""
    plan = tx.checks.plan(lesson.id)
    if plan is None:
        return []
    for check in tx.checks.of(lesson.id):
        ended = rules.over(check, now)
        if ended != check:
            tx.checks.save(ended)
    return [events.checks_revealed(plan.seed)]


async def keep_checks(house: House, now: dt.datetime) -> None:
    """To be called every second. Idempotent: also in several processes at once."""
    for lesson_id in await house.records.read(lambda tx: tx.checks.waiting(now)):

        def step(tx: Transaction, lesson_id: str = lesson_id) -> bool:
            lesson = found(tx.lessons.lock(lesson_id))
            said = [each for check in tx.checks.of(lesson_id) for each in _moved(tx, lesson, check, now)]
            tx.events.append(lesson_id, said, now, None)
            return bool(said)

        if await house.records.write(step):
            await tell(house, lesson_id)


def _moved(tx: Transaction, lesson: Lesson, check: PresenceCheck, now: dt.datetime) -> Sequence[Announcement]:
    """One step of one check, if its moment has come."""
    if check.closed_at is not None or lesson.state is not LessonState.LIVE:
        return ()
    if check.deadline_at is not None:
        return _closed(tx, check, now)
    if check.due_at > now:
        return ()
    others = any(each.running for each in tx.checks.of(lesson.id))
    after = rules.when_due(check, now, lesson.ends_at, busy=others or tx.quizzes.running(lesson.id) is not None)
    tx.checks.save(after)
    plan = tx.checks.plan(lesson.id)
    return [events.check_asked(after, in_rooms=plan is not None and plan.in_rooms)] if after.running else ()


def _closed(tx: Transaction, check: PresenceCheck, now: dt.datetime) -> Sequence[Announcement]:
    if check.deadline_at is None or now < check.deadline_at + rules.CLOSING_MARGIN:
        return ()
    tx.checks.save(rules.over(check, now))
    return [events.check_closed(check, tx.checks.answered(check.lesson_id).get(check.id, 0))]


# ---- seeing ----------------------------------------------------------------------------------------------


async def list_checks(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[CheckView, ...]:
    """Those that were asked; of those to come nobody hears. Raises ``lesson_not_found``."""

    def load(tx: Transaction) -> tuple[CheckView, ...]:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        plan = tx.checks.plan(lesson_id)
        if plan is None:
            return ()
        checks = tx.checks.of(lesson_id)
        answered = tx.checks.answered(lesson_id) if Action.RUN in allowed(principal, target) else None
        mine = {c.id for c in checks if principal.member_id and tx.checks.given(c.id, [principal.member_id])}
        return tuple(view for each in checks for view in _views(each, plan, mine, answered))

    return await records.read(load)


def _views(
    check: PresenceCheck, plan: CheckPlan, mine: set[str], answered: Mapping[str, int] | None
) -> Sequence[CheckView]:
    if check.asked_at is None or check.deadline_at is None:
        return ()
    view = CheckView(
        id=check.id,
        number=check.number,
        asked_at=check.asked_at,
        deadline_at=check.deadline_at,
        closed=check.closed_at is not None,
        counts=check.dropped is None,
        in_rooms=plan.in_rooms,
        confirmed=check.id in mine,
        answered=None if answered is None else answered.get(check.id, 0),
    )
    return (view,)


# ---- answering -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Given:
    principal: Principal
    check_id: str
    command_id: str
    at: dt.datetime


async def answer_check(
    house: House, principal: Principal, check_id: str, command_id: str, at: dt.datetime
) -> CheckReceipt:
    """Committed when it returns. The member's first answer stands, however often it is sent, also when it is over.

    Raises ``check_not_found``, ``not_on_roster``, ``check_over``.
    """
    return await house.records.write_together(_answer_all, _Given(principal, check_id, command_id, at))


def _answer_all(tx: Transaction, given: Sequence[_Given]) -> list[CheckReceipt | Refusal]:
    """Two thousand come in the same seconds: a few statements for all that wait together."""
    checks = tx.checks.held({each.check_id for each in given})
    listed = _listed(tx, checks, given)
    decided = [_decided(tx, each, checks.get(each.check_id), listed) for each in given]
    tx.checks.put([each for each in decided if isinstance(each, CheckAnswer)])
    stands: dict[str, dict[str, CheckAnswer]] = {}
    for check_id in checks:
        members = [g.principal.member_id for g in given if g.check_id == check_id and g.principal.member_id]
        stands[check_id] = tx.checks.given(check_id, members) if members else {}

    def receipt(each: _Given, decision: CheckAnswer | Refusal) -> CheckReceipt | Refusal:
        known = stands.get(each.check_id, {}).get(each.principal.member_id or "")
        if known is not None:
            return CheckReceipt(known.check_id, known.received_at)
        return decision if isinstance(decision, Refusal) else Refusal("busy", "written by nobody")

    return [receipt(*pair) for pair in zip(given, decided, strict=True)]


def _listed(
    tx: Transaction, checks: Mapping[str, PresenceCheck], given: Sequence[_Given]
) -> Mapping[str, frozenset[str]]:
    """By lesson, those of the members who are on its roster."""
    asked: dict[str, set[str]] = {}
    for each in given:
        check, member_id = checks.get(each.check_id), each.principal.member_id
        if check is not None and member_id is not None:
            asked.setdefault(check.lesson_id, set()).add(member_id)
    return {lesson_id: tx.roster.among(lesson_id, members) for lesson_id, members in asked.items()}


def _decided(
    tx: Transaction, given: _Given, check: PresenceCheck | None, listed: Mapping[str, frozenset[str]]
) -> CheckAnswer | Refusal:
    member_id = given.principal.member_id
    try:
        if check is None:
            raise Refusal("check_not_found", given.check_id)
        if member_id is None or member_id not in listed.get(check.lesson_id, ()):
            raise _stranger(tx, given, check)
        rules.check_in_time(check, given.at)
    except Refusal as refusal:
        return refusal
    account_id = given.principal.account_id
    return CheckAnswer(check.id, member_id, given.command_id, given.at, account_id, "https")


def _stranger(tx: Transaction, given: _Given, check: PresenceCheck) -> Refusal:
    """Who may not even know the lesson learns of no check."""
    try:
        allowed_target(tx, given.principal, Action.READ, check.lesson_id, given.at)
    except Refusal:
        return Refusal("check_not_found", check.id)
    return Refusal("not_on_roster", check.lesson_id)
