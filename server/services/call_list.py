"""电话名单: whom nothing reached, to be called; for the secretary, printable."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.access import Principal
from server.services.records import Records, Transaction
from server.services.sending import place_name
from server.services.views import Named
from server.services.vouching import vouched_lesson
from server.services.waves import current_round, expected_entries

MOST = 1000


class Why(enum.StrEnum):
    NO_CHANNEL = "no_channel"  # no address besides the portal
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class CallView:
    member: Named
    unit: Named
    phone: str | None
    place: str
    why: Why


@dataclass(frozen=True, slots=True)
class CallList:
    items: tuple[CallView, ...]
    left_out: int


async def see_call_list(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> CallList:
    """Expected, neither there nor on leave, not reached in this round; of those whom the principal vouches for.

    Raises ``lesson_not_found``, ``forbidden``.
    """

    def load(tx: Transaction) -> CallList:
        target, units = vouched_lesson(tx, principal, lesson_id, now)
        lesson, number = target.lesson, current_round(tx, target.lesson).number
        mine = [one for one in expected_entries(tx, lesson, now) if units is None or one.unit_id in units]
        there = tx.deliveries.signed_in(lesson_id, [one.member_id for one in mine])
        done = there | tx.leaves.approved(lesson_id) | tx.deliveries.reached(lesson_id, number)
        open_ones = [one for one in mine if one.member_id not in done]
        shown, written = open_ones[:MOST], tx.deliveries.written_to(lesson_id, number)
        addresses = tx.deliveries.addresses([one.member_id for one in shown])
        names = tx.units.names({one.unit_id for one in shown}, tx.calendar.day(now))
        items = tuple(
            CallView(
                Named(one.member_id, one.name),
                Named(one.unit_id, names[one.unit_id]),
                addresses[one.member_id].phone,
                place_name(lesson, one.place),
                Why.NOT_REACHED if one.member_id in written else Why.NO_CHANNEL,
            )
            for one in shown
        )
        return CallList(items, len(open_ones) - len(shown))

    return await records.read(load)
