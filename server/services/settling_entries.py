"""How a lesson's entries come into the ledger, whatever grants them: settling, a review, or making up."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.credit import CreditRule
from server.domain.ledger import Award, Entry, extend
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.services.records import Transaction


def frozen_rule(tx: Transaction, lesson: Lesson) -> CreditRule | None:
    """The rule that was frozen when the lesson opened. Raises ``rule_missing`` for a lesson that grants credit."""
    rule = tx.credit_rules.get(lesson.rule_id) if lesson.rule_id else None
    if rule is None and lesson.credit_hundredths:
        raise Refusal("rule_missing", lesson.id)
    return rule


def enter(tx: Transaction, lesson_id: str, awards: Sequence[Award], at: dt.datetime) -> dict[str, Entry]:
    """Appends what the lesson's part of the ledger does not hold yet; all its entries by idempotency key."""
    head = tx.ledger.lock()
    known = {entry.idempotency_key: entry for entry in tx.ledger.of_lesson(lesson_id)}
    fresh = extend(head, (award for award in awards if award.idempotency_key not in known), at)
    tx.ledger.append(head, fresh)
    return known | {entry.idempotency_key: entry for entry in fresh}


def enter_alone(tx: Transaction, award: Award, at: dt.datetime) -> Entry:
    """One of no lesson: appended, or as it was entered before."""
    head = tx.ledger.lock()
    (entry,) = extend(head, [award], at)
    known = tx.ledger.named([entry.id]).get(entry.id)
    if known is None:
        tx.ledger.append(head, [entry])
    return known or entry


def text_of(facts: Mapping[str, Any]) -> str:
    """JSON for the ledger, in one spelling."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
