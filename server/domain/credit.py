"""Study credit (学时): which dated rule holds, what it asks, and the verdict on one member. Integer hundredths.

Credit is the lesson's fixed 核定学时, granted whole or not at all. Presence is evidence behind the verdict, never a
currency.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from server.domain.attendance import HERE, Standing, standing
from server.domain.make_up_terms import MakeUpTerms
from server.domain.micro_terms import MicroTerms
from server.domain.proof import Doubt, Level
from server.domain.quiz_terms import QuizTerms, weighed_percent
from server.domain.refusals import Refusal
from server.domain.sign_ins import GRACE_MINUTES, Way
from server.domain.worth_terms import WorthTerms

MOST_HUNDREDTHS = 10_000
MOST_CHECKS = 10
MOST_TEACHING_PERCENT = 500


# ---- rules -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreditRule:
    """What a unit and everything below it asks for credit, from ``since`` until before ``until``. Never edited.

    Percentages are whole, 0…100: of the lesson's time, and of the questions that were asked. None: not asked.
    """

    id: str
    unit_id: str
    name: str
    version: int  # counts from 1 in each unit
    since: dt.date
    until: dt.date | None = None
    late_after_minutes: int = GRACE_MINUTES
    least_present_percent: int = 0
    least_answered_percent: int | None = None
    least_right_percent: int | None = None
    left_early_minutes: int | None = None  # how long before the end one may go; None: only a mark says 早退
    checks: int = 0  # 随机确认 in each lesson
    checks_in_rooms: bool = False  # ask who is signed in at a venue, too
    least_checks_percent: int | None = None
    make_up: MakeUpTerms | None = None  # 补学; None: there is none
    micro: MicroTerms | None = None  # 微视频; None: they give no credit
    quiz: QuizTerms | None = None  # answering and answering right, weighed together
    worth: WorthTerms | None = None  # 核定学时 by kind or length, proposed to who plans a lesson
    teaching_percent: int | None = None  # of the lesson's 核定学时, for who taught it; None: nothing
    made_by: str | None = None  # account; None: before that was kept
    made_at: dt.datetime | None = None


# ---- verdicts --------------------------------------------------------------------------------------------


class Failing(enum.StrEnum):
    """Why no credit was granted. Being late is never a reason by itself."""

    NOT_SIGNED_IN = "not_signed_in"
    NOT_PRESENT_ENOUGH = "not_present_enough"
    NOT_ANSWERED_ENOUGH = "not_answered_enough"
    NOT_RIGHT_ENOUGH = "not_right_enough"
    NOT_SCORED_ENOUGH = "not_scored_enough"
    NOT_CONFIRMED_ENOUGH = "not_confirmed_enough"
    TAKEN_BACK = "taken_back"


SENTENCES: dict[Failing, tuple[str, str]] = {
    Failing.NOT_SIGNED_IN: ("没有签到记录", "There is no sign-in"),
    Failing.NOT_PRESENT_ENOUGH: ("在课时间没有达到要求", "Was not there for as much of the lesson as the rule asks"),
    Failing.NOT_ANSWERED_ENOUGH: ("作答的题目没有达到要求", "Did not answer as many questions as the rule asks"),
    Failing.NOT_RIGHT_ENOUGH: ("答对的题目没有达到要求", "Did not answer as many questions right as the rule asks"),
    Failing.NOT_SCORED_ENOUGH: (
        "作答与答对合计没有达到要求",
        "Answering and answering right together did not reach what the rule asks",
    ),
    Failing.NOT_CONFIRMED_ENOUGH: (
        "随机确认没有达到要求",
        "Did not confirm being there as often as the rule asks",
    ),
    Failing.TAKEN_BACK: ("学时已更正收回", "The credit was taken back by a correction"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one member at one lesson. ``present_percent``: whole percents of the lesson, rounded down.

    ``checks``: how often this member was asked to confirm, ``confirmed``: how often that was done in time.
    ``level``, ``doubts``, ``at_network``, ``latency_ms``: how well the sign-in is evidenced, and by what.
    ``corrected``: what a person put in place of what the record says. Kept before these were: their defaults.
    """

    member_id: str
    unit_id: str
    signed_in_at: dt.datetime | None
    way: Way | None
    late: bool
    present_percent: int
    asked: int
    answered: int
    right: int
    left_early: bool = False
    on_leave: bool = False
    checks: int = 0
    confirmed: int = 0
    corrected: Standing | None = None
    level: Level | None = None
    doubts: tuple[Doubt, ...] = ()
    at_network: bool | None = None
    latency_ms: int | None = None

    @property
    def signed_in(self) -> bool:
        """By the record, or by the person who corrected it."""
        return self.signed_in_at is not None if self.corrected is None else self.corrected in HERE

    @property
    def standing(self) -> Standing:
        return standing(
            signed_in=self.signed_in_at is not None,
            late=self.late,
            left_early=self.left_early,
            on_leave=self.on_leave,
            corrected=self.corrected,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """``hundredths`` is what the member has been granted for the lesson; 0 unless ``passed``.

    ``entry_id``: the ledger's entry that granted it; also when a correction took all of it back.
    """

    member_id: str
    passed: bool
    failings: tuple[Failing, ...]
    evidence: Evidence
    hundredths: int
    at: dt.datetime
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class VerdictFilter:
    """Which verdicts of a lesson to list; None: all.

    ``unit_ids``: members of these units themselves. ``lesson_venue_id``: who was assigned there or signed in there.
    """

    passed: bool | None = None
    unit_ids: frozenset[str] | None = None
    lesson_venue_id: str | None = None


def percent(part: int, whole: int) -> int:
    """Whole percents, rounded down, 0…100; of nothing everything was reached.

    Rounding down changes no comparison with a whole threshold.
    """
    return 100 if whole <= 0 else max(0, min(100, part * 100 // whole))


def judge(evidence: Evidence, rule: CreditRule | None, hundredths: int, at: dt.datetime) -> Verdict:
    """``hundredths``: the lesson's 核定学时. Without a rule (a lesson that grants nothing) signing in is enough."""
    failings = tuple(_failings(evidence, rule))
    passed = not failings
    return Verdict(evidence.member_id, passed, failings, evidence, hundredths if passed else 0, at)


def _failings(evidence: Evidence, rule: CreditRule | None) -> Iterable[Failing]:
    if not evidence.signed_in:
        yield Failing.NOT_SIGNED_IN
    if rule is None:
        return
    vouched = evidence.corrected in _VOUCHED
    if evidence.present_percent < rule.least_present_percent and not vouched:
        yield Failing.NOT_PRESENT_ENOUGH
    if percent(evidence.confirmed, evidence.checks) < (rule.least_checks_percent or 0) and not vouched:
        yield Failing.NOT_CONFIRMED_ENOUGH
    if percent(evidence.answered, evidence.asked) < (rule.least_answered_percent or 0):
        yield Failing.NOT_ANSWERED_ENOUGH
    if percent(evidence.right, evidence.asked) < (rule.least_right_percent or 0):
        yield Failing.NOT_RIGHT_ENOUGH
    if rule.quiz is not None and _scored(evidence, rule.quiz) < rule.quiz.least_percent:
        yield Failing.NOT_SCORED_ENOUGH


def _scored(evidence: Evidence, terms: QuizTerms) -> int:
    return weighed_percent(terms, evidence.asked, evidence.answered, evidence.right)


_VOUCHED = frozenset({Standing.PRESENT, Standing.LATE})
"""Somebody says by name that the member was there: presence and checks are not weighed against it."""


def check_hundredths(hundredths: int) -> None:
    """Raises ``invalid_body``."""
    if not 0 <= hundredths <= MOST_HUNDREDTHS:
        raise Refusal("invalid_body", f"credit_hundredths: 0 to {MOST_HUNDREDTHS}")


def rule_facts(rule: CreditRule | None) -> dict[str, Any]:
    """The rule as JSON types, for the record: what was asked then. Without who made it, and its table of worth."""
    if rule is None:
        return {}
    facts = {name: value for name, value in asdict(replace(rule, worth=None)).items() if name not in _UNTOLD}
    return {**facts, "since": rule.since.isoformat(), "until": rule.until.isoformat() if rule.until else None}


_UNTOLD = frozenset({"worth", "made_by", "made_at"})


def evidence_facts(evidence: Evidence) -> dict[str, Any]:
    """The evidence as JSON types, without whose it is."""
    facts = {name: getattr(evidence, name) for name in _KEPT}
    at, way = evidence.signed_in_at, evidence.way
    signed_in_at = at.astimezone(dt.UTC).isoformat() if at else None
    coded = {name: _code(facts[name]) for name in _CODED}
    doubts = [doubt.value for doubt in evidence.doubts]
    return {**facts, "signed_in_at": signed_in_at, "way": _code(way), **coded, "doubts": doubts}


def _code(value: enum.StrEnum | None) -> str | None:
    return None if value is None else value.value


_CODED = {"corrected": Standing, "level": Level}
_KEPT = tuple(field.name for field in fields(Evidence) if field.name != "member_id")


def evidence_of(member_id: str, facts: Mapping[str, Any]) -> Evidence:
    """What :func:`evidence_facts` came from."""
    at, way = facts["signed_in_at"], facts["way"]
    signed_in_at = dt.datetime.fromisoformat(at) if at else None
    coded = {name: kind(facts[name]) for name, kind in _CODED.items() if facts.get(name) is not None}
    told = {"doubts": tuple(Doubt(code) for code in facts.get("doubts", ()))}
    known = {"signed_in_at": signed_in_at, "way": Way(way) if way else None, **coded, **told}
    return Evidence(member_id, **{**facts, **known})


# ---- reviews ---------------------------------------------------------------------------------------------


class ReviewState(enum.StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Review:
    """A member asks to have a verdict looked at again (申请复核); a person decides."""

    id: str
    lesson_id: str
    member_id: str
    asked_by: str  # account
    text: str
    asked_at: dt.datetime
    state: ReviewState = ReviewState.OPEN
    decided_at: dt.datetime | None = None
    decided_by: str | None = None  # account
    answer: str = ""
    entry_id: str | None = None


def decide(
    review: Review,
    verdict: Verdict,
    *,
    grant: bool,
    answer: str,
    decided_by: str,
    decided_at: dt.datetime,
    reduced: bool = False,
) -> Review:
    """``reduced``: passed, and part of its credit was taken back by a person.

    Raises ``review_decided``, or ``already_credited`` when there is nothing to grant.
    """
    if review.state is not ReviewState.OPEN:
        raise Refusal("review_decided", review.id)
    if grant and verdict.passed and not reduced:
        raise Refusal("already_credited", review.id)
    state = ReviewState.GRANTED if grant else ReviewState.DECLINED
    return replace(review, state=state, answer=answer, decided_by=decided_by, decided_at=decided_at)


def overturn(verdict: Verdict, hundredths: int, entry_id: str | None, at: dt.datetime) -> Verdict:
    """The verdict after a granted review; the evidence stays what it was."""
    return replace(verdict, passed=True, failings=(), hundredths=hundredths, entry_id=entry_id, at=at)
