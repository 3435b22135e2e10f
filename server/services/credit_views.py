"""Credit as the faces see it: the objects of docs/protocol.md as frozen dataclasses, same field names."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.attendance import Standing
from server.domain.credit import SENTENCES, CreditRule, Evidence, Failing, Review, ReviewState, Verdict
from server.domain.ledger import Entry, EntryKind
from server.domain.lessons import Lesson
from server.domain.make_up_terms import MakeUpTerms
from server.domain.micro_terms import MicroTerms
from server.domain.outside import OutsideCredit
from server.domain.proof import Doubt, Level
from server.domain.quiz_terms import QuizTerms
from server.domain.sign_ins import Way
from server.domain.worth_terms import WorthTerms
from server.services.finding import report_day
from server.services.make_up_marks import MadeUpView, made_up
from server.services.records import Transaction
from server.services.views import Named, PersonView, RuleNameView


@dataclass(frozen=True, slots=True)
class CreditRuleView:
    id: str
    unit: Named
    name: str
    version: int
    since: dt.date
    until: dt.date | None
    late_after_minutes: int
    least_present_percent: int
    least_answered_percent: int | None
    least_right_percent: int | None
    left_early_minutes: int | None
    checks: int
    checks_in_rooms: bool
    least_checks_percent: int | None
    make_up: MakeUpTerms | None
    micro: MicroTerms | None
    quiz: QuizTerms | None
    worth: WorthTerms | None
    teaching_percent: int | None
    made_by: PersonView | None
    made_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class LessonNameView:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class OutsideNameView:
    """``proof_id``: None when there is no file, or no longer."""

    id: str
    title: str
    held_on: dt.date
    proof_id: str | None


@dataclass(frozen=True, slots=True)
class CorrectingView:
    """Of an entry that corrects another one (学时更正): which, from what to what, why and by whom."""

    entry_id: str
    before: int
    after: int
    reason: str
    by: PersonView


@dataclass(frozen=True, slots=True)
class CreditEntryView:
    """``outside``: what was learned elsewhere, of an entry of that kind. ``comes_to``: with all its corrections; what
    a correcting entry comes to is told by the corrected one, and here 0. ``may_correct``: by who looks.
    """

    id: str
    position: int
    kind: EntryKind
    lesson: LessonNameView | None
    outside: OutsideNameView | None
    hundredths: int
    reason: str
    rule: RuleNameView | None
    at: dt.datetime
    hash: str
    comes_to: int
    correcting: CorrectingView | None
    may_correct: bool


@dataclass(frozen=True, slots=True)
class ReviewView:
    id: str
    lesson: LessonNameView
    member: Named
    text: str
    state: ReviewState
    asked_at: dt.datetime
    decided_at: dt.datetime | None
    decided_by: PersonView | None
    answer: str
    entry: CreditEntryView | None


@dataclass(frozen=True, slots=True)
class FailingView:
    code: Failing
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    signed_in_at: dt.datetime | None
    way: Way | None
    late: bool
    present_percent: int
    asked: int
    answered: int
    right: int
    standing: Standing
    left_early: bool
    on_leave: bool
    corrected: Standing | None
    checks: int
    confirmed: int
    level: Level | None
    doubts: tuple[Doubt, ...]
    at_network: bool | None
    latency_ms: int | None


@dataclass(frozen=True, slots=True)
class VerdictView:
    member_id: str
    name: str
    unit: Named
    passed: bool
    hundredths: int
    failings: tuple[FailingView, ...]
    evidence: EvidenceView
    entry: CreditEntryView | None
    review: ReviewView | None
    make_up: MadeUpView | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class CreditView:
    """``hundredths``: the sum of the year's entries."""

    year: int
    hundredths: int
    entries: tuple[CreditEntryView, ...]


def rule_views(tx: Transaction, rules: Iterable[CreditRule], now: dt.datetime) -> tuple[CreditRuleView, ...]:
    listed = tuple(rules)
    names = tx.units.names({rule.unit_id for rule in listed}, tx.calendar.day(now))
    people = tx.accounts.names({rule.made_by for rule in listed if rule.made_by})
    return tuple(
        CreditRuleView(
            id=rule.id,
            unit=Named(rule.unit_id, names[rule.unit_id]),
            name=rule.name,
            version=rule.version,
            since=rule.since,
            until=rule.until,
            late_after_minutes=rule.late_after_minutes,
            least_present_percent=rule.least_present_percent,
            least_answered_percent=rule.least_answered_percent,
            least_right_percent=rule.least_right_percent,
            left_early_minutes=rule.left_early_minutes,
            checks=rule.checks,
            checks_in_rooms=rule.checks_in_rooms,
            least_checks_percent=rule.least_checks_percent,
            make_up=rule.make_up,
            micro=rule.micro,
            quiz=rule.quiz,
            worth=rule.worth,
            teaching_percent=rule.teaching_percent,
            made_by=PersonView(rule.made_by, people.get(rule.made_by, "")) if rule.made_by else None,
            made_at=rule.made_at,
        )
        for rule in listed
    )


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is told with an entry: its lesson's title, what was learned outside, and its corrections."""

    title: str
    outside: OutsideCredit | None = None
    comes_to: int | None = None
    correcting: CorrectingView | None = None
    may_correct: bool = False


