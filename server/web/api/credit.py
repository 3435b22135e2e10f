"""Credit: rules, verdicts, the member's own account of it, reviews."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field, StringConstraints

from server.domain.credit import MOST_CHECKS, MOST_HUNDREDTHS, MOST_TEACHING_PERCENT, ReviewState
from server.domain.lesson_kinds import LessonKind
from server.domain.make_up_terms import MOST_ATTEMPTS, MOST_DAYS, MOST_PAUSE_MINUTES, MakeUpTerms
from server.domain.micro_terms import MicroTerms
from server.domain.quiz_terms import QuizTerms
from server.domain.replays import MOST_RATE_PERCENT
from server.domain.worth_terms import WorthTerms
from server.services.credit_rules import RulePlan, add_rule, list_rules
from server.services.credit_views import CreditEntryView, CreditRuleView, CreditView, ReviewView, VerdictView
from server.services.entry_corrections import correct_entry
from server.services.reviews import ask_review, decide_review, list_reviews
from server.services.rule_previews import RulePreviewView, WorthView, lesson_worth, preview_rule
from server.services.verdicts import list_verdicts, own_credit, own_verdict
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Moment, Paged, Query, Text
from server.web.sheets import csv_response

calls = Endpoints()

Percent = Annotated[int, Field(ge=0, le=100)]
Hundredths = Annotated[int, Field(ge=0, le=1000)]
LessonHundredths = Annotated[int, Field(ge=0, le=MOST_HUNDREDTHS)]
EntryHundredths = Annotated[int, Field(ge=0, le=MOST_HUNDREDTHS * MOST_TEACHING_PERCENT // 100)]
DayMinutes = Annotated[int, Field(ge=30, le=1440)]
Paragraphs = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$"),
]
"""Text with line breaks and no other control characters."""


class MakeUpBody(Form):
    """As :class:`server.domain.make_up_terms.MakeUpTerms`."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]
    watched_percent: Annotated[int, Field(ge=1, le=100)] = 90
    right_percent: Annotated[int, Field(ge=1, le=100)] | None = 60
    attempts: Annotated[int, Field(ge=1, le=MOST_ATTEMPTS)] = 3
    pause_minutes: Annotated[int, Field(ge=0, le=MOST_PAUSE_MINUTES)] = 10
    credit_percent: Percent = 100
    late: bool = True
    left_early: bool = True
    on_leave: bool = True
    most_rate_percent: Annotated[int, Field(ge=100, le=MOST_RATE_PERCENT)] = MOST_RATE_PERCENT
    marked_percent: Annotated[int, Field(ge=1, le=100)] | None = None


class MicroBody(Form):
    """As :class:`server.domain.micro_terms.MicroTerms`."""

    short_minutes: Annotated[int, Field(ge=1, le=600)] = 15
    long_minutes: Annotated[int, Field(ge=2, le=600)] = 30
    short_hundredths: Hundredths = 25
    middle_hundredths: Hundredths = 50
    long_hundredths: Hundredths = 100
    test_hundredths: Hundredths = 50
    watched_percent: Annotated[int, Field(ge=1, le=100)] = 90
    right_percent: Annotated[int, Field(ge=1, le=100)] = 60
    attempts: Annotated[int, Field(ge=1, le=MOST_ATTEMPTS)] = 3
    pause_minutes: Annotated[int, Field(ge=0, le=MOST_PAUSE_MINUTES)] = 10
    most_rate_percent: Annotated[int, Field(ge=100, le=MOST_RATE_PERCENT)] = MOST_RATE_PERCENT


class QuizBody(Form):
    """As :class:`server.domain.quiz_terms.QuizTerms`."""

    answered_weight: Percent
    right_weight: Percent
    least_percent: Annotated[int, Field(ge=1, le=100)]


class WorthBody(Form):
    """As :class:`server.domain.worth_terms.WorthTerms`."""

    kinds: dict[LessonKind, LessonHundredths] = Field(default_factory=dict)
    credit_minutes: Annotated[int, Field(ge=15, le=240)] | None = None
    step_hundredths: Annotated[int, Field(ge=1, le=100)] = 25
    half_day_minutes: DayMinutes | None = None
    half_day_hundredths: LessonHundredths = 0
    day_minutes: DayMinutes | None = None
    day_hundredths: LessonHundredths = 0


