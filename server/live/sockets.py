"""Socket.IO, namespace ``/live``: admit by ticket, push events in order, answer ``since`` and ``beat``, say ``bye``."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import pydantic
import socketio
import structlog
from aiohttp import web
from pydantic import ConfigDict, Field

from server import clock
from server.domain.events import Listener, ended_login
from server.domain.presence import Device, Face
from server.domain.quiz import MOST_OPTIONS, AnswerChannel, Moment
from server.domain.refusals import Refusal
from server.live import transport
from server.live.client import Client, Joined, event_out, rfc3339
from server.live.doorway import Doorway
from server.live.feed import Feed
from server.live.outbox import Message, Overflow
from server.pacing import Rate
from server.problems import InvalidBody, problem
from server.services.answering import Attempt, answer_quiz
from server.services.attending import arrive, depart
from server.services.events import heard_since
from server.services.house import House
from server.services.rights import readmit
from server.services.tickets import Admission, TicketSigner, admit_socket
from server.settings import Settings

log = structlog.get_logger()

NAMESPACE = "/live"
RIGHTS_CHANGED = "rights_changed"
_JOIN_WITHIN_S = 10.0
_SWEEP_S = 5.0
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


class Auth(pydantic.BaseModel):
    """What a client connects with."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    ticket: str = Field(max_length=4096, repr=False)
    lesson_id: str = Field(min_length=36, max_length=36)
    since: int = Field(default=0, ge=0, le=2**53)
    face: Literal["phone", "venue", "desk", "console", "board"] = "phone"