def _entry_view(entry: Entry, beside: _Beside) -> CreditEntryView:
    """The rule is shown as it was entered."""
    rule, outside, title = json.loads(entry.rule), beside.outside, beside.title
    return CreditEntryView(
        id=entry.id,
        position=entry.position,
        kind=EntryKind(entry.kind),
        lesson=LessonNameView(entry.lesson_id, title) if entry.lesson_id else None,
        outside=OutsideNameView(outside.id, outside.title, outside.held_on, outside.proof_id) if outside else None,
        hundredths=entry.hundredths,
        reason=entry.reason,
        rule=RuleNameView(rule["id"], rule["name"], rule["version"]) if rule else None,
        at=entry.at,
        hash=entry.hash,
        comes_to=entry.hundredths if beside.comes_to is None else beside.comes_to,
        correcting=beside.correcting,
        may_correct=beside.may_correct,
    )


def entry_views(
    tx: Transaction, entries: Iterable[Entry], *, may_correct: Collection[str] = ()
) -> tuple[CreditEntryView, ...]:
    """``may_correct``: ids of those that who looks may correct."""
    listed = tuple(entries)
    titles = tx.lessons.titles({entry.lesson_id for entry in listed if entry.lesson_id})
    elsewhere = [entry.id for entry in listed if entry.kind == EntryKind.OUTSIDE]
    outside = tx.outside.of_entries(elsewhere) if elsewhere else {}
    corrections = tx.entry_corrections.about([entry.id for entry in listed]) if listed else ()
    people = tx.accounts.names({each.by for each in corrections}) if corrections else {}
    sums = {each.corrected_id: each.after for each in corrections}
    told = {
        each.entry_id: CorrectingView(
            *(each.corrected_id, each.before, each.after, each.reason), PersonView(each.by, people.get(each.by, ""))
        )
        for each in corrections
    }

    def beside(entry: Entry) -> _Beside:
        return _Beside(
            title=titles.get(entry.lesson_id or "", ""),
            outside=outside.get(entry.id),
            comes_to=0 if entry.id in told else sums.get(entry.id),
            correcting=told.get(entry.id),
            may_correct=entry.id in may_correct,
        )

    return tuple(_entry_view(entry, beside(entry)) for entry in listed)


def _views_by_id(
    tx: Transaction, entry_ids: Collection[str], corrector: Principal | None = None
) -> dict[str, CreditEntryView]:
    entries = tx.ledger.named(entry_ids)
    others = [each.id for each in entries.values() if corrector and each.member_id != corrector.member_id]
    return {view.id: view for view in entry_views(tx, entries.values(), may_correct=others)}


def review_views(tx: Transaction, reviews: Iterable[tuple[Review, Lesson]]) -> tuple[ReviewView, ...]:
    """Each with its lesson."""
    listed = tuple(reviews)
    people = tx.accounts.names({review.decided_by for review, _ in listed if review.decided_by})
    members = tx.members.names({review.member_id for review, _ in listed})
    entries = _views_by_id(tx, {review.entry_id for review, _ in listed if review.entry_id})

    def one(review: Review, lesson: Lesson) -> ReviewView:
        return ReviewView(
            id=review.id,
            lesson=LessonNameView(lesson.id, lesson.title),
            member=Named(review.member_id, members[review.member_id]),
            text=review.text,
            state=review.state,
            asked_at=review.asked_at,
            decided_at=review.decided_at,
            decided_by=PersonView(review.decided_by, people[review.decided_by]) if review.decided_by else None,
            answer=review.answer,
            entry=entries.get(review.entry_id or ""),
        )

    return tuple(one(*pair) for pair in listed)


def verdict_views(
    tx: Transaction,
    lesson: Lesson,
    verdicts: Iterable[tuple[Verdict, str]],
    *,
    reviews: bool = True,
    corrector: Principal | None = None,
) -> tuple[VerdictView, ...]:
    """Each with the member's name, and with the newest review if wanted. ``corrector``: who may correct the entries."""
    listed = tuple(verdicts)
    units = tx.units.names({verdict.evidence.unit_id for verdict, _ in listed}, report_day(tx, lesson))
    entries = _views_by_id(tx, {verdict.entry_id for verdict, _ in listed if verdict.entry_id}, corrector)
    asked = tx.reviews.of(lesson.id, {verdict.member_id for verdict, _ in listed}) if reviews else {}
    offers = made_up(tx, lesson.id, {verdict.member_id for verdict, _ in listed if not verdict.passed})
    newest = {view.member.id: view for view in review_views(tx, ((review, lesson) for review in asked.values()))}

    def one(verdict: Verdict, name: str) -> VerdictView:
        return VerdictView(
            member_id=verdict.member_id,
            name=name,
            unit=Named(verdict.evidence.unit_id, units[verdict.evidence.unit_id]),
            passed=verdict.passed,
            hundredths=verdict.hundredths,
            failings=tuple(FailingView(failing, *SENTENCES[failing]) for failing in verdict.failings),
            evidence=_evidence(verdict.evidence),
            entry=entries.get(verdict.entry_id or ""),
            review=newest.get(verdict.member_id),
            make_up=offers.get(verdict.member_id),
            at=verdict.at,
        )

    return tuple(one(*pair) for pair in listed)


def _evidence(evidence: Evidence) -> EvidenceView:
    return EvidenceView(
        evidence.signed_in_at,
        evidence.way,
        evidence.late,
        evidence.present_percent,
        evidence.asked,
        evidence.answered,
        evidence.right,
        evidence.standing,
        evidence.left_early,
        evidence.on_leave,
        evidence.corrected,
        evidence.checks,
        evidence.confirmed,
        evidence.level,
        evidence.doubts,
        evidence.at_network,
        evidence.latency_ms,
    )