class RuleTerms(Form):
    """What a rule asks, without where and when it holds."""

    late_after_minutes: Annotated[int, Field(ge=0, le=1440)] = 10
    least_present_percent: Percent
    least_answered_percent: Percent | None = None
    least_right_percent: Percent | None = None
    left_early_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    checks: Annotated[int, Field(ge=0, le=MOST_CHECKS)] = 0
    checks_in_rooms: bool = False
    least_checks_percent: Percent | None = None
    make_up: MakeUpBody | None = None
    micro: MicroBody | None = None
    quiz: QuizBody | None = None
    worth: WorthBody | None = None
    teaching_percent: Annotated[int, Field(ge=1, le=MOST_TEACHING_PERCENT)] | None = None

    def plan(self, unit_id: str, name: str, since: dt.date, until: dt.date | None) -> RulePlan:
        asked = {field: getattr(self, field) for field in RuleTerms.model_fields}
        terms = {field: kind(**body.model_dump()) for field, kind in _TERMS.items() if (body := asked[field])}
        return RulePlan(unit_id, name, since, until, **{**asked, **terms})


_TERMS: dict[str, type] = {"make_up": MakeUpTerms, "micro": MicroTerms, "quiz": QuizTerms, "worth": WorthTerms}


class NewRule(RuleTerms, Command):
    unit_id: UUID
    name: Text
    since: dt.date
    until: dt.date | None = None


class WantedWorth(Query):
    unit: UUID
    kind: LessonKind = LessonKind.LECTURE
    starts_at: Moment
    ends_at: Moment


class NewReview(Command):
    text: Paragraphs


class Decision(Command):
    grant: bool
    answer: Paragraphs


class EntryCorrectionBody(Command):
    """``hundredths``: what the entry shall come to, ``seen``: what it came to when it was looked at."""

    hundredths: EntryHundredths
    seen: EntryHundredths
    reason: Paragraphs


class VerdictListing(Paged):
    passed: bool | None = None
    unit: UUID | None = None


class ReviewListing(Paged):
    state: ReviewState | None = None


class Year(Query):
    year: Annotated[int, Field(ge=2000, le=2200)] | None = None


_COLUMNS = ("序号", "类别", "内容", "学时", "记入时间", "说明", "规则", "校验值")


@dataclass(frozen=True, slots=True)
class CreditRules:
    items: tuple[CreditRuleView, ...]


