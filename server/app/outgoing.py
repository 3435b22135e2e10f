"""One request to a host that the settings name: bounded, no redirects, no proxies of the environment, no cookies."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp

from server.domain.deliveries import Fate, Outcome

PATIENCE_S = 10.0
_MOST_ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Unanswered(Exception):
    """``outcome``: whether it may have arrived all the same."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.code)
        self.outcome = outcome


@contextlib.asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    patience = aiohttp.ClientTimeout(total=PATIENCE_S, connect=PATIENCE_S / 2)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(timeout=patience, cookie_jar=jar, trust_env=False) as opened:
        yield opened


async def ask(
    client: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Raises :class:`Unanswered`; its code names neither address nor secret."""
    try:
        async with client.request(
            method, url, params=params, data=data, headers=headers, allow_redirects=False
        ) as response:
            return Answer(response.status, await _whole(response.content))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise Unanswered(Outcome(Fate.LATER, "unreachable")) from None
    except (TimeoutError, aiohttp.ClientError):
        raise Unanswered(Outcome(Fate.UNKNOWN, "no_answer")) from None


async def _whole(content: aiohttp.StreamReader) -> bytes:
    """As much as may be: one read gives only what has come so far, and an answer may come in pieces."""
    body = b""
    while len(body) < _MOST_ANSWER and (piece := await content.read(_MOST_ANSWER - len(body))):
        body += piece
    return body
