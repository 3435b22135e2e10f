"""Looking at a rule before it is made: what it would have given, and what a lesson is worth by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from server.domain.access import Action, Principal, held_in, require_planning
from server.domain.credit import SENTENCES, CreditRule, Failing, Verdict, VerdictFilter
from server.domain.dated_rules import in_force
from server.domain.lesson_kinds import LessonKind
from server.domain.refusals import Refusal
from server.domain.rule_preview import Differs, preview
from server.domain.worth_terms import By, worth
from server.services.credit_rules import RulePlan, rule_of
from server.services.credit_views import FailingView, LessonNameView
from server.services.finding import allowed_target
from server.services.records import Records, Transaction
from server.services.verdicts import check_settled
from server.services.views import Named, RuleNameView

_AT_ONCE = 1000
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class DiffersView:
    member: Named
    unit: Named
    before: int
    after: int
    failings_before: tuple[FailingView, ...]
    failings_after: tuple[FailingView, ...]
    by_person: bool


@dataclass(frozen=True, slots=True)
class RulePreviewView:
    """In persons, and hundredths. ``items``: whom it would give something else, 500 at most."""

    lesson: LessonNameView
    rule: RuleNameView | None
    hundredths_before: int
    hundredths_after: int
    by: By | None
    people: int
    passed_before: int
    passed_after: int
    late_before: int
    late_after: int
    more: int
    less: int
    items: tuple[DiffersView, ...]


@dataclass(frozen=True, slots=True)
class WorthView:
    """``hundredths``, ``by`` None: the rule does not say."""

    hundredths: int | None
    by: By | None
    rule: RuleNameView | None


async def preview_rule(
    records: Records, principal: Principal, lesson_id: str, plan: RulePlan, now: dt.datetime
) -> RulePreviewView:
    """For who settles the lesson. Raises ``lesson_not_found``, ``forbidden``, ``not_settled``, ``invalid_body``."""

    def load(tx: Transaction) -> RulePreviewView:
        lesson = allowed_target(tx, principal, Action.SETTLE, lesson_id, now).lesson
        check_settled(lesson)
        before = tx.credit_rules.get(lesson.rule_id) if lesson.rule_id else None
        whole, differing = preview(lesson, _verdicts(tx, lesson_id), before, rule_of(plan, principal.account_id, now))
        shown = differing[:MOST_SHOWN]
        units = tx.units.names({each.unit_id for each in shown}, tx.calendar.day(now))
        return RulePreviewView(
            lesson=LessonNameView(lesson.id, lesson.title),
            rule=_named(before),
            hundredths_before=whole.hundredths_before,
            hundredths_after=whole.hundredths_after,
            by=whole.by,
            people=whole.people,
            passed_before=whole.passed_before,
            passed_after=whole.passed_after,
            late_before=whole.late_before,
            late_after=whole.late_after,
            more=whole.more,
            less=whole.less,
            items=tuple(_view(each, units[each.unit_id]) for each in shown),
        )

    return await records.read(load)


def _verdicts(tx: Transaction, lesson_id: str) -> Iterator[tuple[Verdict, str]]:
    after: str | None = None
    while True:
        rows = tx.verdicts.listed(lesson_id, VerdictFilter(), after, _AT_ONCE)
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0].member_id


def _view(each: Differs, unit: str) -> DiffersView:
    return DiffersView(
        *(Named(each.member_id, each.name), Named(each.unit_id, unit), each.before, each.after),
        *(_failings(each.failings_before), _failings(each.failings_after)),
        by_person=each.by_person,
    )


def _failings(codes: tuple[Failing, ...]) -> tuple[FailingView, ...]:
    return tuple(FailingView(code, *SENTENCES[code]) for code in codes)


def _named(rule: CreditRule | None) -> RuleNameView | None:
    return RuleNameView(rule.id, rule.name, rule.version) if rule else None


async def lesson_worth(
    records: Records,
    principal: Principal,
    *,
    unit_id: str,
    kind: LessonKind,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    now: dt.datetime,
) -> WorthView:
    """What the rule in force on that day says of a lesson that is being planned; a proposal. Raises ``forbidden``,
    ``unit_not_found``, ``invalid_body``.
    """
    held_in(principal, Action.VOUCH)  # who plans at all: the school's, and secretaries for their own

    def load(tx: Transaction) -> WorthView:
        line = tx.units.line(unit_id, tx.calendar.day(now))
        require_planning(principal, line, kind, media=False)
        if not starts_at < ends_at <= starts_at + dt.timedelta(days=1):
            raise Refusal("invalid_body", "ends_at: after starts_at, within a day")
        rule = in_force(tx.credit_rules.of_units(line), line, tx.calendar.day(starts_at))
        found = worth(rule.worth if rule else None, kind, int((ends_at - starts_at).total_seconds()) // 60)
        return WorthView(found.hundredths if found else None, found.by if found else None, _named(rule))

    return await records.read(load)
