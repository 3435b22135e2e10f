"""Credit for who taught a lesson (授课学时): as the rule multiplies it, with what attending gave already."""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.credit import CreditRule, Verdict, rule_facts
from server.domain.ledger import Award, EntryKind, teaching_key
from server.domain.lessons import Lesson
from server.services.records import Transaction
from server.services.settling_entries import text_of

REASON = "授课，核定学时"


def teaching(
    tx: Transaction, lesson: Lesson, rule: CreditRule | None, verdicts: Sequence[Verdict], actor: str
) -> Award | None:
    """For a lecturer who is a member, of ours on the lesson's day. Whoever passed as a listener, too, is granted the
    difference, so that both together are what the rule says.
    """
    account = tx.accounts.get(lesson.lecturer_id) if lesson.lecturer_id else None
    if rule is None or not rule.teaching_percent or account is None or account.member_id is None:
        return None
    person = tx.members.found([account.member_id], tx.calendar.day(lesson.starts_at)).get(account.member_id)
    listened = sum(each.hundredths for each in verdicts if each.member_id == account.member_id)
    hundredths = lesson.credit_hundredths * rule.teaching_percent // 100 - listened
    if person is None or hundredths <= 0:
        return None
    evidence = {"lecturer": True, "teaching_percent": rule.teaching_percent, "listened_hundredths": listened}
    return Award(
        idempotency_key=teaching_key(lesson.id, person.member_id),
        kind=EntryKind.TEACHING,
        member_id=person.member_id,
        unit_id=person.unit_id,
        lesson_id=lesson.id,
        hundredths=hundredths,
        rule=text_of(rule_facts(rule)),
        evidence=text_of(evidence),
        reason=REASON,
        actor=actor,
    )


def who_taught(tx: Transaction, lesson_id: str) -> frozenset[str]:
    """Whom the ledger grants that, with its corrections: then there is nothing more to be granted for the lesson."""
    granted: dict[str, int] = {}
    for each in tx.ledger.of_lesson(lesson_id):
        if each.kind == EntryKind.TEACHING:
            granted[each.member_id] = granted.get(each.member_id, 0) + each.hundredths
    return frozenset(member_id for member_id, hundredths in granted.items() if hundredths > 0)
