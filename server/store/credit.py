"""Credit rules, verdicts and reviews, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from server.domain import micro_terms, quiz_terms, worth_terms
from server.domain.credit import (
    CreditRule,
    Failing,
    Review,
    ReviewState,
    Verdict,
    VerdictFilter,
    evidence_facts,
    evidence_of,
)
from server.domain.lessons import Lesson
from server.domain.make_up_terms import terms_of
from server.domain.refusals import Refusal
from server.store.lessons import lesson_of
from server.store.places import place_of
from server.store.schema import credit_rules, lessons, reviews, roster_entries, sign_ins, units, verdicts
from server.store.upserts import insert


class SqlCreditRules:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, rule_id: str) -> CreditRule | None:
        return self.named([rule_id]).get(rule_id)

    def named(self, rule_ids: Collection[str]) -> dict[str, CreditRule]:
        return {rule.id: rule for rule in self._where(credit_rules.c.id.in_(rule_ids))} if rule_ids else {}

    def of_units(self, unit_ids: Collection[str]) -> tuple[CreditRule, ...]:
        return self._where(credit_rules.c.unit_id.in_(unit_ids))

    def lock(self, unit_id: str) -> tuple[CreditRule, ...]:
        """The unit's row is the lock: there may be no rule yet."""
        self._connection.execute(sa.select(units.c.id).where(units.c.id == unit_id).with_for_update())
        return self.of_units([unit_id])

    def _where(self, condition: sa.ColumnElement[bool]) -> tuple[CreditRule, ...]:
        query = sa.select(credit_rules).where(condition).order_by(credit_rules.c.unit_id, credit_rules.c.version)
        return tuple(_rule(row) for row in self._connection.execute(query))

    def add(self, rule: CreditRule) -> None:
        self._connection.execute(
            sa.insert(credit_rules).values(
                {**asdict(replace(rule, worth=None)), "worth": worth_terms.facts_of(rule.worth)}
            )
        )

    def end(self, rule: CreditRule) -> None:
        change = sa.update(credit_rules).where(credit_rules.c.id == rule.id)
        self._connection.execute(change.values(until=rule.until))


def _rule(row: sa.Row[Any]) -> CreditRule:
    terms = {
        "make_up": terms_of(row.make_up),
        "micro": micro_terms.terms_of(row.micro),
        "quiz": quiz_terms.terms_of(row.quiz),
        "worth": worth_terms.terms_of(row.worth),
    }
    return CreditRule(**{**row._mapping, **terms})


class SqlVerdicts:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, lesson_id: str, member_id: str) -> tuple[Verdict, str] | None:
        mine = (verdicts.c.lesson_id == lesson_id, verdicts.c.member_id == member_id)
        row = self._connection.execute(_NAMED.where(*mine)).one_or_none()
        return None if row is None else (_verdict(row), row.name)

    def listed(
        self, lesson_id: str, wanted: VerdictFilter, after: str | None, limit: int
    ) -> tuple[tuple[Verdict, str], ...]:
        conditions = [verdicts.c.lesson_id == lesson_id, *_wanted(wanted)]
        if after is not None:
            conditions.append(sa.tuple_(*_ORDER) > self._place(lesson_id, after))
        rows = self._connection.execute(_NAMED.where(*conditions).order_by(*_ORDER).limit(limit))
        return tuple((_verdict(row), row.name) for row in rows)

    def _place(self, lesson_id: str, member_id: str) -> sa.Tuple:
        """Where in the order a member stands. Raises ``invalid_body`` for one who is not on the roster."""
        mine = (roster_entries.c.lesson_id == lesson_id, roster_entries.c.member_id == member_id)
        row = self._connection.execute(sa.select(*_ORDER).where(*mine)).one_or_none()
        if row is None:
            raise Refusal("invalid_body", "cursor")
        return sa.tuple_(*row)

    def add(self, lesson_id: str, added: Sequence[Verdict]) -> None:
        if added:
            rows = [{"lesson_id": lesson_id, "member_id": v.member_id, **_values(v)} for v in added]
            self._connection.execute(sa.insert(verdicts), rows)

    def save(self, lesson_id: str, verdict: Verdict) -> None:
        mine = (verdicts.c.lesson_id == lesson_id, verdicts.c.member_id == verdict.member_id)
        self._connection.execute(sa.update(verdicts).where(*mine).values(_values(verdict)))


