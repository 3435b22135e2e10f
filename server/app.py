"""Composition root of the control process: builds everything in order, and closes it in the opposite one.

All state that must outlive a request is in the database (and presence and hints in Redis when there is one), so
several control processes may run beside each other; only SQLite keeps a data folder to one.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import importlib.metadata
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog

from recordings import tail
from recordings.library import FolderLibrary
from server import clock, datafolder, seals
from server.archive import ArchivedLibrary
from server.domain.accounts import address_key
from server.domain.events import ended_login
from server.domain.quiz import Moment
from server.domain.refusals import Refusal
from server.link.children import Child, StartFailed, worker_command
from server.link.client import MediaLink
from server.link.process import raise_file_limit
from server.link.supervisor import Supervisor
from server.live.sockets import Live
from server.services.attending import sweep
from server.services.checkpoints import EVERY as CHECKPOINT_EVERY
from server.services.checkpoints import checkpoint, note_restart
from server.services.closing import keep_time
from server.services.demo import DemoAccount, make_demo
from server.services.fanout import Fanout
from server.services.following import follow, recover_recordings, restore_media
from server.services.house import House
from server.services.login import forget_old
from server.services.media import MediaPlane, MediaReady
from server.services.presence import Presence
from server.services.rights import end_lost_streams, end_streams_of
from server.services.sign_in_codes import forget_old_proofs
from server.settings import Settings, to_environment
from server.store.database import Database
from server.store.memory_fanout import MemoryFanout
from server.store.memory_presence import MemoryPresence
from server.store.migrations import SchemaTooNew
from server.store.passwords import Argon2Passwords
from server.store.records import SqlRecords
from server.tasks import Tasks
from server.web import addresses, application, guide, listening, tls
from server.web.guards import address_of
from server.web.listening import Listener
from server.web.meters import Meters
from server.web.origins import Origins
from server.web.pages import built_client
from server.web.site import Draining, Pace, Site, Waiting, login_rules

log = structlog.get_logger()

_SWEEP_S = 5.0
_HOUSEKEEPING_S = 3600.0
_PORT_PATIENCE_S = 3.0


REASONS_NOT_TO_START = (
    listening.PortTaken,
    datafolder.FolderUnusable,
    tls.CertificateUnusable,
    StartFailed,
    SchemaTooNew,
)
"""Each with one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What is told when people may come."""

    url: str  # on this machine
    lan_url: str | None
    guide_url: str | None
    backend: str
    udp_port: int
    demo: tuple[DemoAccount, ...]
    client_built: bool


class Ports:
    """The TCP ports, bound before anything starts: a taken one is known at once."""

    def __init__(self, settings: Settings) -> None:
        self.main = listening.bind_tcp(settings.host, settings.port)
        self.plain: socket.socket | None = None
        try:
            if settings.plain_port:
                self.plain = listening.bind_tcp(settings.host, settings.plain_port)
        except listening.PortTaken:
            self.main.close()
            raise

    @property
    def number(self) -> int:
        return int(self.main.getsockname()[1])

    def close(self) -> None:
        self.main.close()
        if self.plain is not None:
            self.plain.close()


@contextlib.asynccontextmanager
async def running(settings: Settings, ports: Ports, *, plane: MediaPlane | None = None) -> AsyncIterator[Control]:
    """Everything, from the first accepted connection to the last flushed byte.

    ``plane``: a media plane of this process (tests); else a supervised media process is started.
    Raises :class:`FolderUnusable`, :class:`CertificateUnusable`, :class:`StartFailed`, ``SchemaTooNew``.
    """
    async with AsyncExitStack() as stack:
        stack.callback(ports.close)
        alone = settings.database.startswith("sqlite")
        run = stack.enter_context(datafolder.held(settings.folder, alone=alone))
        control = Control(settings, ports)
        await control.build(stack, run, plane)
        try:
            yield control
        finally:
            await control.drain()


class Control:
    """One control process. Made by :func:`running`."""

    def __init__(self, settings: Settings, ports: Ports) -> None:
        self.settings = settings
        self._ports = ports
        self._network = addresses.present()
        self._drained = False
        self._restore_due = False
        self.supervisor: Supervisor | None = None
        self.backend = ""
        self.udp_port = 0

    async def build(self, stack: AsyncExitStack, run: Path, plane: MediaPlane | None) -> None:
        raise_file_limit()
        self.identity = tls.identify(self.settings, self._network, clock.utc_now())
        child = None if plane else self._child(stack, stack.enter_context(datafolder.socket_path(run)))
        tasks = await stack.enter_async_context(Tasks())
        if child is not None:
            plane = await self._start_child(stack, tasks, child)
        assert plane is not None
        database = await Database.open(self.settings.database)
        stack.push_async_callback(database.close)
        self.house = await self._furnish(stack, database, plane)
        await note_restart(self.house.records, self._name, clock.utc_now())
        passwords = Argon2Passwords()
        self.demo = await make_demo(self.house.records, passwords, clock.utc_now()) if self.settings.demo else ()
        self.site = self._site(passwords)
        self.live = self._live()
        self._tasks = tasks
        await self._media_ready(plane)
        self._start_tasks(tasks, plane)
        await self._listen(stack)

    # ---- building --------------------------------------------------------------------------------------

    def _child(self, stack: AsyncExitStack, socket_path: Path) -> Child:
        listening_on = ",".join(self._network.addresses)
        environment = {**_inherited(), **to_environment(self.settings)}
        command = (*worker_command(socket_path), "--addresses", listening_on)
        memory = tail.make()
        if memory is None:
            return Child(command, environment, socket_path)
        stack.callback(os.close, memory)
        return Child((*command, "--tail", str(memory)), environment, socket_path, descriptors=(memory,))

    async def _start_child(self, stack: AsyncExitStack, tasks: Tasks, child: Child) -> MediaPlane:
        """Begins its start; the database opens meanwhile."""
        await _port_freed(self.settings.host, self.settings.media_port)
        link = MediaLink()
        self.supervisor = Supervisor(child, link)
        stack.push_async_callback(self.supervisor.stop)
        tasks.start(self.supervisor.run())
        return link

    async def _furnish(self, stack: AsyncExitStack, database: Database, plane: MediaPlane) -> House:
        presence, fanout = await _shared_state(self.settings, stack)
        library = ArchivedLibrary(FolderLibrary(self.settings.folder / "recordings"))
        return House(SqlRecords(database), plane, library, presence, fanout)

    def _site(self, passwords: Argon2Passwords) -> Site:
        secrets = self.settings.folder / "secrets"
        return Site(
            settings=self.settings,
            house=self.house,
            passwords=passwords,
            tickets=seals.TicketSeal(seals.load_key(secrets, "tickets.key")),
            grants=seals.GrantSeal(seals.load_key(secrets, "grants.key")),
            sign_in_codes=seals.SignInSeal(seals.load_key(secrets, "sign-in.key")),
            origins=Origins(self.identity.scheme, self.identity.names, self._ports.number, self.settings.public_url),
            meters=Meters(),
            pace=Pace(self.settings),
            waiting=Waiting(self.settings.waiting_requests, self.settings.account_waiting_requests),
            draining=Draining(),
            login_rules=login_rules(self.settings),
            client=built_client(),
            version=version(),
            udp_port=lambda: self.udp_port,
        )

    def _live(self) -> Live:
        meters = self.site.meters
        return Live(
            self.settings,
            self.house,
            self.site.tickets,
            allows=self.site.origins.allows,
            address_of=lambda request: address_key(address_of(request, self.site)),
            now=self.site.now,
            on_count=meters.sockets.set,
            on_cut=lambda reason: meters.sockets_cut.labels(reason).inc(),
        )

    async def _media_ready(self, plane: MediaPlane) -> None:
        if self.supervisor is not None:
            report = await self.supervisor.started
            self.backend, self.udp_port = str(report["backend"]), int(report["udp_port"])
            return
        stats = await plane.stats()
        self.backend, self.udp_port = stats.backend, stats.udp_port

    def _start_tasks(self, tasks: Tasks, plane: MediaPlane) -> None:
        tasks.start(self._follow(plane))
        tasks.start(self._recover())
        tasks.start(self.live.run())
        tasks.start(self._sweep())
        tasks.start(self._look_at_streams())
        tasks.start(self._follow_logouts())
        tasks.start(self._checkpoint())
        tasks.start(keep_time(self.house, lambda: Moment(self.site.now(), clock.monotonic_ms())))
        tasks.start(self._keep_house())
        tasks.start(tls.watch(self.settings, self.identity, self.site.origins, self.site.now))

    async def _listen(self, stack: AsyncExitStack) -> None:
        app = application.build(self.site)
        self.live.attach(app)
        application.add_pages(app, self.site)
        self._listener = await Listener.start(app, self._ports.main, self.identity.context)
        stack.push_async_callback(self._listener.close)
        if self._ports.plain is not None:
            pages = guide.Guide(self.identity.ca, self.settings.organisation, self._secure_url)
            plain = await Listener.start(pages.application(), self._ports.plain)
            stack.push_async_callback(plain.close)

    def _secure_url(self, host: str) -> str:
        """Where HTTPS is for somebody who came to the plain port by this name."""
        named = f"[{host}]" if ":" in host else host
        return self.site.origins.base_url(f"{named}:{self._ports.number}") or self.ready.url

    @property
    def _name(self) -> str:
        """Of this process among those of the database, the same after a restart."""
        alone = self.settings.database.startswith("sqlite")
        return "control" if alone else f"{socket.gethostname()}:{self.settings.port}"

    # ---- running ---------------------------------------------------------------------------------------

    @property
    def ready(self) -> Ready:
        scheme, port = self.identity.scheme, self._ports.number
        lan = addresses.reached_at(self.settings.host, self._network)
        lan_url = self.settings.public_url or (f"{scheme}://{lan}:{port}" if lan else None)
        plain = self._ports.plain.getsockname()[1] if self._ports.plain is not None else None
        has_guide = plain is not None and self.identity.ca is not None
        return Ready(
            url=f"{scheme}://localhost:{port}",
            lan_url=lan_url,
            guide_url=f"http://{lan or 'localhost'}:{plain}/" if has_guide else None,
            backend=self.backend,
            udp_port=self.udp_port,
            demo=self.demo,
            client_built=self.site.client is not None,
        )

    async def failed(self) -> None:
        """Returns only by raising what one of our own tasks died of."""
        await self._tasks.failed()

    async def drain(self) -> None:
        """Readiness off, clients told, media flushed. Idempotent. What follows is closing."""
        if self._drained or not hasattr(self, "live"):
            return
        self._drained = True
        self.site.draining.begin()
        ends = [self.live.bye()]
        if self.supervisor is not None:
            ends.append(self.supervisor.stop())
        try:
            async with asyncio.timeout(self.settings.drain_seconds):
                await asyncio.gather(*ends)
        except TimeoutError:
            log.warning("drain.cut_short")

    async def _follow(self, plane: MediaPlane) -> None:
        async for event in plane.events():
            if self.supervisor is not None:
                self.site.meters.media_restarts.set(self.supervisor.restarts)
            if isinstance(event, MediaReady):
                self._restore_due = True
                await self._restore()
                continue
            with _tolerated("following"):
                await follow(self.house, event, self.site.now())

    async def _restore(self) -> None:
        """A database that is away when the media process returns must not leave it without its rooms."""
        with _tolerated("restoring"):
            await restore_media(self.house, self.site.now())
            self._restore_due = False

    async def _recover(self) -> None:
        with _tolerated("recovery"):
            finished = await recover_recordings(self.house, self.site.now())
            if finished:
                log.info("recordings.recovered", count=finished)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self.site.meters.waiting.set(self.site.waiting.count)
            if self._restore_due:
                await self._restore()
            with _tolerated("sweep"):
                await sweep(self.house, self.site.now())

    async def _look_at_streams(self) -> None:
        while True:
            await asyncio.sleep(self.settings.rights_seconds)
            with _tolerated("rights"):
                await end_lost_streams(self.house, self.site.now())

    async def _follow_logouts(self) -> None:
        async with self.house.fanout.subscribe(None) as hints:
            while True:
                login = ended_login(await hints.next())
                if login is not None:
                    with _tolerated("logout"):
                        await end_streams_of(self.house, login, self.site.now())

    async def _checkpoint(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY.total_seconds())
            with _tolerated("checkpoint"):
                await checkpoint(self.house, self._name, self.site.now())

    async def _keep_house(self) -> None:
        while True:
            with _tolerated("housekeeping"):
                await forget_old(self.house.records, self.site.now(), self.site.login_rules)
                await forget_old_proofs(self.house.records, self.site.now())
            await asyncio.sleep(_HOUSEKEEPING_S)


@contextlib.contextmanager
def _tolerated(work: str) -> Iterator[None]:
    """A database that is away, or a bug in one piece of work, is not the end of the lecture: on to the next."""
    try:
        yield
    except Refusal as refusal:
        log.warning("work.postponed", work=work, code=refusal.code)
    except Exception:
        log.exception("work.failed", work=work)


async def _shared_state(settings: Settings, stack: AsyncExitStack) -> tuple[Presence, Fanout]:
    """Presence and hints: in Redis for several processes, in memory for one."""
    ttl = dt.timedelta(seconds=settings.presence_seconds)
    if not settings.redis_url:
        return MemoryPresence(ttl), MemoryFanout()
    # Only who has a Redis pays for its client at start.
    from server.store.redis_commands import RedisCommands  # noqa: PLC0415
    from server.store.redis_fanout import RedisFanout  # noqa: PLC0415
    from server.store.redis_presence import RedisPresence  # noqa: PLC0415

    commands = RedisCommands(settings.redis_url)
    stack.push_async_callback(commands.close)
    fanout = RedisFanout(commands, settings.redis_url)
    fanout.start()
    stack.push_async_callback(fanout.close)
    return RedisPresence(commands, ttl), fanout


async def _port_freed(host: str, port: int) -> None:
    """Waits a moment for a media process that is still ending. Raises :class:`StartFailed`."""
    if port == 0:
        return
    try:
        async with asyncio.timeout(_PORT_PATIENCE_S):
            # Nothing tells when a port becomes free.
            while not listening.udp_is_free(host, port):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise StartFailed(f"UDP port {port} cannot be used: another program has it") from None


def _inherited() -> dict[str, str]:
    """The environment without our own settings: those in force are passed on."""
    return {key: value for key, value in os.environ.items() if not key.startswith("DANGXIAO_")}


def version() -> str:
    try:
        return importlib.metadata.version("dangxiao")
    except importlib.metadata.PackageNotFoundError:
        return "0+source"
