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
from server.domain.presence import Interval, Outage, Span, attended, by_owner, lasted_ms, presence
from server.domain.presence_checks import PresenceCheck, asks, counted
from server.domain.proof import Doubt, Parts, doubts, latency_ms, level
from server.domain.quiz import Tally
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn, Way, is_late, late_after
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
    flags: dict[str, tuple[Doubt, ...]]
    media: bool

    @property
    def whole_ms(self) -> int:
        return (self.until - self.since) // dt.timedelta(milliseconds=1)


def gather(tx: Transaction, lesson: Lesson) -> tuple[Evidence, ...]:
    """One for each on the roster, later additions among them, in its order. The lesson has ended.

    Presence is measured from the real start to the end.
    """
    facts = _facts(tx, lesson)
    return tuple(_evidence(facts, entry) for entry in tx.roster.of(lesson.id))


def sign_in_parts(tx: Transaction, lesson: Lesson) -> dict[str, Parts]:
    """How the sign-ins of a lesson are evidenced, by member; and whoever left a trace without being signed in.

    How long somebody was there is known when the lesson is over.
    """
    facts = _facts(tx, lesson)
    concerned = facts.sign_ins.keys() | facts.flags.keys()
    entries = {entry.member_id: entry for entry in tx.roster.of(lesson.id)} if lesson.ended_at else {}
    return {member_id: _parts_of(facts, entries.get(member_id), member_id) for member_id in concerned}


def _parts_of(facts: _Facts, entry: RosterEntry | None, member_id: str) -> Parts:
    sign_in = facts.sign_ins.get(member_id)
    share = None if entry is None else percent(lasted_ms(_presence(facts, entry, sign_in)), facts.whole_ms)
    return _parts(facts, member_id, sign_in, share, _asked(facts, sign_in))


def _asked(facts: _Facts, sign_in: SignIn | None) -> list[str]:
    return [each.id for each in facts.checks if sign_in and asks(each, sign_in, in_rooms=facts.in_rooms)]


def _parts(
    facts: _Facts, member_id: str, sign_in: SignIn | None, present_percent: int | None, asked: Sequence[str]
) -> Parts:
    flags = facts.flags.get(member_id, ())
    if sign_in is None:
        return Parts(Way.PHONE, at_venue=False, flags=flags)
    return Parts(
        way=sign_in.way,
        at_venue=sign_in.lesson_venue_id is not None,
        at_network=sign_in.at_network,
        latency_ms=latency_ms(sign_in),
        own_device=sign_in.device_digest is not None,
        flags=flags,
        present_percent=present_percent,
        checks=len(asked),
        confirmed=len(facts.confirmed.get(member_id, frozenset()).intersection(asked)),
    )


def _facts(tx: Transaction, lesson: Lesson) -> _Facts:
    """Presence is read of a lesson that is over, not of one that runs."""
    since = lesson.live_at or lesson.starts_at
    until = lesson.ended_at or lesson.ends_at
    flags: defaultdict[str, tuple[Doubt, ...]] = defaultdict(tuple)
    for flag in tx.findings.flags(lesson.id):
        flags[flag.member_id] += (flag.doubt,)
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
        spans=dict(by_owner(tx.spans.of(lesson.id))) if lesson.ended_at else {},
        outages=outages,
        asked=tx.quizzes.asked(lesson.id),
        tallies=tx.quizzes.tallies(lesson.id),
        moves=moves,
        left_early_minutes=rule.left_early_minutes if rule else None,
        on_leave=tx.leaves.approved(lesson.id),
        checks=counted(tx.checks.of(lesson.id), outages),
        confirmed=tx.checks.answers(lesson.id),
        in_rooms=plan is not None and plan.in_rooms,
        flags=dict(flags),
        media=lesson.media,
    )


def _evidence(facts: _Facts, entry: RosterEntry) -> Evidence:
    sign_in = facts.sign_ins.get(entry.member_id)
    tally = facts.tallies.get(entry.member_id, _NOTHING)
    there = _presence(facts, entry, sign_in)
    share = percent(lasted_ms(there), facts.whole_ms)
    parts = _parts(facts, entry.member_id, sign_in, share, _asked(facts, sign_in))
    return Evidence(
        member_id=entry.member_id,
        unit_id=entry.unit_id,
        signed_in_at=sign_in.at if sign_in else None,
        way=sign_in.way if sign_in else None,
        late=sign_in is not None and is_late(sign_in.at, facts.late_after),
        present_percent=share,
        asked=facts.asked,
        answered=tally.answered,
        right=tally.right,
        left_early=sign_in is not None and _left_early(facts, sign_in, there),
        on_leave=entry.member_id in facts.on_leave,
        checks=parts.checks,
        confirmed=parts.confirmed,
        corrected=entry.corrected,
        level=level(parts) if sign_in else None,
        doubts=doubts(parts),
        at_network=parts.at_network,
        latency_ms=parts.latency_ms,
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
    if not facts.media:
        return attended(sign_in, facts.since, facts.until)
    moves = facts.moves.get(entry.member_id, ())
    owners = {entry.member_id, sign_in.lesson_venue_id if sign_in else None, *(move.target for move in moves)} - {None}
    spans = [span for owner in owners if owner for span in facts.spans.get(owner, ())]
    return presence(sign_in, entry, spans, facts.outages, facts.since, facts.until, moves)
