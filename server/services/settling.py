"""Settling a lesson (核定学时): a verdict for everybody on the roster, an entry for everybody who passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from server.domain.credit import Verdict, evidence_facts, judge, rule_facts
from server.domain.ledger import Award, Entry, EntryKind, lesson_key
from server.domain.lessons import Lesson
from server.services.evidence import gather
from server.services.make_ups import offer
from server.services.records import Transaction
from server.services.settling_entries import enter, frozen_rule, text_of
from server.services.teaching import teaching

REASON = "达到要求，核定学时"


def settle(tx: Transaction, lesson: Lesson, actor: str) -> None:
    """In the transaction that moves the lesson to settled, its row locked. All or nothing.

    Whatever was entered for the lesson already is not entered again. Raises ``rule_missing``.
    """
    assert lesson.settled_at is not None
    rule = frozen_rule(tx, lesson)
    verdicts = [judge(each, rule, lesson.credit_hundredths, lesson.settled_at) for each in gather(tx, lesson)]
    asked = text_of(rule_facts(rule))
    awards = [_award(lesson, asked, verdict, actor) for verdict in verdicts if verdict.hundredths]
    taught = teaching(tx, lesson, rule, verdicts, actor)
    awards += [taught] if taught else []
    entries = enter(tx, lesson.id, awards, lesson.settled_at)
    tx.verdicts.add(lesson.id, [_with_entry(lesson, verdict, entries) for verdict in verdicts])
    offer(tx, lesson, rule, [each for each in verdicts if taught is None or each.member_id != taught.member_id])
    tx.attendance.settle(lesson.id, {verdict.member_id: verdict.evidence.standing for verdict in verdicts})


def _award(lesson: Lesson, rule: str, verdict: Verdict, actor: str) -> Award:
    return Award(
        idempotency_key=lesson_key(lesson.id, verdict.member_id),
        kind=EntryKind.LESSON,
        member_id=verdict.member_id,
        unit_id=verdict.evidence.unit_id,
        lesson_id=lesson.id,
        hundredths=verdict.hundredths,
        rule=rule,
        evidence=text_of(evidence_facts(verdict.evidence)),
        reason=REASON,
        actor=actor,
    )


def _with_entry(lesson: Lesson, verdict: Verdict, entries: Mapping[str, Entry]) -> Verdict:
    entry = entries.get(lesson_key(lesson.id, verdict.member_id)) if verdict.hundredths else None
    return replace(verdict, entry_id=entry.id) if entry else verdict
