"""Which units of a lesson have a 签到表 to confirm, and how far each has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain import attendance_sheets as rules
from server.domain.access import Action, Principal, Role
from server.domain.attendance import Rates
from server.domain.board import Count, Sight, tally
from server.domain.reaches import board_reach
from server.domain.refusals import Refusal
from server.domain.sign_ins import late_after
from server.services.finding import allowed_target, report_day
from server.services.records import Records, Transaction
from server.services.roster import units_below
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class SheetUnitView:
    """``sheet_id``, ``version``, ``confirmed_at``: of the version that holds; None: nobody has confirmed one."""

    unit: Named
    expected: int
    added: int
    present: int
    late: int
    on_leave: int
    missing: int
    rates: Rates
    may_confirm: bool
    sheet_id: str | None
    version: int | None
    confirmed_at: dt.datetime | None


async def list_sheet_units(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[SheetUnitView, ...]:
    """Units with people on the roster, in whose scope the caller sees attendance, by name; whole scopes before them.

    Raises ``lesson_not_found``, ``forbidden``, ``sheet_not_yet``.
    """

    def load(tx: Transaction) -> tuple[SheetUnitView, ...]:
        target = allowed_target(tx, principal, Action.BOARD, lesson_id, now)
        lesson, reach = target.lesson, board_reach(principal, target)
        if reach.lesson_venue_id is not None:
            raise Refusal("forbidden", "a venue")
        if lesson.opened_at is None:
            raise Refusal("sheet_not_yet", lesson.state)
        on, tree = report_day(tx, lesson), tx.units.tree()
        seen = units_below(tx, reach.unit_ids, on)
        cells = tx.roster.cells(lesson_id, late_after(lesson, tx.sign_ins.grace_minutes(lesson_id)))
        found = tally(cells, Sight(seen)).units
        held = [grant.unit_id for grant in principal.grants if grant.role is Role.SECRETARY]
        wholes = [unit for unit in dict.fromkeys(held) if unit not in found and (seen is None or unit in seen)]
        counts = {unit: tally(cells, Sight(tree.subtree(unit, on))).total for unit in wholes} | found
        names = tx.units.names(set(counts), on)
        newest = tx.sheets.newest(lesson_id)

        def one(unit_id: str, count: Count) -> SheetUnitView:
            sheet = newest.get(unit_id)
            return SheetUnitView(
                unit=Named(unit_id, names[unit_id]),
                expected=count.expected,
                added=count.added,
                present=count.present,
                late=count.late,
                on_leave=count.on_leave,
                missing=count.missing,
                rates=count.rates,
                may_confirm=rules.may_confirm(principal, tree.line(unit_id, on)),
                sheet_id=sheet.id if sheet else None,
                version=sheet.version if sheet else None,
                confirmed_at=sheet.confirmed_at if sheet else None,
            )

        ordered = sorted(counts, key=lambda unit: (unit in found, names[unit], unit))
        return tuple(one(unit, counts[unit]) for unit in ordered if counts[unit].expected + counts[unit].added)

    return await records.read(load)
