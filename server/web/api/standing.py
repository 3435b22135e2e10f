"""A year's credit: where members stand, what is asked of them, and who is asked for more or for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from server.domain.ledger import EntryKind
from server.domain.study_roles import StudyRole
from server.domain.year_rules import MOST_HUNDREDTHS, LoanCount, Position
from server.domain.year_standing import StandingState
from server.services.credit_views import CreditView, VerdictView
from server.services.member_credit import member_credit, member_verdict
from server.services.standing import (
    StandingPage,
    StandingView,
    UnitsStanding,
    member_standing,
    own_standing,
    unit_standings,
    units_standing,
)
from server.services.study_roles import (
    StudyRolePage,
    StudyRolePlan,
    StudyRoleView,
    add_study_role,
    end_study_role,
    list_study_roles,
)
from server.services.year_months import YearMonths, unit_months
from server.services.year_rules import YearPlan, YearRuleView, add_year_rule, list_year_rules
from server.web.attendance_pdf import PDF, Pdf
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Day, Query, Text
from server.web.sheets import Xlsx, attachment
from server.web.year_form import year_form
from server.web.year_xlsx import year_xlsx

calls = Endpoints()
_ONE = ("forbidden", "unit_not_found")
Amount = Annotated[int, Field(ge=0, le=MOST_HUNDREDTHS)]
WrittenDay = Annotated[Day, Field(strict=False)]


class OfYear(Query):
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None


class OfUnit(OfYear):
    unit: UUID


class WantedStandings(OfUnit):
    state: StandingState | None = None
    order: Literal["tree", "short"] = "tree"
    cursor: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class WantedFile(OfUnit):
    format: Literal["xlsx", "pdf"] = "xlsx"


class WantedRoles(Query):
    unit: UUID
    role: StudyRole | None = None
    cursor: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class NewYearRule(Command):
    unit_id: UUID
    name: Text
    since: WrittenDay
    until: WrittenDay | None = None
    targets: dict[Position, Amount]
    caps: dict[EntryKind, Amount] = Field(default_factory=dict)
    carry_most_hundredths: Amount = 0
    by_month: bool = False
    loans: LoanCount = LoanCount.APART

    def plan(self) -> YearPlan:
        fields = {name: getattr(self, name) for name in YearPlan.__slots__}
        return YearPlan(**{**fields, "unit_id": str(self.unit_id)})


class NewStudyRole(Command):
    member_id: UUID | None = None
    number: Text | None = None
    role: StudyRole
    since: WrittenDay
    until: WrittenDay | None = None
    reason: Text

    @model_validator(mode="after")
    def _somebody(self) -> NewStudyRole:
        if (self.member_id is None) == (self.number is None):
            raise ValueError("member_id, or number")
        return self


class Ending(Command):
    until: WrittenDay


@dataclass(frozen=True, slots=True)
class YearRules:
    items: tuple[YearRuleView, ...]


@calls.on("GET", "/api/v1/credit-standing", refusals=("member_not_found",))
async def get_own_standing(call: Call, query: OfYear) -> StandingView:
    """Where the caller stands in a year: target, what counts, what is missing."""
    return await own_standing(call.site.house.records, call.principal, query.year, call.now)


@calls.on("GET", "/api/v1/members/{member_id}/credit-standing", refusals=("forbidden", "member_not_found"))
async def get_member_standing(call: Call, member_id: UUID, query: OfYear) -> StandingView:
    """The same of one member."""
    return await member_standing(call.site.house.records, call.principal, str(member_id), query.year, call.now)


@calls.on("GET", "/api/v1/members/{member_id}/credit", refusals=("forbidden", "member_not_found"))
async def get_member_credit(call: Call, member_id: UUID, query: OfYear) -> CreditView:
    """One member's year, entry by entry."""
    return await member_credit(call.site.house.records, call.principal, str(member_id), query.year, call.now)


@calls.on(
    "GET",
    "/api/v1/members/{member_id}/lessons/{lesson_id}/verdict",
    refusals=("forbidden", "member_not_found", "lesson_not_found"),
)
async def get_member_verdict(call: Call, member_id: UUID, lesson_id: UUID) -> VerdictView:
    """What stands behind an entry: one member's verdict on a settled lesson."""
    records = call.site.house.records
    return await member_verdict(records, call.principal, str(member_id), str(lesson_id), call.now)


