"""How often each kind of lesson is to be held: dated rules, made by who plans lessons of the unit."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from server.domain.access import Action, Principal, held_in, require_in_unit
from server.domain.lesson_kinds import REGULAR, Every, KindRule, KindRules, LessonKind, check_kind_rule
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.records import Records, Transaction
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class KindRuleView:
    """``unit``, ``since`` None: what holds where nobody has said anything. ``holds``: it is the unit's present one."""

    id: str
    unit: Named | None
    kind: LessonKind
    since: dt.date | None
    every: Every
    times: int
    day: int | None
    above: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class KindRulesView:
    """``rules``: what was ever said in the units in question, the newest first; ``usual``: the customary rhythm."""

    rules: tuple[KindRuleView, ...]
    usual: tuple[KindRuleView, ...]


@dataclass(frozen=True, slots=True)
class KindRulePlan:
    unit_id: str
    kind: LessonKind
    since: dt.date
    every: Every
    times: int
    day: int | None
    above: bool


_VIEW = TypeAdapter(KindRuleView)


async def list_kind_rules(records: Records, principal: Principal, now: dt.datetime) -> KindRulesView:
    """Of the units for which the principal vouches, below them, and above them (they hold there too).

    Raises ``forbidden``.
    """
    held = held_in(principal, Action.VOUCH)

    def load(tx: Transaction) -> KindRulesView:
        on, tree = tx.calendar.day(now), tx.units.tree()
        seen = frozenset[str]().union(*(tree.subtree(unit, on) | {*tree.line(unit, on)} for unit in held))
        rules = [rule for rule in tx.kind_rules.all() if rule.unit_id in seen]
        rules.sort(key=lambda rule: (rule.since, rule.kind, rule.unit_id), reverse=True)
        usual = KindRules(()).in_force
        return KindRulesView(
            _views(tx, rules, now), tuple(_view(usual(kind, (), on), None, on, ()) for kind in REGULAR)
        )

    return await records.read(load)


def _views(tx: Transaction, rules: Collection[KindRule], now: dt.datetime) -> tuple[KindRuleView, ...]:
    on = tx.calendar.day(now)
    names = tx.units.names({rule.unit_id for rule in rules}, on)
    return tuple(_view(rule, names[rule.unit_id], on, rules) for rule in rules)


def _view(rule: KindRule, unit: str | None, on: dt.date, among: Collection[KindRule]) -> KindRuleView:
    newest = KindRules(among).in_force(rule.kind, (rule.unit_id,), on)
    return KindRuleView(
        id=rule.id,
        unit=None if unit is None else Named(rule.unit_id, unit),
        kind=rule.kind,
        since=None if unit is None else rule.since,
        every=rule.every,
        times=rule.times,
        day=rule.day,
        above=rule.above,
        holds=newest.id == rule.id,
    )


async def put_kind_rule(
    records: Records, principal: Principal, command_id: str, plan: KindRulePlan, now: dt.datetime
) -> KindRuleView:
    """From a day on, today at the earliest: what was due before stays due. Raises ``forbidden``, ``unit_not_found``,
    ``past_fixed``, ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "put_kind_rule", plan=asdict(plan))

    def do(tx: Transaction) -> KindRuleView:
        if plan.since < tx.calendar.day(now):
            raise Refusal("past_fixed", str(plan.since))
        rule = KindRule(id=str(uuid.uuid4()), **asdict(plan))
        check_kind_rule(rule)
        tx.kind_rules.put(rule)
        return next(each for each in _views(tx, tx.kind_rules.all(), now) if each.id == rule.id)

    def work(tx: Transaction) -> KindRuleView:
        require_in_unit(principal, Action.EDIT, tx.units.line(plan.unit_id, tx.calendar.day(now)))
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)
