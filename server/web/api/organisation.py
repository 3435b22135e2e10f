"""The organisation: its tree, its units, their groups and rules."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from aiohttp import hdrs
from pydantic import Field

from server.domain.access import Principal
from server.domain.unit_rules import Expected, Size
from server.domain.units import UnitKind
from server.services.organisation import GroupView, OrganisationView, UnitFile, see_organisation, see_unit
from server.services.records import Records
from server.services.units import (
    GroupPlan,
    RulePlan,
    UnitPlan,
    add_group,
    change_group,
    dissolve_unit,
    drop_group,
    found_unit,
    move_unit,
    put_rule,
    rename_unit,
)
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Query, Text

calls = Endpoints()

_ONE = ("forbidden", "unit_not_found", "command_reused")
_CHANGE = (*_ONE, "precondition_required", "precondition_failed", "past_fixed", "unit_dissolved")

Day = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2999, 12, 31), strict=False)]
People = Annotated[int, Field(ge=0, le=10_000_000)]


class OnDay(Query):
    on: Day | None = None


class NewUnit(Command):
    name: Text
    kind: UnitKind
    parent_id: UUID
    since: Day


class NewName(Command):
    name: Text
    since: Day


class NewParent(Command):
    parent_id: UUID
    since: Day


class FromDay(Command):
    since: Day


class SizeForm(Form):
    least: People
    most: People | None = None

    def size(self) -> Size:
        return Size(self.least, self.most)


class NewUnitRule(Command):
    since: Day
    loans: Expected
    committee: SizeForm
    general_branch: SizeForm
    branch: SizeForm

    def plan(self) -> RulePlan:
        sizes = (self.committee.size(), self.general_branch.size(), self.branch.size())
        return RulePlan(self.since, self.loans, *sizes)


class GroupForm(Command):
    name: Text
    leader_id: UUID | None = None

    def plan(self) -> GroupPlan:
        return GroupPlan(self.name, str(self.leader_id) if self.leader_id else None)


@calls.on("GET", "/api/v1/organisation", refusals=("forbidden",))
async def get_organisation(call: Call, query: OnDay) -> OrganisationView:
    """The tree as it stood on a day, with sizes by kind, for whoever looks after it."""
    return await see_organisation(call.site.house.records, call.principal, query.on, call.now)


@calls.on("POST", "/api/v1/units", status=201, refusals=(*_ONE, "unit_misplaced", "unit_dissolved"))
async def post_unit(call: Call, body: NewUnit) -> UnitFile:
    """Found a unit under another one."""
    plan = UnitPlan(body.name, body.kind, str(body.parent_id), body.since)
    return _tagged(call, await found_unit(call.site.house.records, call.principal, body.command, plan, call.now))


@calls.on("GET", "/api/v1/units/{unit_id}", refusals=("forbidden", "unit_not_found"))
async def get_unit(call: Call, unit_id: UUID) -> UnitFile:
    """One unit: names, parents, groups, rules and history, with its ETag."""
    return _tagged(call, await see_unit(call.site.house.records, call.principal, str(unit_id), call.now))


@calls.on("POST", "/api/v1/units/{unit_id}/name", refusals=_CHANGE)
async def post_unit_name(call: Call, unit_id: UUID, body: NewName) -> UnitFile:
    """Called otherwise from a day on."""
    changed = await rename_unit(
        *_order(call, unit_id, body), name=body.name, since=body.since, version=call.if_match, now=call.now
    )
    return _tagged(call, changed)


@calls.on("POST", "/api/v1/units/{unit_id}/parent", refusals=(*_CHANGE, "unit_misplaced"))
async def post_unit_parent(call: Call, unit_id: UUID, body: NewParent) -> UnitFile:
    """Under another unit from a day on."""
    changed = await move_unit(
        *_order(call, unit_id, body),
        parent_id=str(body.parent_id),
        since=body.since,
        version=call.if_match,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on("POST", "/api/v1/units/{unit_id}/end", refusals=(*_CHANGE, "unit_not_empty"))
async def post_unit_end(call: Call, unit_id: UUID, body: FromDay) -> UnitFile:
    """Dissolved from a day on."""
    changed = await dissolve_unit(*_order(call, unit_id, body), since=body.since, version=call.if_match, now=call.now)
    return _tagged(call, changed)


@calls.on("POST", "/api/v1/units/{unit_id}/rules", refusals=(*_ONE, "past_fixed"))
async def post_unit_rule(call: Call, unit_id: UUID, body: NewUnitRule) -> UnitFile:
    """Usual sizes, and where people on loan are expected, from a day on, for the unit and all below."""
    return _tagged(call, await put_rule(*_order(call, unit_id, body), plan=body.plan(), now=call.now))


@calls.on("POST", "/api/v1/units/{unit_id}/groups", status=201, refusals=(*_ONE, "unit_misplaced", "member_not_found"))
async def post_group(call: Call, unit_id: UUID, body: GroupForm) -> GroupView:
    """A group inside a branch."""
    return await add_group(*_order(call, unit_id, body), plan=body.plan(), now=call.now)


@calls.on(
    "PUT",
    "/api/v1/groups/{group_id}",
    refusals=(
        *("forbidden", "group_not_found", "member_not_found", "command_reused"),
        *("precondition_required", "precondition_failed"),
    ),
)
async def put_group(call: Call, group_id: UUID, body: GroupForm) -> GroupView:
    """Its name and its leader."""
    return await change_group(*_order(call, group_id, body), plan=body.plan(), version=call.if_match, now=call.now)


@calls.on("DELETE", "/api/v1/groups/{group_id}", status=204, refusals=("forbidden", "group_not_found"))
async def delete_group(call: Call, group_id: UUID) -> None:
    """Its members belong to no group afterwards."""
    await drop_group(call.site.house.records, call.principal, str(group_id), call.now)


def _order(call: Call, about: UUID, body: Command) -> tuple[Records, Principal, str, str]:
    return call.site.house.records, call.principal, str(about), body.command


def _tagged(call: Call, file: UnitFile) -> UnitFile:
    call.headers[hdrs.ETAG] = f'"{file.unit.version}"'
    return file
