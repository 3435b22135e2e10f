"""What units ask of their members for a year: listing the rules, and making a new version."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain.access import Action, Principal, held_in, require_in_unit
from server.domain.dated_rules import succeed
from server.domain.ledger import EntryKind
from server.domain.year_rules import LoanCount, Position, YearRule, check_year_rule
from server.services.commands import command, once
from server.services.records import Records, Transaction
from server.services.views import Named, PersonView


@dataclass(frozen=True, slots=True)
class YearRuleView:
    id: str
    unit: Named
    name: str
    version: int
    since: dt.date
    until: dt.date | None
    targets: dict[Position, int]
    caps: dict[EntryKind, int]
    carry_most_hundredths: int
    by_month: bool
    loans: LoanCount
    made_by: PersonView
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class YearPlan:
    """Hundredths of 学时."""

    unit_id: str
    name: str
    since: dt.date
    until: dt.date | None
    targets: Mapping[Position, int]
    caps: Mapping[EntryKind, int]
    carry_most_hundredths: int
    by_month: bool
    loans: LoanCount


_VIEW = TypeAdapter(YearRuleView)


async def list_year_rules(records: Records, principal: Principal, now: dt.datetime) -> tuple[YearRuleView, ...]:
    """Every version in the units that the principal settles for, below them, and above them (they hold there too).

    By unit and version. Raises ``forbidden``.
    """
    held = held_in(principal, Action.SETTLE)

    def load(tx: Transaction) -> tuple[YearRuleView, ...]:
        on, tree = tx.calendar.day(now), tx.units.tree()
        seen = frozenset[str]().union(*(tree.subtree(unit, on) | {*tree.line(unit, on)} for unit in held))
        return _views(tx, tx.year_rules.of_units(seen), now)

    return await records.read(load)


async def add_year_rule(
    records: Records, principal: Principal, command_id: str, plan: YearPlan, now: dt.datetime
) -> YearRuleView:
    """A new version; it ends the one before. Years that are over stay as they were.

    Raises ``forbidden``, ``unit_not_found``, ``invalid_body``, ``past_fixed``, ``rule_overlaps``, ``command_reused``.
    """
    asked = command(principal, command_id, "add_year_rule", plan=_facts(plan))

    def work(tx: Transaction) -> YearRuleView:
        require_in_unit(principal, Action.SETTLE, tx.units.line(plan.unit_id, tx.calendar.day(now)))
        return once(tx, asked, now, _VIEW, lambda: _add(tx, plan, principal.account_id, now))

    return await records.write(work)


def _facts(plan: YearPlan) -> dict[str, object]:
    return {name: getattr(plan, name) for name in plan.__slots__}


def _add(tx: Transaction, plan: YearPlan, actor: str, now: dt.datetime) -> YearRuleView:
    new = YearRule(id=str(uuid.uuid4()), version=1, made_by=actor, made_at=now, **_facts(plan))  # type: ignore[arg-type]
    check_year_rule(new, tx.calendar.day(now))
    made = succeed(tx.year_rules.lock(plan.unit_id), new)
    if made.ended is not None:
        tx.year_rules.end(made.ended)
    tx.year_rules.add(made.rule)
    return _views(tx, [made.rule], now)[0]


def _views(tx: Transaction, rules: Iterable[YearRule], now: dt.datetime) -> tuple[YearRuleView, ...]:
    listed = tuple(rules)
    units = tx.units.names({rule.unit_id for rule in listed}, tx.calendar.day(now))
    people = tx.accounts.names({rule.made_by for rule in listed})
    return tuple(_view(rule, units[rule.unit_id], people.get(rule.made_by, "")) for rule in listed)


def _view(rule: YearRule, unit: str, person: str) -> YearRuleView:
    assert rule.made_at is not None
    return YearRuleView(
        id=rule.id,
        unit=Named(rule.unit_id, unit),
        name=rule.name,
        version=rule.version,
        since=rule.since,
        until=rule.until,
        targets=dict(rule.targets),
        caps=dict(rule.caps),
        carry_most_hundredths=rule.carry_most_hundredths,
        by_month=rule.by_month,
        loans=rule.loans,
        made_by=PersonView(rule.made_by, person),
        made_at=rule.made_at,
    )