class Since(pydantic.BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    seq: int = Field(ge=0, le=2**53)


class Chosen(pydantic.BaseModel):
    """A member's answer. Identifiers in their usual spelling, so that one command has one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    quiz_id: Annotated[str, Field(pattern=_UUID)]
    command_id: Annotated[str, Field(pattern=_UUID)]
    choice: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=64)], ...],
        Field(min_length=1, max_length=MOST_OPTIONS, strict=False),
    ]


class Live:
    """All sockets of this process. Use ``run`` as a task; ``bye`` when the process ends."""

    def __init__(
        self,
        settings: Settings,
        house: House,
        signer: TicketSigner,
        *,
        allows: Callable[[str | None], bool],
        address_of: Callable[[web.Request], str],
        now: Callable[[], dt.datetime],
        on_count: Callable[[int], None],
        on_cut: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._house = house
        self._signer = signer
        self._now = now
        self._on_count = on_count
        self._on_cut = on_cut
        self._draining = False
        self._clients: dict[str, tuple[Client, asyncio.Task[None]]] = {}
        self._of_account: Counter[str] = Counter()
        self._feeds: dict[str, tuple[Feed, asyncio.Task[None]]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self.server = socketio.AsyncServer(
            async_mode="aiohttp",
            transports=["websocket"],
            cors_allowed_origins=lambda origin, _environ: allows(origin),
            namespaces=[NAMESPACE],
            max_http_buffer_size=settings.socket_message_bytes,
            async_handlers=False,  # one message of a client after the other
            ping_interval=20,
            ping_timeout=20,
            logger=False,
            engineio_logger=False,
        )
        rate = Rate(settings.socket_messages_per_second * 60, settings.socket_burst)
        transport.install(self.server, rate, on_cut)
        doorway = Doorway(settings.address_sockets_joining)
        transport.install_doorway(self.server, doorway, address_of, lambda: on_cut("too_many_joining"))
        for name, handler in (
            ("connect", self._connect),
            ("disconnect", self._disconnect),
            ("since", self._since),
            ("beat", self._beat),
            ("answer", self._answer),
        ):
            self.server.on(name, handler, namespace=NAMESPACE)

    def attach(self, app: web.Application) -> None:
        self.server.attach(app)

    async def run(self) -> None:
        """Until cancelled: follows hints and removes connections that never joined."""
        async with asyncio.TaskGroup() as group:
            self._tasks = group
            group.create_task(self._sweep())
            group.create_task(self._look_again_and_again())
            async with self._house.fanout.subscribe(None) as hints:
                while True:
                    hint = await hints.next()
                    login = ended_login(hint)
                    if login is not None:
                        group.create_task(self._look_again(login))
                    feeds = self._feeds.values() if not hint.lesson_id else [self._feeds.get(hint.lesson_id)]
                    for feed in filter(None, feeds):
                        feed[0].hint()

    async def bye(self) -> None:
        """Tell everybody when to come back, each another moment, then close. Idempotent."""
        self._draining = True
        for client, _ in tuple(self._clients.values()):
            await self.server.emit("bye", self._farewell(), to=client.joined.sid, namespace=NAMESPACE)
        async with asyncio.TaskGroup() as group:
            for sid in tuple(self._clients):
                group.create_task(self._close_politely(sid))
        for engine_id in transport.engine_ids(self.server):
            await transport.cut_engine(self.server, engine_id)

    def _farewell(self, code: str = "draining") -> dict[str, object]:
        least, most = self._settings.retry_least_ms, self._settings.retry_most_ms
        return {"code": code, "retry_after_ms": random.randint(least, most)}  # noqa: S311 - spreads load only

    async def _close_politely(self, sid: str) -> None:
        try:
            async with asyncio.timeout(1.0):
                await transport.sent(self.server, sid, NAMESPACE)
        except TimeoutError:
            pass
        await self.server.disconnect(sid, namespace=NAMESPACE)

    # ---- coming and going ------------------------------------------------------------------------------

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> None:
        try:
            await self._admit(sid, auth)
            transport.has_joined(environ)
        except Refusal as refusal:
            log.info("socket.refused", code=refusal.code, detail=refusal.detail)
            raise socketio.exceptions.ConnectionRefusedError(refusal.code, problem(refusal)) from None

    async def _admit(self, sid: str, auth: object) -> None:
        if self._draining or self._tasks is None:
            raise Refusal("draining", retry_after_s=2)
        if transport.connections(self.server) > self._settings.sockets:
            raise Refusal("busy", "too many sockets", retry_after_s=10)
        asked = _auth(auth)
        admission = await admit_socket(self._house.records, self._signer, asked.ticket, asked.lesson_id, self._now())
        client = Client(_joined(sid, asked, admission), asked.since, self._settings.socket_queue_bytes)
        self._take_place(client)
        try:
            await arrive(self._house, asked.lesson_id, client.joined.device, self._now())
        except BaseException:
            self._give_place_back(client)
            raise
        feed = self._feed(asked.lesson_id, admission.seq)
        sender = self._tasks.create_task(client.run(lambda item: self._send(sid, item)))
        self._clients[sid] = (client, sender)
        self._on_count(len(self._clients))
        # Its events follow the connect packet, so joining is not awaited here.
        self._tasks.create_task(self._join(feed, client))

    def _take_place(self, client: Client) -> None:
        """Raises ``too_fast``: one account must not use up the places of all."""
        account_id = client.joined.device.account_id
        if self._of_account[account_id] >= self._settings.account_sockets:
            raise Refusal("too_fast", "too many sockets of one account", retry_after_s=10)
        self._of_account[account_id] += 1

    def _give_place_back(self, client: Client) -> None:
        account_id = client.joined.device.account_id
        self._of_account[account_id] -= 1
        if not self._of_account[account_id]:
            del self._of_account[account_id]

    async def _join(self, feed: Feed, client: Client) -> None:
        try:
            await feed.join(client)
        except Overflow:
            await self._cut(client, "too_slow")
        except Exception:
            # One client's catching up: it is cut off and comes again; the others go on.
            log.exception("socket.join_failed")
            await self._cut(client, "join_failed")
        if client.joined.sid not in self._clients:  # it left meanwhile
            self._drop(feed, client)

    async def _disconnect(self, sid: str, *_reason: object) -> None:
        client, sender = self._clients.pop(sid, (None, None))
        if client is None or sender is None:
            return
        sender.cancel()
        self._give_place_back(client)
        self._on_count(len(self._clients))
        held = self._feeds.get(client.joined.lesson_id)
        if held is not None:
            self._drop(held[0], client)
        try:
            await depart(self._house, client.joined.lesson_id, client.joined.device, self._now())
        except Refusal as refusal:
            log.warning("socket.depart_failed", code=refusal.code)

    def _feed(self, lesson_id: str, seq: int) -> Feed:
        assert self._tasks is not None
        if lesson_id not in self._feeds:
            feed = Feed(self._house, lesson_id, seq, lambda client: self._cut(client, "too_slow"), self._now)
            self._feeds[lesson_id] = (feed, self._tasks.create_task(feed.run()))
        return self._feeds[lesson_id][0]

    def _drop(self, feed: Feed, client: Client) -> None:
        feed.leave(client)
        lesson_id = client.joined.lesson_id
        others = any(other.joined.lesson_id == lesson_id for other, _ in self._clients.values())
        if feed.empty and not others and lesson_id in self._feeds:
            _, task = self._feeds.pop(lesson_id)
            task.cancel()

    async def _cut(self, client: Client, reason: str) -> None:
        log.info("socket.cut", reason=reason, account_id=client.joined.device.account_id)
        self._on_cut(reason)
        await transport.cut(self.server, client.joined.sid, NAMESPACE)

    # ---- rights that ended -----------------------------------------------------------------------------

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._settings.rights_seconds)
            await self._look_again(None)

    async def _look_again(self, login: str | None) -> None:
        """At those of this login, or at all: who lost login or right is sent away, none while the database is away."""
        by_lesson: dict[str, list[Client]] = {}
        for client, _ in tuple(self._clients.values()):
            if login in (None, client.joined.holder.login):
                by_lesson.setdefault(client.joined.lesson_id, []).append(client)
        for lesson_id, clients in by_lesson.items():
            try:
                await self._look_at(lesson_id, clients)
            except Refusal as refusal:
                log.warning("socket.rights_unknown", lesson_id=lesson_id, code=refusal.code)
            except Exception:
                log.exception("socket.rights_failed", lesson_id=lesson_id)

    async def _look_at(self, lesson_id: str, clients: list[Client]) -> None:
        verdicts = await readmit(self._house.records, lesson_id, {each.joined.holder for each in clients}, self._now())
        async with asyncio.TaskGroup() as group:
            for client in clients:
                code = _parting(client.joined, verdicts[client.joined.holder])
                if code is not None and client.joined.sid in self._clients:
                    group.create_task(self._dismiss(client, code))

    async def _dismiss(self, client: Client, code: str) -> None:
        """It hears nothing more but why, and is given a second to take that."""
        sid, feed = client.joined.sid, self._feeds.get(client.joined.lesson_id)
        if feed is not None:
            feed[0].leave(client)
        await self.server.emit("bye", {**_words(code), **self._farewell(code)}, to=sid, namespace=NAMESPACE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await transport.sent(self.server, sid, NAMESPACE)
        await self._cut(client, code)

    async def _send(self, sid: str, item: Message) -> None:
        await transport.send_event(self.server, sid, NAMESPACE, item.text)
        await transport.sent(self.server, sid, NAMESPACE)

    async def _sweep(self) -> None:
        """Connections that never join a namespace are cut off; clients whose connection went while they joined, too."""
        waiting: dict[str, float] = {}
        while True:
            await asyncio.sleep(_SWEEP_S)
            joined = {sid: self.server.manager.eio_sid_from_sid(sid, NAMESPACE) for sid in self._clients}
            present = set(transport.engine_ids(self.server))
            for sid in [sid for sid, engine_id in joined.items() if engine_id not in present]:
                await self._disconnect(sid)
            idle = present - set(joined.values())
            waiting = {engine_id: waiting.get(engine_id, 0.0) + _SWEEP_S for engine_id in idle}
            for engine_id in [each for each, waited_s in waiting.items() if waited_s > _JOIN_WITHIN_S]:
                await transport.cut_engine(self.server, engine_id)

    # ---- what clients ask ------------------------------------------------------------------------------

    async def _since(self, sid: str, data: object = None, *_more: object) -> dict[str, Any]:
        client, _ = self._clients.get(sid, (None, None))
        if client is None:
            return problem(Refusal("not_logged_in"))
        # Answers bypass the outbox: the next one is made when the last one has been taken.
        await transport.sent(self.server, sid, NAMESPACE)
        try:
            seq = Since.model_validate(data).seq
            page = await heard_since(self._house.records, client.joined.lesson_id, client.joined.listener, seq)
        except pydantic.ValidationError as error:
            return problem(_invalid(error))
        except Refusal as refusal:
            return problem(refusal)
        return {"events": [event_out(event) for event in page.events], "seq": page.seq}

    async def _beat(self, sid: str, *_data: object) -> dict[str, Any]:
        client, _ = self._clients.get(sid, (None, None))
        if client is None:
            return problem(Refusal("not_logged_in"))
        try:
            await arrive(self._house, client.joined.lesson_id, client.joined.device, self._now())
        except Refusal as refusal:
            return problem(refusal)
        return {"server_time": rfc3339(self._now())}

    async def _answer(self, sid: str, data: object = None) -> dict[str, Any]:
        """Acknowledged when it is committed."""
        client, _ = self._clients.get(sid, (None, None))
        if client is None:
            return problem(Refusal("not_logged_in"))
        try:
            chosen = Chosen.model_validate(data)
            view = await answer_quiz(self._house, client.joined.principal, self._attempt(client, chosen))
        except pydantic.ValidationError as error:
            return problem(_invalid(error))
        except Refusal as refusal:
            return problem(refusal)
        return {"quiz_id": view.quiz_id, "choice": list(view.choice), "received_at": rfc3339(view.received_at)}

    def _attempt(self, client: Client, chosen: Chosen) -> Attempt:
        arrival = Moment(self._now(), clock.monotonic_ms())
        return Attempt(
            quiz_id=chosen.quiz_id,
            command_id=chosen.command_id,
            choice=chosen.choice,
            channel=AnswerChannel.SOCKET,
            arrival=arrival,
            lesson_id=client.joined.lesson_id,
        )


def _auth(auth: object) -> Auth:
    try:
        return Auth.model_validate(auth)
    except pydantic.ValidationError as error:
        raise _invalid(error) from None


def _invalid(error: pydantic.ValidationError) -> InvalidBody:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return InvalidBody([{"field": ".".join(map(str, each["loc"])), "message": each["msg"]} for each in found[:20]])


def _joined(sid: str, asked: Auth, admission: Admission) -> Joined:
    listener = admission.listener
    who = admission.principal
    device = Device(sid, who.account_id, Face(asked.face), listener.lesson_venue_id, who.member_id)
    return Joined(sid, asked.lesson_id, device, listener, admission.holder, who)


def _parting(joined: Joined, verdict: Listener | str) -> str | None:
    """Why somebody must go, if so; one who hears other things than before comes again for them."""
    if isinstance(verdict, str):
        return verdict
    return None if verdict == joined.listener else RIGHTS_CHANGED


def _words(code: str) -> dict[str, object]:
    return {} if code == RIGHTS_CHANGED else problem(Refusal(code))
