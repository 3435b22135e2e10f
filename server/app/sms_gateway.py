"""A gateway for text messages that takes one HTTP request each, whose body is a template of the settings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp

from server.app.outgoing import Answer, Unanswered, ask
from server.domain.deliveries import Fate, Outcome
from server.services.notices import Letter

_BESIDE = 4
_LATER = frozenset({401, 403, 408, 425, 429, 503})
_SUCCESS = range(200, 300)
_REFUSED = range(400, 500)
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class SmsAccess:
    """``body``: JSON, or a form ``a=b&c=d``, with ``{phone}``, ``{text}`` and ``{id}`` in its values. ``header``:
    ``Name: value``. ``success``: what the answer of a success contains; empty: any 2xx is one.
    """

    url: str = field(repr=False)
    body: str = field(repr=False)
    header: str = field(repr=False, default="")
    success: str = ""


class SmsGateway:
    """A repetition would be a second message: what nobody knows is not sent again."""

    at_once = 20
    repeats_safely = False

    def __init__(self, client: aiohttp.ClientSession, access: SmsAccess) -> None:
        self._client, self._access = client, access
        self._beside = asyncio.Semaphore(_BESIDE)

    async def send(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        return await asyncio.gather(*(self._send(letter) for letter in letters))

    async def _send(self, letter: Letter) -> Outcome:
        content, data = filled(self._access.body, letter)
        headers = {"Content-Type": content}
        if self._access.header:
            name, _, value = self._access.header.partition(":")
            headers[name.strip()] = value.strip()
        async with self._beside:
            try:
                return self._outcome(await ask(self._client, "POST", self._access.url, data=data, headers=headers))
            except Unanswered as failed:
                return Outcome(failed.outcome.fate, f"sms_{failed.outcome.code}")

    def _outcome(self, answer: Answer) -> Outcome:
        code = f"sms_http_{answer.status}"
        if answer.status in _SUCCESS:
            sound = self._access.success.encode() in answer.body
            # Taken, and not as expected: it may have gone out, or ``success`` may be set wrongly.
            return Outcome(Fate.SENT) if sound else Outcome(Fate.UNKNOWN, "sms_refused")
        if answer.status in _LATER:
            return Outcome(Fate.LATER, code)
        if answer.status >= _SERVER_ERROR:
            return Outcome(Fate.UNKNOWN, code)
        return Outcome(Fate.NEVER if answer.status in _REFUSED else Fate.LATER, code)


def filled(template: str, letter: Letter) -> tuple[str, bytes]:
    """Content type and body. A value is put in after parsing: no text can become another field."""
    if template.lstrip().startswith("{"):
        return "application/json", json.dumps(_put(json.loads(template), letter), ensure_ascii=False).encode()
    fields = [(name, _put(value, letter)) for name, value in parse_qsl(template, keep_blank_values=True)]
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


def _put(value: Any, letter: Letter) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {name: _put(each, letter) for name, each in value.items()}
    if isinstance(value, list):
        return [_put(each, letter) for each in value]
    if not isinstance(value, str):
        return value
    parts = {"{phone}": letter.address, "{id}": letter.id, "{text}": letter.text}
    for hole, part in parts.items():  # the text last: what it says is never a hole
        value = value.replace(hole, part)
    return value
