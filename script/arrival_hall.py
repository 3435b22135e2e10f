"""Who comes to one room at once for ``script/bench arrival``, and what their phones ask of the server.

One branch, one venue, one address. Half of the phones know their person. Of the others some have a password, some
nothing but a slip with an activation code, and some ask the branch's secretary at the door.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import enum
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from signin_school import School, session_of

from server.domain.access import AccountKind, Role, RoleGrant
from server.domain.accounts import Account
from server.services.records import Transaction
from server.store.passwords import Argon2Passwords

PASSWORD, NEW_PASSWORD = "dangxiao", "gong-ke-2026"
BRANCH = "b0"
_ASKED_FOR = frozenset({"not_logged_in", "password_needed"})
"""By these answers a page learns what to show next."""


class Manner(enum.StrEnum):
    """How somebody's phone gets in."""

    KNOWN = "known"
    PASSWORD = "password"
    ACTIVATION = "activation"
    DOOR = "door"

    @property
    def first(self) -> bool:
        """Whether it is the first login."""
        return self in {Manner.ACTIVATION, Manner.DOOR}


def manner_of(number: int, phones: int, first_timers: int) -> Manner:
    """Every second phone is logged in; the first-timers come first among the others, each way in turn."""
    if number % 2 == 0 and number // 2 < phones // 2:
        return Manner.KNOWN
    stranger = number // 2
    if stranger < first_timers:
        return Manner.ACTIVATION if stranger % 2 == 0 else Manner.DOOR
    return Manner.PASSWORD


@dataclass(frozen=True)
class Hall(School):
    """``School`` with everybody in one branch that gathers in one venue. ``hashed``: of ``PASSWORD``."""

    first_timers: int = 0
    hashed: str = ""

    def branch_of(self, number: int) -> int:
        return 0

    def venue_of(self, number: int) -> int | None:
        return 0

    def manner_of(self, number: int) -> Manner:
        return manner_of(number, self.members, self.first_timers)

    def _add_members(self, tx: Transaction) -> None:
        super()._add_members(tx)
        for number in range(self.members):
            if not self.manner_of(number).first:
                tx.accounts.set_password(f"a{number}", self.hashed)

    def _add_session(self, tx: Transaction, account_id: str) -> None:
        known = not account_id.startswith("a") or self.manner_of(int(account_id[1:])) is Manner.KNOWN
        if known:
            super()._add_session(tx, account_id)

    def _add_staff(self, tx: Transaction) -> None:
        super()._add_staff(tx)
        secretary = Account("secretary", "secretary", "支部书记", AccountKind.PERSON, unit_id=BRANCH)
        tx.accounts.add([secretary], [("secretary", RoleGrant(Role.SECRETARY, BRANCH))])
        self._add_session(tx, "secretary")


async def hall_of(phones: int, first_timers: int, now: dt.datetime) -> Hall:
    ids = tuple(str(uuid.uuid4()) for _ in range(phones))
    return Hall(phones, now, member_ids=ids, first_timers=first_timers, hashed=await Argon2Passwords().hash(PASSWORD))


# ---- what phones do --------------------------------------------------------------------------------------


class Reply(Protocol):
    status: int
    json: Any
    headers: Any


Ask = Callable[..., Awaitable[Reply]]
"""``ask(method, path, *cookies, json=…)`` of one browser, without the session's cookie."""


@dataclass
class Phone:
    """A cold browser, from the scan to the sign-in. ``issue`` asks the secretary for a code of that kind."""

    ask: Ask
    hall: Hall
    number: int
    issue: Callable[[str, int], Awaitable[str]]
    slip: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    member_id: str | None = None
    took_s: float = 0.0

    @property
    def manner(self) -> Manner:
        return self.hall.manner_of(self.number)

    async def arrive(self, scanned: str) -> None:
        """``scanned``: the path that the venue's screen shows now."""
        began = time.monotonic()
        if self.manner is Manner.KNOWN:
            self.cookies["__Host-session"] = session_of(f"a{self.number}")
        await self._do("GET", scanned)
        await self._do("GET", "/sign-in")
        await self._do("GET", "/api/v1/info")
        if (await self._do("GET", "/api/v1/session")).status == 401:
            await self._enter()
        await self._do("GET", "/api/v1/sign-in")
        signed_in = await self._do("POST", "/api/v1/sign-in", json={"command_id": str(uuid.uuid4())})
        if signed_in.status == 200:
            self.member_id = signed_in.json["member_id"]
        self.took_s = time.monotonic() - began

    async def _enter(self) -> None:
        if self.manner is Manner.PASSWORD:
            await self._do("POST", "/api/v1/session", json={"number": self.typed, "password": PASSWORD})
            return
        body = {"command_id": str(uuid.uuid4()), "number": self.typed}
        body |= {"code": self.slip or await self.issue("door", self.number)}
        if (await self._do("POST", "/api/v1/session/code", json=body)).status == 422:
            await self._do("POST", "/api/v1/session/code", json={**body, "password": NEW_PASSWORD})

    @property
    def typed(self) -> str:
        return f"{self.number:05}"

    async def _do(self, method: str, path: str, **more: Any) -> Reply:
        jar = [f"{name}={value}" for name, value in self.cookies.items()]
        answer = await self.ask(method, path, *jar, **more)
        for line in answer.headers.getall("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        code = str((answer.json or {}).get("code", answer.status)) if answer.status >= 400 else ""
        if code and code not in _ASKED_FOR:
            self.refused.append(code)
        return answer


async def everybody(phones: list[Phone], scanned: Callable[[], Awaitable[str]], moments: list[float]) -> None:
    """Each at its moment, in seconds from now."""
    began = time.monotonic()

    async def one(phone: Phone, moment: float) -> None:
        await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
        await phone.arrive(await scanned())

    async with asyncio.TaskGroup() as group:
        for phone, moment in zip(phones, moments, strict=True):
            group.create_task(one(phone, moment))
