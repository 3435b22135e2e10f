"""Who hears that a material changed."""

from __future__ import annotations

import datetime as dt

from server.domain import events
from server.domain.events import EVERYONE, STAFF
from server.domain.materials import Material, released
from server.services.finding import found
from server.services.records import Transaction


def announce(tx: Transaction, before: Material, after: Material, actor: str | None, now: dt.datetime) -> None:
    """Everyone about what everyone could or can read, else staff. The lesson's row is locked."""
    lesson = found(tx.lessons.get(after.lesson_id))
    audience = EVERYONE if released(before, lesson) or released(after, lesson) else STAFF
    tx.events.append(after.lesson_id, [events.material_changed(audience, after)], now, actor)
