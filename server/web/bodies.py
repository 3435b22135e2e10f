"""A request's body as it comes, for whoever writes it on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from server.domain.refusals import Refusal
from server.web.call import Call

STALL_S = 60.0


async def pieces(call: Call, most_s: float) -> AsyncIterator[bytes]:
    """For ``most_s`` seconds at most. Raises ``upload_broken`` when it stops coming."""
    try:
        async with asyncio.timeout(most_s):
            while True:
                async with asyncio.timeout(STALL_S):
                    piece = await call.request.content.readany()
                if not piece:
                    return
                yield piece
    except TimeoutError:
        raise Refusal("upload_broken", "it stopped coming") from None
    except (web.RequestPayloadError, ConnectionError) as error:
        raise Refusal("upload_broken", type(error).__name__) from None