@dataclass(frozen=True, slots=True)
class VerdictPage:
    items: tuple[VerdictView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ReviewPage:
    items: tuple[ReviewView, ...]
    next_cursor: str | None


@calls.on("GET", "/api/v1/credit-rules", refusals=("forbidden",))
async def get_credit_rules(call: Call) -> CreditRules:
    """Every version of the rules that concern the caller's units."""
    return CreditRules(await list_rules(call.site.house.records, call.principal, call.now))


@calls.on(
    "POST",
    "/api/v1/credit-rules",
    status=201,
    refusals=("forbidden", "unit_not_found", "rule_overlaps", "command_reused"),
)
async def post_credit_rule(call: Call, body: NewRule) -> CreditRuleView:
    """A new version of a unit's rule; it ends the one before."""
    plan = body.plan(str(body.unit_id), body.name, body.since, body.until)
    return await add_rule(call.site.house.records, call.principal, body.command, plan, call.now)


@calls.on("GET", "/api/v1/credit-worth", refusals=("forbidden", "unit_not_found"))
async def get_credit_worth(call: Call, query: WantedWorth) -> WorthView:
    """What the rule says that a lesson is worth which is being planned."""
    return await lesson_worth(
        call.site.house.records,
        call.principal,
        unit_id=str(query.unit),
        kind=query.kind,
        starts_at=query.starts_at,
        ends_at=query.ends_at,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/rule-preview",
    refusals=("forbidden", "not_settled"),
    unaudited="looks only: nothing is written",
)
async def post_rule_preview(call: Call, lesson_id: UUID, body: RuleTerms) -> RulePreviewView:
    """What a settled lesson would have given under other terms, and to whom something else."""
    plan = body.plan("", "", call.now.date(), None)
    return await preview_rule(call.site.house.records, call.principal, str(lesson_id), plan, call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/verdicts", refusals=("forbidden", "not_settled", "unit_not_found"))
async def get_verdicts(call: Call, lesson_id: UUID, query: VerdictListing) -> VerdictPage:
    """Who passed and who did not, by unit and name."""
    page = await list_verdicts(
        call.site.house.records,
        call.principal,
        str(lesson_id),
        passed=query.passed,
        unit_id=str(query.unit) if query.unit else None,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )
    return VerdictPage(page.items, page.next_cursor)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/verdict", refusals=("not_settled", "not_on_roster"))
async def get_own_verdict(call: Call, lesson_id: UUID) -> VerdictView:
    """The caller's own verdict and why."""
    return await own_verdict(call.site.house.records, call.principal, str(lesson_id), call.now)


@calls.on("GET", "/api/v1/credit")
async def get_credit(call: Call, query: Year) -> CreditView:
    """The caller's own credit of a year, entry by entry."""
    return await own_credit(call.site.house.records, call.principal, query.year, call.now)


@calls.on("GET", "/api/v1/credit/export", audited=True)
async def get_credit_export(call: Call, query: Year) -> web.Response:
    """The same as CSV: every entry with its reason, rule, position and hash."""
    found = await own_credit(call.site.house.records, call.principal, query.year, call.now)
    return csv_response([_COLUMNS, *map(_row, found.entries)], f"我的学时-{found.year}.csv")


def _row(entry: CreditEntryView) -> tuple[str, ...]:
    what = entry.lesson.title if entry.lesson else entry.outside.title if entry.outside else ""
    rule = f"{entry.rule.name} {entry.rule.version}" if entry.rule else ""
    hours = f"{'-' if entry.hundredths < 0 else ''}{abs(entry.hundredths) // 100}.{abs(entry.hundredths) % 100:02}"
    return (str(entry.position), entry.kind.value, what, hours, entry.at.isoformat(), entry.reason, rule, entry.hash)


@calls.on(
    "POST",
    "/api/v1/credit-entries/{entry_id}/correction",
    refusals=(
        *("entry_not_found", "forbidden", "entry_own", "entry_of_outside", "entry_correcting", "entry_changed"),
        *("entry_same", "entry_corrections_full", "command_reused"),
    ),
)
async def post_entry_correction(call: Call, entry_id: UUID, body: EntryCorrectionBody) -> CreditEntryView:
    """What an entry granted comes to another number, by an entry more; 0 takes all of it back."""
    return await correct_entry(
        *call.order(entry_id, body), hundredths=body.hundredths, seen=body.seen, reason=body.reason, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/reviews",
    status=201,
    refusals=("not_settled", "not_on_roster", "already_credited", "review_open", "command_reused"),
)
async def post_review(call: Call, lesson_id: UUID, body: NewReview) -> ReviewView:
    """Ask for a review of the own verdict."""
    return await ask_review(*call.order(lesson_id, body), text=body.text, now=call.now)


@calls.on("GET", "/api/v1/reviews", refusals=("forbidden",))
async def get_reviews(call: Call, query: ReviewListing) -> ReviewPage:
    """Reviews of lessons that the caller settles, newest first."""
    page = await list_reviews(
        call.site.house.records,
        call.principal,
        states=(query.state,) if query.state else (),
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )
    return ReviewPage(page.items, page.next_cursor)


@calls.on(
    "POST",
    "/api/v1/reviews/{review_id}/decision",
    refusals=("review_not_found", "forbidden", "review_decided", "already_credited", "command_reused"),
)
async def post_decision(call: Call, review_id: UUID, body: Decision) -> ReviewView:
    """Grant a review, which makes a correcting entry, or decline it."""
    return await decide_review(
        *call.order(review_id, body),
        grant=body.grant,
        answer=body.answer,
        now=call.now,
    )
