"""Units, venues and lecturers in a principal's scope."""

from __future__ import annotations

import datetime as dt

from server.domain.access import Principal
from server.services.records import Records
from server.services.views import PersonView, UnitView, VenueView


async def list_units(records: Records, principal: Principal, now: dt.datetime) -> tuple[UnitView, ...]:
    """Parents before children. ``parent_id`` is None where the parent lies outside the scope."""
    raise NotImplementedError


async def list_venues(records: Records, principal: Principal, now: dt.datetime) -> tuple[VenueView, ...]:
    raise NotImplementedError


async def list_lecturers(records: Records, principal: Principal, now: dt.datetime) -> tuple[PersonView, ...]:
    raise NotImplementedError
