"""Socket.IO, namespace ``/live``: admit by ticket, push events in order, answer ``since`` and ``beat``, say ``bye``."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any

import socketio
import structlog
from aiohttp import web

from server import clock
from server.domain.events import ended_login
from server.domain.presence import Device, Face
from server.domain.quiz import AnswerChannel
from server.domain.quiz_clock import Moment
from server.domain.refusals import Refusal
from server.live import transport
from server.live.asked import Auth, Beat, Chosen, Since, parsed
from server.live.audience import Audience
from server.live.client import Client, Joined
from server.live.doorway import Doorway
from server.live.feed import Feed
from server.live.frames import event_out, rfc3339
from server.live.outbox import NAMESPACE, Overflow
from server.live.partings import partings, words
from server.pacing import Rate
from server.problems import problem
from server.services.admitting import Admission, admit_socket, socket_return
from server.services.answering import Attempt, answer_quiz
from server.services.attending import arrive, depart
from server.services.catching_up import Behind
from server.services.house import House
from server.services.tickets import TicketSigner
from server.settings import Settings

log = structlog.get_logger()

_JOIN_WITHIN_S = 10.0
_ENDED_KEPT = 1024
_SWEEP_S = 5.0
# Who says nothing for as long as both together is cut off: within 20 s, as nobody else knows whether it is there.
_PING_EVERY_S, _PONG_WITHIN_S = 10, 8


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
        self._on_cut = on_cut
        self._draining = False
        self._tasks: asyncio.TaskGroup | None = None
        self._ended: deque[str] = deque(maxlen=_ENDED_KEPT)  # logins, lately: one of them may be on its way in
        self.audience = Audience(
            house,
            settings.account_sockets,
            cut=lambda client: self._cut(client, "too_slow"),
            now=now,
            on_count=on_count,
        )
        self.server = transport.SideBySide(
            frozenset({"answer"}),
            start=self._begin,
            async_mode="aiohttp",
            transports=["websocket"],
            cors_allowed_origins=lambda origin, _environ: allows(origin),
            namespaces=[NAMESPACE],
            max_http_buffer_size=settings.socket_message_bytes,
            ping_interval=_PING_EVERY_S,
            ping_timeout=_PONG_WITHIN_S,
            logger=False,
            engineio_logger=False,
        )
        rate = Rate(settings.socket_messages_per_second * 60, settings.socket_burst)
        self._keeper = transport.install(self.server, rate, on_cut)
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

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Only who was let in while this runs says anything."""
        assert self._tasks is not None
        self._tasks.create_task(work)

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
                        self._ended.append(login)
                        group.create_task(self._look_again(login))
                    self.audience.hint(hint.lesson_id)

    async def bye(self) -> None:
        """Tell everybody when to come back, each another moment, then close. Idempotent."""
        self._draining = True
        for client in self.audience.all():
            await self.server.emit("bye", self._farewell(), to=client.joined.sid, namespace=NAMESPACE)
        async with asyncio.TaskGroup() as group:
            for client in self.audience.all():
                group.create_task(self._close_politely(client.joined.sid))
        for engine_id in transport.engine_ids(self.server):
            await transport.cut_engine(self.server, engine_id)

    def _farewell(self, code: str = "draining") -> dict[str, object]:
        least, most = self._settings.retry_least_ms, self._settings.retry_most_ms
        return {"code": code, "retry_after_ms": random.randint(least, most)}  # noqa: S311 - spreads load only

    async def _close_politely(self, sid: str) -> None:
        await self._let_take(sid)
        await self.server.disconnect(sid, namespace=NAMESPACE)

    async def _let_take(self, sid: str) -> None:
        """A second for what was sent."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await transport.sent(self.server, sid, NAMESPACE)

    # ---- coming and going ------------------------------------------------------------------------------

    async def _connect(self, sid: str, environ: MutableMapping[str, Any], auth: object = None) -> None:
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
        asked = parsed(Auth, auth)
        admission = await admit_socket(self._house.admissions, self._signer, asked.ticket, asked.lesson_id, self._now())
        line = transport.SocketLine(self.server, self._keeper, sid)
        client = Client(_joined(sid, asked, admission), asked.since, self._settings.socket_queue_bytes, line)
        device = client.joined.device
        self.audience.take_place(device.account_id)
        try:
            await arrive(self._house, asked.lesson_id, device, self._now(), hidden=asked.hidden)
        except BaseException:
            self.audience.give_back(device.account_id)
            raise
        feed = self.audience.feed(asked.lesson_id, admission.seq, self._tasks.create_task)
        self.audience.add(client, self._tasks.create_task)
        if admission.holder.login in self._ended:  # since it was looked at
            self._tasks.create_task(self._look_again(admission.holder.login))
        # Its events follow the connect packet, so joining is not awaited here.
        self._tasks.create_task(self._join(feed, client))

    async def _join(self, feed: Feed, client: Client) -> None:
        try:
            await feed.join(client)
        except Overflow:
            await self._cut(client, "too_slow")
        except Exception:
            # One client's catching up: it is cut off and comes again; the others go on.
            log.exception("socket.join_failed")
            await self._cut(client, "join_failed")
        if self.audience.get(client.joined.sid) is None:  # it left meanwhile
            self.audience.leave_feed(client)

    async def _disconnect(self, sid: str, *_reason: object) -> None:
        client = self.audience.remove(sid)
        if client is None:
            return
        client.hang_up()  # engineio forgets who answered no ping, and leaves the connection to itself
        try:
            await depart(self._house, client.joined.lesson_id, client.joined.device, self._now())
        except Refusal as refusal:
            log.warning("socket.depart_failed", code=refusal.code)

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
        """At those of this login, or at all: who lost login or right is sent away."""
        if login is None:
            self._house.uses.touch_all((client.joined.holder.login for client in self.audience.all()), self._now())
        due = await partings(self._house.records, self.audience.of_login(login), self._now())
        async with asyncio.TaskGroup() as group:
            for client, code in due:
                if self.audience.get(client.joined.sid) is not None:
                    group.create_task(self._dismiss(client, code))

    async def _dismiss(self, client: Client, code: str) -> None:
        """It hears nothing more but why, and is given a second to take that."""
        sid = client.joined.sid
        self.audience.leave_feed(client)
        await self.server.emit("bye", {**words(code), **self._farewell(code)}, to=sid, namespace=NAMESPACE)
        await self._let_take(sid)
        await self._cut(client, code)

    async def _sweep(self) -> None:
        """Connections that never join a namespace are cut off; clients whose connection went while they joined, too."""
        waiting: dict[str, float] = {}
        while True:
            await asyncio.sleep(_SWEEP_S)
            sids = [client.joined.sid for client in self.audience.all()]
            joined = {sid: self.server.manager.eio_sid_from_sid(sid, NAMESPACE) for sid in sids}
            present = set(transport.engine_ids(self.server))
            for sid in [sid for sid, engine_id in joined.items() if engine_id not in present]:
                await self._disconnect(sid)
            idle = present - set(joined.values())
            waiting = {engine_id: waiting.get(engine_id, 0.0) + _SWEEP_S for engine_id in idle}
            for engine_id in [each for each, waited_s in waiting.items() if waited_s > _JOIN_WITHIN_S]:
                await transport.cut_engine(self.server, engine_id)

    # ---- what clients ask ------------------------------------------------------------------------------

    async def _since(self, sid: str, data: object = None, *_more: object) -> dict[str, Any]:
        return await self._reply(sid, lambda client: self._events(client, data))

    async def _beat(self, sid: str, data: object = None, *_more: object) -> dict[str, Any]:
        return await self._reply(sid, lambda client: self._pulse(client, data))

    async def _answer(self, sid: str, data: object = None) -> dict[str, Any]:
        """Acknowledged when it is committed."""
        return await self._reply(sid, lambda client: self._put_answer(client, data))

    async def _reply(self, sid: str, work: Callable[[Client], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """The ack: what ``work`` gives, else why not."""
        client = self.audience.get(sid)
        if client is None:
            return problem(Refusal("not_logged_in"))
        try:
            answer = await work(client)
        except Refusal as refusal:
            answer = problem(refusal)
        # Acks bypass the outbox: whoever asks on and takes none is read no further, whatever it says to pings.
        await transport.sent(self.server, sid, NAMESPACE)
        return answer

    async def _events(self, client: Client, data: object) -> dict[str, Any]:
        # Answers bypass the outbox: the next one is made when the last one has been taken.
        await transport.sent(self.server, client.joined.sid, NAMESPACE)
        asked = parsed(Since, data)
        joined = client.joined
        behind = Behind(joined.lesson_id, asked.seq, asked.snapshot, joined.listener)
        page = await self._house.catch_ups.ask(behind)
        answer = {"events": [event_out(event) for event in page.events], "seq": page.seq}
        return {**answer, "behind": True} if page.behind else answer

    async def _pulse(self, client: Client, data: object) -> dict[str, Any]:
        asked, joined, now = parsed(Beat, data or {}), client.joined, self._now()
        await arrive(self._house, joined.lesson_id, joined.device, now, hidden=asked.hidden)
        again = socket_return(self._signer, joined.holder, joined.lesson_id, now) if asked.ticket else None
        answer: dict[str, Any] = {"server_time": rfc3339(self._now())}
        return answer if again is None else {**answer, "ticket": again.ticket}

    async def _put_answer(self, client: Client, data: object) -> dict[str, Any]:
        attempt = self._attempt(client, parsed(Chosen, data))
        view = await answer_quiz(self._house, client.joined.principal, attempt)
        received_at = rfc3339(view.received_at)
        made = {"choice": list(view.choice), "received_at": received_at, "round": view.round, "nth": view.nth}
        return {"quiz_id": view.quiz_id, **made}

    def _attempt(self, client: Client, chosen: Chosen) -> Attempt:
        return Attempt(
            quiz_id=chosen.quiz_id,
            command_id=chosen.command_id,
            choice=chosen.choice,
            channel=AnswerChannel.SOCKET,
            arrival=Moment(self._now(), clock.monotonic_ms()),
            lesson_id=client.joined.lesson_id,
            nth=chosen.nth,
        )


def _joined(sid: str, asked: Auth, admission: Admission) -> Joined:
    listener = admission.listener
    who = admission.principal
    device = Device(sid, who.account_id, Face(asked.face), listener.lesson_venue_id, who.member_id)
    return Joined(sid, asked.lesson_id, device, listener, admission.holder, who, asked.batch, asked.catch_up)
