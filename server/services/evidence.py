"""What is known of each expected member at a lesson, from roster, sign-ins, presence and answers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.attendance import left_early
from server.domain.credit import Evidence, percent
from server.domain.failover import Move
from server.domain.lessons import Lesson
from server.domain.presence import Interval, Outage, Span, by_owner, lasted_ms, presence
from server.domain.presence_checks import PresenceCheck, asks, counted
from server.domain.quiz import Tally
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn, is_late, late_after
from server.services.records import Transaction

_NOTHING = Tally(0, 0)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Of the whole lesson, read once."""

    late_after: dt.datetime | None
    since: dt.datetime
    until: dt.datetime
    sign_ins: dict[str, SignIn]
    spans: dict[str, tuple[Span, ...]]  # by member and by venue
    outages: tuple[Outage, ...]
    asked: int
    tallies: dict[str, Tally]
    moves: dict[str, list[Move]]
    left_early_minutes: int | None
    on_leave: frozenset[str]
    checks: tuple[PresenceCheck, ...]
    confirmed: dict[str, frozenset[str]]
    in_rooms: bool


def gather(tx: Transaction, lesson: Lesson) -> tuple[Evidence, ...]:
    """One for each on the roster, later additions among them, in its order. The lesson has ended.

    Presence is measured from the real start to the end.
    """
    facts = _facts(tx, lesson)
    return tuple(_evidence(facts, entry) for entry in tx.roster.of(lesson.id))


def _facts(tx: Transaction, lesson: Lesson) -> _Facts:
    since = lesson.live_at or lesson.starts_at
    until = lesson.ended_at or lesson.ends_at
    moves: defaultdict[str, list[Move]] = defaultdict(list)
    for move in tx.failovers.moves(lesson.id):
        moves[move.member_id].append(move)
    rule = tx.credit_rules.get(lesson.rule_id) if lesson.rule_id else None
    outages, plan = tx.outages.between(since, until), tx.checks.plan(lesson.id)
    return _Facts(
        late_after=late_after(lesson, rule.late_after_minutes if rule else None),
        since=since,
        until=until,
        sign_ins={sign_in.member_id: sign_in for sign_in in tx.sign_ins.of(lesson.id)},
        spans=dict(by_owner(tx.spans.of(lesson.id))),
        outages=outages,
        asked=tx.quizzes.asked(lesson.id),
        tallies=tx.quizzes.tallies(lesson.id),
        moves=moves,
        left_early_minutes=rule.left_early_minutes if rule else None,
        on_leave=tx.leaves.approved(lesson.id),
        checks=counted(tx.checks.of(lesson.id), outages),
        confirmed=tx.checks.answers(lesson.id),
        in_rooms=plan is not None and plan.in_rooms,
    )


def _evidence(facts: _Facts, entry: RosterEntry) -> Evidence:
    sign_in = facts.sign_ins.get(entry.member_id)
    tally = facts.tallies.get(entry.member_id, _NOTHING)
    there = _presence(facts, entry, sign_in)
    asked = [each.id for each in facts.checks if sign_in and asks(each, sign_in, in_rooms=facts.in_rooms)]
    whole_ms = (facts.until - facts.since) // dt.timedelta(milliseconds=1)
    return Evidence(
        member_id=entry.member_id,
        unit_id=entry.unit_id,
        signed_in_at=sign_in.at if sign_in else None,
        way=sign_in.way if sign_in else None,
        late=sign_in is not None and is_late(sign_in.at, facts.late_after),
        present_percent=percent(lasted_ms(there), whole_ms),
        asked=facts.asked,
        answered=tally.answered,
        right=tally.right,
        left_early=sign_in is not None and _left_early(facts, sign_in, there),
        on_leave=entry.member_id in facts.on_leave,
        checks=len(asked),
        confirmed=len(facts.confirmed.get(entry.member_id, frozenset()).intersection(asked)),
        corrected=entry.corrected,
    )


def _left_early(facts: _Facts, sign_in: SignIn, there: Sequence[Interval]) -> bool:
    last_seen = there[-1][1] if there else min(sign_in.at, facts.until)
    return left_early(
        facts.until,
        facts.left_early_minutes,
        marked=sign_in.left_at,
        in_room=sign_in.room is not None,
        last_seen=last_seen,
    )


def _presence(facts: _Facts, entry: RosterEntry, sign_in: SignIn | None) -> tuple[Interval, ...]:
    moves = facts.moves.get(entry.member_id, ())
    owners = {entry.member_id, sign_in.lesson_venue_id if sign_in else None, *(move.target for move in moves)} - {None}
    spans = [span for owner in owners if owner for span in facts.spans.get(owner, ())]
    return presence(sign_in, entry, spans, facts.outages, facts.since, facts.until, moves)
