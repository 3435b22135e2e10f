"""How fast a body of random bytes comes: the uplink of whoever sends it, by our own clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from server import clock
from server.domain.refusals import Refusal

MOST_BYTES = 4 * 1024 * 1024
LONGEST_S = 15.0
"""What has come by then is measured: a slow line is a result, too."""
LEAST_BYTES = 64 * 1024
_LEAST_MS = 1.0


@dataclass(frozen=True, slots=True)
class Arrival:
    bytes: int
    ms: float

    @property
    def bps(self) -> int:
        return round(self.bytes * 8000 / max(self.ms, _LEAST_MS))


async def measure(request: web.Request) -> Arrival:
    """Reads and forgets the body. Raises ``unsupported_media_type``, ``body_too_large``, ``invalid_body``."""
    if request.content_type != "application/octet-stream":
        raise Refusal("unsupported_media_type", request.content_type[:80])
    if (request.content_length or 0) > MOST_BYTES:
        raise Refusal("body_too_large")
    came, begun = 0, clock.monotonic_ms()
    try:
        async with asyncio.timeout(LONGEST_S):
            async for chunk in request.content.iter_any():
                came += len(chunk)
                if came > MOST_BYTES:
                    raise Refusal("body_too_large")
    except TimeoutError:
        pass
    else:
        if came < LEAST_BYTES:
            raise Refusal("invalid_body", f"fewer than {LEAST_BYTES} bytes")
    return Arrival(came, clock.monotonic_ms() - begun)
