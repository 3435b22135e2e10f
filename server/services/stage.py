"""What is on the air: seeing it, and the director's commands."""

from __future__ import annotations

import datetime as dt

from server.domain.access import Principal
from server.domain.programme import PictureSlot
from server.domain.venues import Microphone
from server.services.house import House
from server.services.views import StageView


async def see_stage(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> StageView:
    """Raises ``lesson_not_found``. Alarms, and sources' figures, are shown to staff only."""
    raise NotImplementedError


async def staff_stage(house: House, lesson_id: str, now: dt.datetime) -> StageView:
    """For pushes to staff who were admitted already. Raises ``lesson_not_found``."""
    raise NotImplementedError


async def take(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    slot: PictureSlot,
    source: str | None,
    now: dt.datetime,
) -> StageView:
    """Raises ``forbidden``, ``lesson_not_on_air``, ``source_unknown``, ``command_reused``."""
    raise NotImplementedError


async def open_audio(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    source: str,
    *,
    opened: bool,
    now: dt.datetime,
) -> StageView:
    """Raises as :func:`take`."""
    raise NotImplementedError


async def mute_all(house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime) -> StageView:
    """Raises as :func:`take`."""
    raise NotImplementedError


async def pause_recording(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, paused: bool, now: dt.datetime
) -> StageView:
    """Pause or resume. Raises ``not_recorded``, and as :func:`take`."""
    raise NotImplementedError


async def set_microphone(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, microphone: Microphone, now: dt.datetime
) -> StageView:
    """The operator says what the room's microphone is set to. Raises ``forbidden`` for who stands for no venue here."""
    raise NotImplementedError
