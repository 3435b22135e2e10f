"""Who is connected and may no longer be: each login's rights are looked at again, a lesson at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import structlog

from server.domain.events import Listener
from server.domain.refusals import Refusal
from server.live.client import Client, Joined
from server.problems import problem
from server.services.records import Records
from server.services.rights import readmit

log = structlog.get_logger()

RIGHTS_CHANGED = "rights_changed"

Parting = tuple[Client, str]
"""With the code of why it has to go."""


async def partings(records: Records, clients: Iterable[Client], now: dt.datetime) -> list[Parting]:
    """Of these. Nobody of a lesson whose rights cannot be read now: a database that is away sends nobody away."""
    by_lesson: dict[str, list[Client]] = {}
    for client in clients:
        by_lesson.setdefault(client.joined.lesson_id, []).append(client)
    found: list[Parting] = []
    for lesson_id, those in by_lesson.items():
        try:
            found += await _of_lesson(records, lesson_id, those, now)
        except Refusal as refusal:
            log.warning("socket.rights_unknown", lesson_id=lesson_id, code=refusal.code)
        except Exception:
            log.exception("socket.rights_failed", lesson_id=lesson_id)
    return found


async def _of_lesson(records: Records, lesson_id: str, clients: list[Client], now: dt.datetime) -> list[Parting]:
    verdicts = await readmit(records, lesson_id, {each.joined.holder for each in clients}, now)
    codes = ((client, _why(client.joined, verdicts[client.joined.holder])) for client in clients)
    return [(client, code) for client, code in codes if code is not None]


def _why(joined: Joined, verdict: Listener | str) -> str | None:
    """Why somebody must go, if so; one who hears other things than before comes again for them."""
    if isinstance(verdict, str):
        return verdict
    return None if verdict == joined.listener else RIGHTS_CHANGED


def words(code: str) -> dict[str, object]:
    """What it is told."""
    return {} if code == RIGHTS_CHANGED else problem(Refusal(code))
