"""企业微信 as a channel: messages of an application of the house's own (message/send), to members by their number.

The access token is one for two hours and is kept; 40014 and 42001 say that it is good no more.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from server.app.outgoing import Unanswered, ask
from server.domain.deliveries import Fate, Outcome
from server.services.notices import Letter

_SOUND = 0
_TOKEN_OVER = frozenset({40014, 42001})
_NOBODY = 81013
_EARLY_S = 300.0
_SHORTEST_S = 60.0
_REST_S = 20.0
"""So long nobody asks for a token after one was not to be had: a host that is away costs its patience once."""
_SAME_WITHIN_S = 14_400
_BESIDE = 5
_SERVER_ERROR = 500
_OK = 200


@dataclass(frozen=True, slots=True)
class WeComAccess:
    url: str
    corp_id: str
    agent_id: int
    secret: str = field(repr=False)


class WeCom:
    """``monotonic``: seconds. A repetition of the same message within four hours is dropped on the other side."""

    at_once = 50
    repeats_safely = True

    def __init__(self, client: aiohttp.ClientSession, access: WeComAccess, monotonic: Callable[[], float]) -> None:
        self._client, self._access, self._monotonic = client, access, monotonic
        self._token, self._until = "", 0.0
        self._refusal: tuple[float, Outcome] | None = None
        self._asking = asyncio.Lock()
        self._beside = asyncio.Semaphore(_BESIDE)

    async def send(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        return await asyncio.gather(*(self._send(letter) for letter in letters))

    async def _send(self, letter: Letter) -> Outcome:
        if "|" in letter.address or letter.address.startswith("@"):
            return Outcome(Fate.NEVER, "wecom_bad_address")  # would be many, or all
        async with self._beside:
            try:
                return await self._tried(letter, again=True)
            except Unanswered as failed:
                return Outcome(failed.outcome.fate, f"wecom_{failed.outcome.code}")

    async def _tried(self, letter: Letter, *, again: bool) -> Outcome:
        token = await self._access_token()
        body = {
            "touser": letter.address,
            "msgtype": "text",
            "agentid": self._access.agent_id,
            "text": {"content": letter.text},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _SAME_WITHIN_S,
        }
        said = await self._ask("POST", "message/send", {"access_token": token}, body)
        code = said.get("errcode")
        if code in _TOKEN_OVER and again:
            self._forget(token)
            return await self._tried(letter, again=False)
        return _outcome(code, said, letter)

    def _forget(self, token: str) -> None:
        """Unless somebody has fetched another one meanwhile."""
        if token == self._token:
            self._until = 0.0

    async def _access_token(self) -> str:
        """Fetched by one at a time, and kept until a little before its end."""
        async with self._asking:
            if self._monotonic() < self._until:
                return self._token
            if self._refusal is not None and self._monotonic() < self._refusal[0]:
                raise Unanswered(self._refusal[1])
            access = {"corpid": self._access.corp_id, "corpsecret": self._access.secret}
            try:
                said = await self._ask("GET", "gettoken", access, None)
            except Unanswered as failed:
                raise self._rest(failed.outcome.code) from None
            token, lasts = said.get("access_token"), said.get("expires_in")
            if said.get("errcode") != _SOUND or not isinstance(token, str) or not isinstance(lasts, int):
                raise self._rest(f"token_{_number(said.get('errcode'))}")
            self._token, self._until = token, self._monotonic() + max(_SHORTEST_S, lasts - _EARLY_S)
            return token

    def _rest(self, code: str) -> Unanswered:
        """Nothing was sent."""
        outcome = Outcome(Fate.LATER, code)
        self._refusal = self._monotonic() + _REST_S, outcome
        return Unanswered(outcome)

    async def _ask(self, method: str, call: str, params: dict[str, str], body: dict[str, Any] | None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
        headers = {"Content-Type": "application/json"} if data else None
        url = f"{self._access.url.rstrip('/')}/cgi-bin/{call}"
        answer = await ask(self._client, method, url, params=params, data=data, headers=headers)
        if answer.status != _OK:
            fate = Fate.UNKNOWN if answer.status >= _SERVER_ERROR else Fate.LATER
            raise Unanswered(Outcome(fate, f"http_{answer.status}"))
        try:
            said = json.loads(answer.body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Unanswered(Outcome(Fate.UNKNOWN, "strange_answer"))
        return said


def _outcome(code: object, said: dict[str, Any], letter: Letter) -> Outcome:
    if code == _NOBODY:
        return Outcome(Fate.NEVER, "wecom_no_such_person")
    if code != _SOUND:
        return Outcome(Fate.LATER, f"wecom_{_number(code)}")
    named = f"{said.get('invaliduser') or ''}|{said.get('unlicenseduser') or ''}".lower().split("|")
    return Outcome(Fate.NEVER, "wecom_no_such_person") if letter.address.lower() in named else Outcome(Fate.SENT)


def _number(code: object) -> int | str:
    return code if isinstance(code, int) else "unknown"
