"""Who is expected at a lesson (应到). Frozen when the lesson opens; later additions are logged beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.members import MemberKind


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One expected member as of the opening: name, kind and unit never change afterwards.

    ``lesson_venue_id`` None: by phone. ``added_at`` None: frozen at the opening and counted in 应到; else a later
    addition, counted beside it.
    """

    member_id: str
    name: str
    kind: MemberKind
    unit_id: str
    lesson_venue_id: str | None
    added_at: dt.datetime | None = None
    added_by: str | None = None
    reason: str = ""

    @property
    def frozen(self) -> bool:
        return self.added_at is None
