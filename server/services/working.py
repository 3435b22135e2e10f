"""What works through a queue of the record, for as long as the process lives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from server.domain.refusals import Refusal

log = logging.getLogger(__name__)


async def keep_at(what: str, step: Callable[[], Awaitable[int]], look_s: float) -> None:
    """Until cancelled: ``step`` again at once while it found work, else in ``look_s`` seconds. Its fault over one piece
    of work is no reason for the process to end.
    """
    while True:
        worked = 0
        try:
            worked = await step()
        except Refusal as refusal:
            log.warning("%s was left: %s", what, refusal.code)
        except Exception:
            log.exception("%s stumbled", what)
        await asyncio.sleep(0 if worked else look_s)