@calls.on("GET", "/api/v1/credit-standings", refusals=_ONE)
async def get_standings(call: Call, query: WantedStandings) -> StandingPage:
    """The same of everybody of a unit, and below it, with how many reach their target."""
    return await unit_standings(
        call.site.house.records,
        call.principal,
        str(query.unit),
        query.year,
        call.now,
        state=query.state,
        shortest_first=query.order == "short",
        offset=query.cursor,
        limit=query.limit,
    )


@calls.on("GET", "/api/v1/credit-standings/units", refusals=_ONE)
async def get_units_standing(call: Call, query: OfUnit) -> UnitsStanding:
    """How many reach their target, of a unit and of each directly below it."""
    return await units_standing(call.site.house.records, call.principal, str(query.unit), query.year, call.now)


@calls.on("GET", "/api/v1/credit-standings/months", refusals=_ONE)
async def get_months_standing(call: Call, query: OfUnit) -> YearMonths:
    """The unit's year month by month: what was added a head, how many had what was due."""
    return await unit_months(call.site.house.records, call.principal, str(query.unit), query.year, call.now)


@calls.on(
    "GET",
    "/api/v1/credit-standings/export",
    refusals=(*_ONE, "sheet_too_large", "sheet_busy", "conversion_failed", "conversion_too_heavy"),
    audited=True,
)
async def get_standings_file(call: Call, query: WantedFile) -> Xlsx | Pdf:
    """A unit's year to be printed and signed: everybody by tree and name, totals, rule versions, digest."""
    records = call.site.house.records
    page = await unit_standings(records, call.principal, str(query.unit), query.year, call.now)
    form = year_form(page, call.now.astimezone(call.site.settings.zone))
    if query.format == "xlsx":
        return await year_xlsx(form)
    body = await call.site.years.pdf_bytes(form)
    return Pdf(body=body, content_type=PDF, headers=attachment(f"{form.file}.pdf"))


@calls.on("GET", "/api/v1/year-rules", refusals=("forbidden",))
async def get_year_rules(call: Call) -> YearRules:
    """Every version of what the caller's units ask for a year."""
    return YearRules(await list_year_rules(call.site.house.records, call.principal, call.now))


@calls.on("POST", "/api/v1/year-rules", status=201, refusals=(*_ONE, "past_fixed", "rule_overlaps", "command_reused"))
async def post_year_rule(call: Call, body: NewYearRule) -> YearRuleView:
    """A new version of what a unit asks for a year; it ends the one before."""
    return await add_year_rule(call.site.house.records, call.principal, body.command, body.plan(), call.now)


@calls.on("GET", "/api/v1/study-roles", refusals=_ONE)
async def get_study_roles(call: Call, query: WantedRoles) -> StudyRolePage:
    """Secretaries, committee members and the exempt of a unit and below."""
    return await list_study_roles(
        call.site.house.records,
        call.principal,
        str(query.unit),
        call.now,
        role=query.role,
        offset=query.cursor,
        limit=query.limit,
    )


_CHANGE = ("forbidden", "study_role_own", "past_fixed", "command_reused")


@calls.on("POST", "/api/v1/study-roles", status=201, refusals=(*_CHANGE, "member_not_found", "study_role_overlaps"))
async def post_study_role(call: Call, body: NewStudyRole) -> StudyRoleView:
    """Somebody is secretary, of the committee, or exempt from a day on."""
    member_id = str(body.member_id) if body.member_id else None
    plan = StudyRolePlan(member_id, body.number, body.role, body.since, body.until, body.reason)
    return await add_study_role(call.site.house.records, call.principal, body.command, plan, call.now)


@calls.on("POST", "/api/v1/study-roles/{study_role_id}/end", refusals=(*_CHANGE, "study_role_not_found"))
async def post_study_role_end(call: Call, study_role_id: UUID, body: Ending) -> StudyRoleView:
    """It ends earlier; on its first day: it never held."""
    order = call.site.house.records, call.principal, str(study_role_id), body.command
    return await end_study_role(*order, until=body.until, now=call.now)
