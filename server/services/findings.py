"""待核实: doubtful sign-ins, listed for a person who confirms or dismisses the doubt. Nothing is punished by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain.access import Principal
from server.domain.findings import Finding, Outcome
from server.domain.lessons import Lesson
from server.domain.proof import DOUBT_WORDS, Doubt, Level, Parts, doubts, level
from server.domain.refusals import Refusal
from server.domain.sign_ins import Way
from server.services.commands import command, once
from server.services.evidence import sign_in_parts
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.views import Named
from server.services.vouching import check_within, units_of, vouched_lesson


@dataclass(frozen=True, slots=True)
class DoubtView:
    code: Doubt
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class FindingView:
    outcome: Outcome
    reason: str
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class DoubtfulView:
    """``signed_in_at`` null: a trace of somebody who is not signed in. ``finding``: the newest; ``open``: somebody
    should look at it, or look again.
    """

    member: Named
    unit: Named
    signed_in_at: dt.datetime | None
    way: Way | None
    level: Level | None
    doubts: tuple[DoubtView, ...]
    at_network: bool | None
    latency_ms: int | None
    present_percent: int | None
    checks: int
    confirmed: int
    finding: FindingView | None
    open: bool


_VIEW = TypeAdapter(DoubtfulView)


async def list_doubts(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[DoubtfulView, ...]:
    """Of those whom the principal may vouch for; what waits for somebody first, by name.

    Raises ``lesson_not_found``, ``forbidden``.
    """

    def load(tx: Transaction) -> tuple[DoubtfulView, ...]:
        target, units = vouched_lesson(tx, principal, lesson_id, now)
        shown = _views(tx, target.lesson, sign_in_parts(tx, target.lesson), now)
        mine = [one for one in shown if units is None or one.unit.id in units]
        return tuple(sorted(mine, key=lambda one: (not one.open, one.member.name, one.member.id)))

    return await records.read(load)


async def decide_doubt(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    member_id: str,
    outcome: Outcome,
    reason: str,
    now: dt.datetime,
) -> DoubtfulView:
    """What was found out. Again: a new finding, the former stays.

    Raises ``doubt_not_found``, ``doubt_own``, ``forbidden``, ``lesson_not_found``, ``command_reused``.
    """
    body = {"member_id": member_id, "outcome": outcome.value, "reason": reason}
    asked = command(principal, command_id, "decide_doubt", lesson_id=lesson_id, **body)

    def work(tx: Transaction) -> DoubtfulView:
        target, units = vouched_lesson(tx, principal, lesson_id, now, lock=True)
        parts = sign_in_parts(tx, target.lesson).get(member_id)
        if parts is None or not doubts(parts):
            raise Refusal("doubt_not_found", member_id)
        check_within(units_of(tx, lesson_id, [member_id], now)[member_id], units)
        if member_id == principal.member_id:
            raise Refusal("doubt_own", member_id)

        def do() -> DoubtfulView:
            by = principal.account_id
            finding = Finding(str(uuid4()), lesson_id, member_id, outcome, doubts(parts), reason, by, now)
            tx.findings.add(finding)
            view = _views(tx, target.lesson, {member_id: parts}, now)[0]
            said = [events.sign_in_looked_at(view.member.name, outcome.value, principal.name)]
            tx.events.append(lesson_id, said, now, by)
            return view

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _views(tx: Transaction, lesson: Lesson, parts: dict[str, Parts], now: dt.datetime) -> Sequence[DoubtfulView]:
    doubted = {member_id: found for member_id, each in parts.items() if (found := doubts(each))}
    if not doubted:
        return ()
    members, units = tx.members.names(doubted), units_of(tx, lesson.id, list(doubted), now)
    names = tx.units.names(set(units.values()), tx.calendar.day(now))
    findings = {finding.member_id: finding for finding in tx.findings.of(lesson.id)}
    people = tx.accounts.names({finding.by for finding in findings.values()})

    def one(member_id: str, told: tuple[Doubt, ...]) -> DoubtfulView:
        each, finding, sign_in = parts[member_id], findings.get(member_id), tx.sign_ins.get(lesson.id, member_id)
        return DoubtfulView(
            member=Named(member_id, members[member_id]),
            unit=Named(units[member_id], names[units[member_id]]),
            signed_in_at=sign_in.at if sign_in else None,
            way=sign_in.way if sign_in else None,
            level=level(each) if sign_in else None,
            doubts=tuple(DoubtView(doubt, *DOUBT_WORDS[doubt]) for doubt in told),
            at_network=each.at_network,
            latency_ms=each.latency_ms,
            present_percent=each.present_percent,
            checks=each.checks,
            confirmed=each.confirmed,
            finding=FindingView(finding.outcome, finding.reason, people[finding.by], finding.at) if finding else None,
            open=finding is None or not finding.settles(told),
        )

    return [one(member_id, told) for member_id, told in doubted.items()]
