"""Credit rules: listing them, making a new version, and which one holds for a lesson."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from server.domain import micro_terms, quiz_terms, worth_terms
from server.domain.access import Action, Principal, held_in, require_in_unit
from server.domain.credit import CreditRule
from server.domain.dated_rules import in_force, succeed
from server.domain.lessons import Lesson
from server.domain.make_up_terms import MakeUpTerms
from server.domain.micro_terms import MicroTerms
from server.domain.quiz_terms import QuizTerms
from server.domain.refusals import Refusal
from server.domain.worth_terms import WorthTerms
from server.services.commands import command, once
from server.services.credit_views import CreditRuleView, rule_views
from server.services.records import Records, Transaction

_VIEW = TypeAdapter(CreditRuleView)


@dataclass(frozen=True, slots=True)
class RulePlan:
    """Percentages are whole, 0…100; None: not asked."""

    unit_id: str
    name: str
    since: dt.date
    until: dt.date | None
    late_after_minutes: int
    least_present_percent: int
    least_answered_percent: int | None
    least_right_percent: int | None
    left_early_minutes: int | None = None
    checks: int = 0
    checks_in_rooms: bool = False
    least_checks_percent: int | None = None
    make_up: MakeUpTerms | None = None
    micro: MicroTerms | None = None
    quiz: QuizTerms | None = None
    worth: WorthTerms | None = None
    teaching_percent: int | None = None


async def list_rules(records: Records, principal: Principal, now: dt.datetime) -> tuple[CreditRuleView, ...]:
    """Every version in the units that the principal settles for, below them, and above them (they hold there too).

    By unit and version. Raises ``forbidden``.
    """
    held = held_in(principal, Action.SETTLE)

    def load(tx: Transaction) -> tuple[CreditRuleView, ...]:
        on, tree = tx.calendar.day(now), tx.units.tree()
        seen = frozenset[str]().union(*(tree.subtree(unit, on) | {*tree.line(unit, on)} for unit in held))
        return rule_views(tx, tx.credit_rules.of_units(seen), now)

    return await records.read(load)


async def add_rule(
    records: Records, principal: Principal, command_id: str, plan: RulePlan, now: dt.datetime
) -> CreditRuleView:
    """A new version; it ends the one before. Raises ``forbidden``, ``unit_not_found``, ``invalid_body``,
    ``rule_overlaps``, ``command_reused``.
    """
    asked = command(principal, command_id, "add_rule", plan=asdict(plan))

    def work(tx: Transaction) -> CreditRuleView:
        require_in_unit(principal, Action.SETTLE, tx.units.line(plan.unit_id, tx.calendar.day(now)))
        return once(tx, asked, now, _VIEW, lambda: _add(tx, plan, principal.account_id, now))

    return await records.write(work)


def rule_of(plan: RulePlan, made_by: str, made_at: dt.datetime) -> CreditRule:
    """Of no version yet. Raises ``invalid_body``."""
    if plan.micro is not None:
        micro_terms.check(plan.micro)
    if plan.quiz is not None:
        quiz_terms.check(plan.quiz)
    if plan.worth is not None:
        worth_terms.check(plan.worth)
    own = {name: getattr(plan, name) for name in plan.__slots__}
    return CreditRule(id=str(uuid.uuid4()), version=1, made_by=made_by, made_at=made_at, **own)


def _add(tx: Transaction, plan: RulePlan, made_by: str, now: dt.datetime) -> CreditRuleView:
    new = rule_of(plan, made_by, now)
    made = succeed(tx.credit_rules.lock(plan.unit_id), new)
    if made.ended is not None:
        tx.credit_rules.end(made.ended)
    tx.credit_rules.add(made.rule)
    return rule_views(tx, [made.rule], now)[0]


def rule_for(tx: Transaction, lesson: Lesson, now: dt.datetime) -> CreditRule | None:
    """The one in force on the lesson's day for its unit. Raises ``rule_missing`` when it grants credit without one."""
    line = tx.units.line(lesson.unit_id, tx.calendar.day(now))
    rule = in_force(tx.credit_rules.of_units(line), line, tx.calendar.day(lesson.starts_at))
    if rule is None and lesson.credit_hundredths:
        raise Refusal("rule_missing", lesson.unit_id)
    return rule
