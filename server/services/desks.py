"""The lecturer's two machines: the lesson goes on from the other one (备用机接管), and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from server.domain import programme
from server.domain.access import Principal
from server.domain.events import Announcement
from server.domain.lessons import Lesson
from server.domain.venues import LecturerDesk
from server.services.commands import command
from server.services.house import House
from server.services.programming import reprogram
from server.services.records import Transaction
from server.services.stage import direct
from server.services.views import StageView


async def hand_over(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, desk: LecturerDesk, now: dt.datetime
) -> StageView:
    """Raises ``forbidden``, ``lesson_not_on_air``, ``command_reused``."""

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        return reprogram(tx, lesson, lambda before: programme.hand_over(before, desk), by=principal.name)

    asked = command(principal, command_id, "hand_over", lesson_id=lesson_id, desk=desk.value)
    return await direct(house, principal, lesson_id, asked, work, now=now)
