"""One request as the handlers see it: who asks, from where, under which id, and its body within a limit."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from uuid import UUID

import structlog
from aiohttp import hdrs, web
from multidict import CIMultiDict

from server import clock
from server.domain.access import Principal
from server.domain.quiz_clock import Moment
from server.domain.refusals import Refusal
from server.services.audit import Doing
from server.services.house import House
from server.services.login import authenticate, digest
from server.services.second_factors import check_enrolled
from server.web.forms import Command
from server.web.site import Site

COOKIE = "__Host-session"
MOST_TOKEN = 200
UNATTENDED = "X-Unattended"
"""A request's header: a page asked by itself, nobody touched it for a while."""
_BODY_TIMEOUT_S = 30.0
_VERSION_DIGITS = 10


class Call:
    """Made by the outermost middleware for each request."""

    def __init__(self, request: web.Request, site: Site, address: str, request_id: str) -> None:
        self.request = request
        self.site = site
        self.address = address
        self.request_id = request_id
        self.now: dt.datetime = site.now()
        self.headers: CIMultiDict[str] = CIMultiDict()
        self._principal: Principal | None = None
        self.doing: Doing | None = None  # what the audit log is going to say of this call
        self.stands: Callable[[dt.datetime], bool] | None = None  # whether its answer would be given then, too

    @property
    def principal(self) -> Principal:
        """Whoever was identified. Raises ``not_logged_in``."""
        if self._principal is None:
            raise Refusal("not_logged_in")
        return self._principal

    @property
    def account_id(self) -> str | None:
        return self._principal.account_id if self._principal else None

    @property
    def token(self) -> str | None:
        return self.request.cookies.get(COOKIE)

    @property
    def login(self) -> str | None:
        """The digest of the login that asks; what it is given ends with it."""
        return digest(self.token) if self.token and self._principal else None

    def describe(self, *, actor: str | None = None, login: str = "", about: str = "") -> None:
        """What the audit log shall say of this call and only its handler knows."""
        if self.doing is not None:
            self.doing.actor = actor or self.doing.actor
            self.doing.login = login[:16] or self.doing.login
            self.doing.about = about or self.doing.about

    def order(self, about: UUID, body: Command) -> tuple[House, Principal, str, str]:
        """What every use case that changes something begins with: where, by whom, what it is about, which command."""
        return self.site.house, self.principal, str(about), body.command

    async def identify(self, *, enrolling: bool = False) -> Principal:
        """Reads the session. Raises ``not_logged_in``, ``too_fast`` for a busy account, and unless ``enrolling``
        ``second_factor_required`` for an administrator without one.
        """
        token = self.token
        if not token or len(token) > MOST_TOKEN:
            raise Refusal("not_logged_in")
        house, rules = self.site.house, self.site.login_rules
        uses = house.uses
        self._principal = await authenticate(
            house.records, token, self.now, uses, rules, callers=house.callers, looks=house.logins
        )
        if not enrolling:
            await check_enrolled(house.records, self._principal, rules)
        if not self._asks_by_itself:
            uses.touch(digest(token), self.now)
        structlog.contextvars.bind_contextvars(account_id=self._principal.account_id)
        if self._principal.member_id is not None:
            structlog.contextvars.bind_contextvars(member_id=self._principal.member_id)
            self.site.connections.used(self.request, self._principal.account_id)
        self.site.pace.account(self._principal.account_id)
        return self._principal

    @property
    def _asks_by_itself(self) -> bool:
        """A page that nobody touches says so. Waiting for a lesson's events is watching it; asking what is left is no
        use.
        """
        if self.request.path.endswith("/session/idle"):
            return True
        return UNATTENDED in self.request.headers and not self.request.path.endswith("/events")

    async def watches(self) -> None:
        """What was asked for is a lesson on the air, or its replay: the login that is watching is in use. The grant let
        in, not the login: one that went unused for too long, or is none, is looked at before and stays so.
        """
        if not self.token or len(self.token) > MOST_TOKEN:
            return
        house, rules = self.site.house, self.site.login_rules
        last = house.uses.last(digest(self.token))
        if last is None or self.now - last >= min(rules.staff_idle, rules.admin_idle):
            try:
                await authenticate(house.records, self.token, self.now, house.uses, rules, callers=house.callers)
            except Refusal:
                return
        house.uses.touch(digest(self.token), self.now)

    def moment(self) -> Moment:
        """This very moment, not the request's beginning."""
        return Moment(self.site.now(), clock.monotonic_ms())

    @property
    def if_match(self) -> int:
        """The version named by If-Match (RFC 9110, 13.1.1).

        Raises ``precondition_required``, ``precondition_failed``.
        """
        text = self.request.headers.get(hdrs.IF_MATCH)
        if text is None:
            raise Refusal("precondition_required")
        digits = text.strip().strip('"')
        if not (digits.isascii() and digits.isdigit() and len(digits) < _VERSION_DIGITS):
            raise Refusal("precondition_failed", "not one of our tags")
        return int(digits)

    async def read(self, limit: int, code: str) -> bytes:
        """The whole body; ``code`` is raised as soon as it is known to exceed ``limit`` bytes."""
        if (self.request.content_length or 0) > limit:
            raise Refusal(code)
        there: bytes | None = self.request.get(BODY)
        if there is not None:
            return there
        body = bytearray()
        try:
            async with asyncio.timeout(_BODY_TIMEOUT_S):
                async for chunk in self.request.content.iter_any():
                    body += chunk
                    if len(body) > limit:
                        raise Refusal(code)
        except TimeoutError:
            raise Refusal("invalid_body", "the body did not arrive in time") from None
        return bytes(body)

    def set_cookie(self, name: str, value: str, lifetime: dt.timedelta) -> None:
        """HttpOnly, Secure, for the whole of our address; sent along when somebody comes by a link."""
        self.headers.add(hdrs.SET_COOKIE, cookie(name, value, int(lifetime.total_seconds())))

    @property
    def base_url(self) -> str:
        """Our address as the client knows it, without a slash at the end."""
        return self.site.origins.base_url(self.request.host)


def cookie(name: str, value: str, max_age_s: int) -> str:
    response = web.Response()
    response.set_cookie(name, value, max_age=max_age_s, path="/", secure=True, httponly=True, samesite="Lax")
    return response.cookies[name].OutputString()


CALL = web.RequestKey("call", Call)
BODY = web.RequestKey("body", bytes)
"""Of a request whose body was taken on the way."""