_SAME = sa.and_(roster_entries.c.lesson_id == verdicts.c.lesson_id, roster_entries.c.member_id == verdicts.c.member_id)
_NAMED = sa.select(verdicts, roster_entries.c.name).select_from(verdicts.join(roster_entries, _SAME))
_ORDER = (roster_entries.c.unit_id, roster_entries.c.name, roster_entries.c.member_id)


def _wanted(wanted: VerdictFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.passed is not None:
        conditions.append(verdicts.c.passed.is_(wanted.passed))
    if wanted.unit_ids is not None:
        conditions.append(roster_entries.c.unit_id.in_(wanted.unit_ids))
    if wanted.lesson_venue_id is not None:
        here = place_of(sign_ins) == wanted.lesson_venue_id
        came = sa.exists().where(
            sign_ins.c.lesson_id == verdicts.c.lesson_id, sign_ins.c.member_id == verdicts.c.member_id, here
        )
        conditions.append(sa.or_(place_of(roster_entries) == wanted.lesson_venue_id, came))
    return conditions


def _values(verdict: Verdict) -> dict[str, Any]:
    return {
        "passed": verdict.passed,
        "failings": [failing.value for failing in verdict.failings],
        "evidence": evidence_facts(verdict.evidence),
        "hundredths": verdict.hundredths,
        "entry_id": verdict.entry_id,
        "at": verdict.at,
    }


def _verdict(row: sa.Row[Any]) -> Verdict:
    return Verdict(
        member_id=row.member_id,
        passed=row.passed,
        failings=tuple(Failing(code) for code in row.failings),
        evidence=evidence_of(row.member_id, row.evidence),
        hundredths=row.hundredths,
        at=row.at,
        entry_id=row.entry_id,
    )


class SqlReviews:
    """``open_key`` is unique and set while a review is open: a member has one open review in a lesson."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, review_id: str) -> Review | None:
        row = self._connection.execute(sa.select(reviews).where(reviews.c.id == review_id)).one_or_none()
        return None if row is None else _review(row)

    def of(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, Review]:
        theirs = (reviews.c.lesson_id == lesson_id, reviews.c.member_id.in_(member_ids))
        rows = self._connection.execute(sa.select(reviews).where(*theirs).order_by(reviews.c.asked_at, reviews.c.id))
        return {row.member_id: _review(row) for row in rows}

    def listed(
        self,
        unit_ids: Collection[str],
        states: Collection[ReviewState],
        before: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> tuple[tuple[Review, Lesson], ...]:
        conditions: list[sa.ColumnElement[bool]] = [lessons.c.unit_id.in_(unit_ids)]
        if states:
            conditions.append(reviews.c.state.in_([state.value for state in states]))
        if before is not None:
            conditions.append(sa.tuple_(reviews.c.asked_at, reviews.c.id) < _cursor(before))
        query = sa.select(reviews).join(lessons, lessons.c.id == reviews.c.lesson_id).where(*conditions)
        found = [_review(row) for row in self._newest(query, limit)]
        of_them = sa.select(lessons).where(lessons.c.id.in_({review.lesson_id for review in found}))
        by_id = {row.id: lesson_of(row) for row in self._connection.execute(of_them)}
        return tuple((review, by_id[review.lesson_id]) for review in found)

    def _newest(self, query: sa.Select[Any], limit: int) -> sa.CursorResult[Any]:
        return self._connection.execute(query.order_by(reviews.c.asked_at.desc(), reviews.c.id.desc()).limit(limit))

    def add(self, review: Review) -> bool:
        added = insert(self._connection, reviews).values(_row(review))
        return self._connection.execute(added.on_conflict_do_nothing(index_elements=["open_key"])).rowcount == 1

    def save(self, review: Review) -> None:
        self._connection.execute(sa.update(reviews).where(reviews.c.id == review.id).values(_row(review)))


def _cursor(before: tuple[dt.datetime, str]) -> sa.Tuple:
    at, last_id = before
    return sa.tuple_(sa.literal(at, reviews.c.asked_at.type), sa.literal(last_id))


def _row(review: Review) -> dict[str, Any]:
    is_open = review.state is ReviewState.OPEN
    open_key = f"{review.lesson_id}:{review.member_id}" if is_open else None
    return {**asdict(review), "state": review.state.value, "open_key": open_key}


def _review(row: sa.Row[Any]) -> Review:
    own = {name: value for name, value in row._mapping.items() if name != "open_key"}
    return Review(**{**own, "state": ReviewState(row.state)})
