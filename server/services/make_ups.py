"""Make-up study (补学): offers at settling, the credit at the end; the member's own list, and the branch's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain.access import Action, Principal, held_in
from server.domain.credit import CreditRule, Verdict, rule_facts
from server.domain.deliveries import Channel, Delivery, DeliveryState
from server.domain.ledger import Award, EntryKind, lesson_key, make_up_key
from server.domain.lessons import Lesson
from server.domain.make_ups import Extension, MakeUp, MakeUpState, check_open, extend, granted, may_remind, offered
from server.domain.marks import missing
from server.domain.quiz import scored
from server.domain.recordings import RecordingState
from server.domain.refusals import Refusal
from server.domain.replays import digest, lasted_ms
from server.domain.waves import Wave
from server.services.commands import command, once
from server.services.finding import MOST_LISTED, cursor_of, found, read_cursor
from server.services.make_up_marks import mark_tally
from server.services.make_up_views import BranchMakeUpView, MakeUpView, branch_views, own_views
from server.services.records import Records, Transaction
from server.services.settling_entries import enter, frozen_rule, text_of
from server.services.views import Page

REASON = "补学完成，记入学时"
_MOST_OWN = 100
_LETTER_ROUND = 0
"""No round of a lesson's notices: there is one letter for each offer, which comes up again with a reminder."""
_SECOND = dt.timedelta(seconds=1)
"""A deadline at midnight is read as the day that it begins: it is told as the last second of the day before."""
_BRANCH = TypeAdapter(BranchMakeUpView)


# ---- offering --------------------------------------------------------------------------------------------


def offer(tx: Transaction, lesson: Lesson, rule: CreditRule | None, verdicts: Sequence[Verdict]) -> None:
    """In the transaction that settles the lesson. Without a recording there is nothing to make it up with."""
    assert lesson.settled_at is not None
    if lesson.recording_id is None or not _recorded(tx, lesson.recording_id):
        return
    made = [each for each in (_offered(tx, lesson, rule, verdict) for verdict in verdicts) if each is not None]
    tx.make_ups.add(made)
    tx.watches.add(lesson.recording_id, {each.member_id for each in made})
    for each in made:
        _write_letter(tx, each, lesson.settled_at)


def _recorded(tx: Transaction, recording_id: str) -> bool:
    known = tx.recordings.get(recording_id)
    return known is not None and (
        known.duration_ms > 0 or known.state in {RecordingState.RUNNING, RecordingState.PAUSED}
    )


def _offered(tx: Transaction, lesson: Lesson, rule: CreditRule | None, verdict: Verdict) -> MakeUp | None:
    terms = offered(rule, verdict)
    if terms is None:
        return None
    assert lesson.settled_at is not None
    assert lesson.recording_id is not None
    last_day = tx.calendar.day(lesson.settled_at) + dt.timedelta(days=terms.days)
    return MakeUp(
        id=str(uuid.uuid4()),
        lesson_id=lesson.id,
        member_id=verdict.member_id,
        unit_id=verdict.evidence.unit_id,
        recording_id=lesson.recording_id,
        standing=verdict.evidence.standing,
        terms=terms,
        hundredths=granted(lesson.credit_hundredths, terms),
        skips=lesson.replay_skips,
        offered_at=lesson.settled_at,
        deadline_at=tx.calendar.begins(last_day + dt.timedelta(days=1)) - _SECOND,
    )


def withdraw(tx: Transaction, lesson_id: str, member_id: str) -> int:
    """A review found that there is nothing to make up. The hundredths that were granted already."""
    known = tx.make_ups.of(lesson_id, member_id)
    if known is not None and known.state is MakeUpState.OPEN:
        tx.make_ups.save(replace(known, state=MakeUpState.WITHDRAWN))
    return known.hundredths if known is not None and known.state is MakeUpState.DONE else 0


# ---- its end ---------------------------------------------------------------------------------------------


