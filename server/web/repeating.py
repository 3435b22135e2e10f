"""The very same request again gets the very same answer, before anything else looks at it.

A phone that heard nothing sends its sign-in once more, and a hall on a poor network does so thousands of times in the
same seconds. What may be repeated says so (``Call.stands``): by what to tell whether its answer is still the one that
the whole way would give. The key is everything that the request says, its cookies among them, so nobody else's and no
other request ever finds it. Login, pace and counters are looked at as before; there is no line in the log, and the
answer bears the id of the request whose line there is. Where nothing is remembered (0120) all go the whole way.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import functools
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from aiohttp import HttpVersion11, hdrs, web

from server import clock
from server.services.callers import Caller, still_known
from server.services.remembering import Memory
from server.services.second_factors import required_of
from server.web.call import BODY, CALL, UNATTENDED, Call
from server.web.endpoint import Endpoint
from server.web.guards import address_of, route_of
from server.web.site import Site

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

MOST_BODY_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Answer:
    """``head``: status and headers without the date."""

    head: bytes = field(repr=False)
    body: bytes = field(repr=False)
    method: str
    route: str
    login: str
    caller: Caller
    is_use: bool

    def at(self, now: dt.datetime) -> bytes:
        return b"%b%b\r\n\r\n%b" % (self.head, _date(int(now.timestamp())), self.body)


@dataclass(frozen=True, slots=True)
class _Standing:
    """The same login of the same person as then, and the answer is what the handler would say."""

    site: Site
    answer: Answer
    stands: Callable[[dt.datetime], bool]

    def holds(self) -> bool:
        now = self.site.now()
        return _caller(self.site, self.answer.login, now) is self.answer.caller and self.stands(now)


def _caller(site: Site, login: str, now: dt.datetime) -> Caller | None:
    return still_known(site.house.callers, login, now, site.house.uses, site.login_rules)


class Again(web.StreamResponse):
    """What was an answer before, whole."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content
        self._asked: web.BaseRequest | None = None

    @property
    def keep_alive(self) -> bool:
        return True

    async def prepare(self, request: web.BaseRequest) -> None:
        if request.transport is None:
            raise ConnectionResetError("gone")
        request.transport.write(self._content)
        self._asked = request

    async def write_eof(self, data: bytes = b"") -> None:
        """Who reads nothing is written no more to."""
        if self._asked is not None:
            await self._asked.writer.drain()


class Repeating:
    """Around everything that answers. Bounded by its memory; what is on its way by the connections that there are."""

    def __init__(self, site: Site, endpoints: Iterable[Endpoint]) -> None:
        self._site = site
        self._path = re.compile("|".join(_pattern(each.path) for each in endpoints if each.repeatable) or "(?!)")
        self._answers: Memory[bytes, Answer] = Memory()
        self._going: dict[bytes, asyncio.Future[None]] = {}

    def around(self, handler: Handler) -> Handler:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            key = self._key(request)
            if key is None:
                return await handler(request)
            return await self._answered(key, request, handler)

        return handle

    def _key(self, request: web.BaseRequest) -> bytes | None:
        """None: it may not be repeated, or has not come whole."""
        if request.method != hdrs.METH_POST or self._path.fullmatch(request.raw_path) is None:
            return None
        if request.version != HttpVersion11 or not request.keep_alive or hdrs.EXPECT in request.headers:
            return None
        content = request.content
        if not 0 < (request.content_length or 0) <= MOST_BODY_BYTES or not content.is_eof() or content.exception():
            return None
        body = request[BODY] = content.read_nowait()
        lines = (request.raw_path.encode("utf-8", "surrogateescape"), *map(b":".join, request.raw_headers), b"", body)
        return hashlib.sha256(b"\n".join(lines)).digest()

    async def _answered(self, key: bytes, request: web.BaseRequest, handler: Handler) -> web.StreamResponse:
        began_ms = clock.monotonic_ms()
        again = self._again(key, request, began_ms)
        if again is None and key in self._going and len(self._answers):
            await asyncio.wait([self._going[key]])
            again = self._again(key, request, began_ms)
        if again is not None:
            return again
        if key in self._going:  # the first was refused, or nothing is remembered: each asks for itself
            return await handler(request)
        going = self._going[key] = asyncio.get_running_loop().create_future()
        try:
            response = await handler(request)
            await self._keep(key, request, response)
            return response
        finally:
            del self._going[key]
            going.set_result(None)

    def _again(self, key: bytes, request: web.BaseRequest, began_ms: float) -> Again | None:
        kept = self._answers.get(key)
        if kept is None:
            return None
        site, now, asker = self._site, self._site.now(), kept.caller.principal
        if not site.pace.repetition(address_of(request, site), asker.account_id):
            return None  # it is told so on its way
        if kept.is_use:
            site.house.uses.touch(kept.login, now)
        if asker.member_id is not None:
            site.connections.used(request, asker.account_id)
        site.meters.repeated(kept.method, kept.route, (clock.monotonic_ms() - began_ms) / 1000)
        return Again(kept.at(now))

    async def _keep(self, key: bytes, request: web.BaseRequest, response: web.StreamResponse) -> None:
        call = request.get(CALL)
        if call is None or call.stands is None or not isinstance(response, web.Response) or response.status != 200:
            return
        caller = _caller(self._site, call.login or "", self._site.now())
        if caller is None or caller.principal != call.principal:
            return
        if required_of(caller.principal, self._site.login_rules) or not isinstance(response.body, bytes):
            return
        await response.prepare(request)  # also when nobody is there any more to hear it: just those ask again
        answer = _answer(call, response, response.body, caller)
        standing = _Standing(self._site, answer, call.stands)
        if standing.holds():
            self._answers.keep(key, answer, standing)


def _answer(call: Call, response: web.Response, body: bytes, caller: Caller) -> Answer:
    lines = [f"HTTP/1.1 {response.status} {response.reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items() if name != hdrs.DATE]
    return Answer(
        head=("\r\n".join(lines) + f"\r\n{hdrs.DATE}: ").encode(),
        body=body,
        method=call.request.method,
        route=route_of(call.request),
        login=caller.session.token_digest,
        caller=caller,
        is_use=UNATTENDED not in call.request.headers,
    )


def _pattern(path: str) -> str:
    """Of an endpoint's path, for what a request's path says."""
    return "".join("[^/?#]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", path))


@functools.lru_cache(maxsize=4)
def _date(second: int) -> bytes:
    """RFC 9110, 6.6.1: when this answer was given."""
    return email.utils.formatdate(second, usegmt=True).encode()