def finish(
    tx: Transaction,
    make_up: MakeUp,
    actor: str,
    now: dt.datetime,
    *,
    as_of: dt.datetime | None = None,
    because: tuple[str, str] | None = None,
) -> MakeUp:
    """Done, with its entry, when everything that is asked is there; else as it was. Its row is locked. Not saved.

    ``as_of``: when the last of it was handed in, None: now. ``because``: why not before, and the id of the re-marking.
    """
    asked = make_up.terms.right_percent is not None and bool(scored(tx.questions.of(make_up.lesson_id)))
    if not make_up.open(as_of or now) or not make_up.watched or (asked and not make_up.passed):
        return make_up
    if missing(mark_tally(tx, make_up), make_up.terms.marked_percent):
        return make_up
    entry_id = None
    if make_up.hundredths:
        award = _award(tx, make_up, actor, because)
        entry_id = enter(tx, make_up.lesson_id, [award], now)[award.idempotency_key].id
    return replace(make_up, state=MakeUpState.DONE, done_at=now, entry_id=entry_id)


def _award(tx: Transaction, make_up: MakeUp, actor: str, because: tuple[str, str] | None) -> Award:
    """Its evidence: the digest of what was watched, which attempt passed, and what came of the questions at marks."""
    lesson = found(tx.lessons.get(make_up.lesson_id))
    watch = tx.watches.get(make_up.recording_id, make_up.member_id)
    watched = watch[0].watched if watch else ()
    passed = next((each for each in tx.make_ups.attempts(make_up.id) if each.passed), None)
    came = mark_tally(tx, make_up)
    evidence = {
        "make_up_id": make_up.id,
        "recording_id": make_up.recording_id,
        "standing": make_up.standing.value,
        "watched_sha256": digest(watched),
        "watched_ms": lasted_ms(watched),
        "attempt_id": passed.id if passed else None,
        "right": passed.right if passed else None,
        "asked": len(passed.paper) if passed else 0,
        "marks_asked": came.asked,
        "marks_answered": came.answered,
        "marks_right": came.right,
        **({"remark_id": because[1]} if because else {}),
    }
    return Award(
        idempotency_key=make_up_key(make_up.lesson_id, make_up.member_id),
        kind=EntryKind.MAKE_UP,
        member_id=make_up.member_id,
        unit_id=make_up.unit_id,
        lesson_id=make_up.lesson_id,
        hundredths=make_up.hundredths,
        rule=text_of(rule_facts(frozen_rule(tx, lesson))),
        evidence=text_of(evidence),
        reason=because[0] if because else REASON,
        corrects=lesson_key(make_up.lesson_id, make_up.member_id),
        actor=actor,
    )


# ---- the member's own ------------------------------------------------------------------------------------


def own_make_up(
    tx: Transaction, principal: Principal, make_up_id: str, now: dt.datetime | None = None, *, lock: bool = False
) -> MakeUp:
    """``now``: it has to be open then. Raises ``make_up_not_found``, ``make_up_expired``, ``make_up_closed``."""
    known = tx.make_ups.lock(make_up_id) if lock else tx.make_ups.get(make_up_id)
    if known is None or known.member_id != principal.member_id:
        raise Refusal("make_up_not_found", make_up_id)
    if now is not None:
        check_open(known, now)
    return known


async def list_own(records: Records, principal: Principal, now: dt.datetime) -> tuple[MakeUpView, ...]:
    """The newest hundred, the last deadline first. No member: none."""
    member = principal.member_id
    if member is None:
        return ()
    return await records.read(lambda tx: own_views(tx, tx.make_ups.of_member(member, _MOST_OWN), now))


async def see_own(records: Records, principal: Principal, make_up_id: str, now: dt.datetime) -> MakeUpView:
    """Raises ``make_up_not_found``."""
    return await records.read(lambda tx: own_views(tx, [own_make_up(tx, principal, make_up_id)], now)[0])


# ---- the branch's ----------------------------------------------------------------------------------------


async def list_branch(
    records: Records,
    principal: Principal,
    *,
    lesson_id: str | None = None,
    unit_id: str | None = None,
    only_open: bool = False,
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[BranchMakeUpView]:
    """Of members for whom the principal vouches, the last deadline first; of those that are open the nearest.
    ``unit_id``: with all below.

    Raises ``forbidden``, ``unit_not_found``, ``invalid_body`` for a cursor.
    """
    before, wanted = read_cursor(cursor), max(1, min(limit, MOST_LISTED))
    held = held_in(principal, Action.VOUCH)

    def load(tx: Transaction) -> Page[BranchMakeUpView]:
        units = _units(tx, held, now)
        if unit_id is not None:
            units &= tx.units.tree().subtree(unit_id, tx.calendar.day(now))
        open_at = now if only_open else None
        rows = tx.make_ups.listed(units, lesson_id=lesson_id, open_at=open_at, before=before, limit=wanted + 1)
        shown = rows[:wanted]
        following = cursor_of(shown[-1].deadline_at, shown[-1].id) if len(rows) > wanted else None
        return Page(branch_views(tx, shown, principal.member_id, now), following)

    return await records.read(load)


def _units(tx: Transaction, held: Collection[str], now: dt.datetime) -> frozenset[str]:
    tree, on = tx.units.tree(), tx.calendar.day(now)
    return frozenset[str]().union(*(tree.subtree(unit, on) for unit in held))


async def extend_make_up(
    records: Records,
    principal: Principal,
    make_up_id: str,
    command_id: str,
    *,
    deadline_at: dt.datetime,
    more_attempts: int,
    reason: str,
    now: dt.datetime,
) -> BranchMakeUpView:
    """Nobody extends the own one. Raises ``forbidden``, ``make_up_not_found``, ``make_up_own``, ``make_up_closed``,
    ``invalid_body``, ``command_reused``.
    """
    held = held_in(principal, Action.VOUCH)
    body = {"deadline_at": deadline_at, "more_attempts": more_attempts, "reason": reason}
    asked = command(principal, command_id, "extend_make_up", id=make_up_id, **body)

    def work(tx: Transaction) -> BranchMakeUpView:
        known = tx.make_ups.lock(make_up_id)
        if known is None or known.unit_id not in _units(tx, held, now):
            raise Refusal("make_up_not_found", make_up_id)
        if known.member_id == principal.member_id:
            raise Refusal("make_up_own", make_up_id)

        def do() -> BranchMakeUpView:
            given = Extension(principal.account_id, now, deadline_at, reason, more_attempts)
            extended = extend(known, given)
            tx.make_ups.save(extended)
            _write_letter(tx, extended, now)
            return branch_views(tx, [extended], principal.member_id, now)[0]

        return once(tx, asked, now, _BRANCH, do)

    return await records.write(work)


@dataclass(frozen=True, slots=True)
class Reminded:
    """``skipped``: not open any more, reminded lately, or nobody's for whom one vouches."""

    reminded: int
    skipped: int


_REMINDED = TypeAdapter(Reminded)


async def remind(
    records: Records, principal: Principal, make_up_ids: Collection[str], command_id: str, now: dt.datetime
) -> Reminded:
    """A letter in the inbox of each, unread again. Raises ``forbidden``, ``command_reused``."""
    held = held_in(principal, Action.VOUCH)
    wanted = sorted(set(make_up_ids))
    asked = command(principal, command_id, "remind_make_ups", ids=wanted)

    def work(tx: Transaction) -> Reminded:
        def do() -> Reminded:
            units = _units(tx, held, now)
            due = [
                each for each in tx.make_ups.among(wanted, lock=True) if each.unit_id in units and may_remind(each, now)
            ]
            for each in due:
                tx.make_ups.save(replace(each, reminded_at=now))
                _write_letter(tx, each, now)
            return Reminded(len(due), len(wanted) - len(due))

        return once(tx, asked, now, _REMINDED, do)

    return await records.write(work)


def _write_letter(tx: Transaction, make_up: MakeUp, now: dt.datetime) -> None:
    """The offer's one letter, new again."""
    own = (make_up.id, make_up.lesson_id, _LETTER_ROUND, Wave.MAKE_UP, make_up.member_id, Channel.PORTAL, None)
    tx.deliveries.write_again(Delivery(*own, DeliveryState.SENT, now, sent_at=now))
