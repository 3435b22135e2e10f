"""Builds the control process in order, and closes it in the opposite one.

All state that must outlive a request is in the database (and presence and hints in Redis when there is one), so
several control processes may run beside each other; only SQLite keeps a data folder to one.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog

from server import clock, datafolder
from server.app.doors import Doors, Ports, Ready
from server.app.duties import Duties
from server.app.furnishing import furnish, identity_provider, make_live, make_site
from server.app.media import Media, supervised
from server.link.children import StartFailed
from server.link.process import raise_file_limit
from server.live.sockets import Live
from server.services.checkpoints import note_restart
from server.services.demo import DemoAccount, make_demo
from server.services.demo_year import make_demo_year
from server.services.house import House
from server.services.media import MediaPlane
from server.settings import Settings
from server.store.migrations import SchemaTooNew
from server.store.passwords import Argon2Passwords
from server.tasks import Tasks
from server.web import addresses, listening, tls
from server.web.origins import Origins
from server.web.site import Site

log = structlog.get_logger()

REASONS_NOT_TO_START = (
    listening.PortTaken,
    datafolder.FolderUnusable,
    tls.CertificateUnusable,
    StartFailed,
    SchemaTooNew,
)
"""Each with one sentence for the operator."""


@contextlib.asynccontextmanager
async def running(settings: Settings, ports: Ports, *, plane: MediaPlane | None = None) -> AsyncIterator[Control]:
    """Everything, from the first accepted connection to the last flushed byte.

    ``plane``: a media plane of this process (tests); else a supervised media process is started.
    Raises :class:`FolderUnusable`, :class:`CertificateUnusable`, :class:`StartFailed`, ``SchemaTooNew``.
    """
    async with AsyncExitStack() as stack:
        stack.callback(ports.close)
        control = await _build(settings, ports, plane, stack)
        try:
            yield control
        finally:
            await control.drain()


async def _build(settings: Settings, ports: Ports, plane: MediaPlane | None, stack: AsyncExitStack) -> Control:
    run = stack.enter_context(datafolder.held(settings.folder, alone=_alone(settings)))
    raise_file_limit()
    network = addresses.present()
    identity = tls.identify(settings, network, clock.utc_now())
    tasks = await stack.enter_async_context(Tasks())
    # It starts while the database opens. It must know the port that people come to, which may be any free one.
    told = dataclasses.replace(settings, port=ports.number) if settings.single_port else settings
    media = Media(plane) if plane is not None else await supervised(told, network, run, stack, tasks)
    house = await furnish(settings, _name(settings, ports), media.plane, stack)
    await note_restart(house.records, house.name, clock.utc_now())
    passwords = Argon2Passwords()
    demo = await make_demo(house.records, passwords, clock.utc_now()) if settings.demo else ()
    origins = Origins(identity.scheme, identity.names, ports.number, settings.public_url)
    provider = identity_provider(settings, stack)
    site = make_site(settings, house, passwords, origins, provider=provider, udp_ports=lambda: media.udp_ports)
    live = make_live(site)
    await media.ready()
    if settings.demo and settings.demo_year:
        await make_demo_year(house, clock.utc_now())
    # They read and write until they end, so they end before the database is closed.
    duties = await stack.enter_async_context(Tasks(within=tasks))
    Duties(site, media).start(duties)
    duties.start(live.run())
    duties.start(tls.watch(settings, identity, origins, site.now))
    doors = Doors(settings, ports, network, identity)
    await doors.open(stack, site, live, media.hand_over if media.senders else None)
    return Control(site, live, media, doors, demo, tasks)


def _name(settings: Settings, ports: Ports) -> str:
    """Of this process among those of the database, the same after a restart."""
    return "control" if _alone(settings) else f"{socket.gethostname()}:{ports.number}"


def _alone(settings: Settings) -> bool:
    return settings.database.startswith("sqlite")


@dataclass(slots=True)
class Control:
    """One control process that runs. Made by :func:`running`."""

    site: Site
    live: Live
    media: Media
    doors: Doors
    demo: tuple[DemoAccount, ...]
    _tasks: Tasks
    _drained: bool = False

    @property
    def house(self) -> House:
        return self.site.house

    @property
    def ready(self) -> Ready:
        return Ready(
            url=self.doors.url,
            lan_url=self.doors.lan_url,
            guide_url=self.doors.guide_url,
            backend=self.media.backend,
            udp_ports=self.media.udp_ports,
            demo=self.demo,
            client_built=self.site.client is not None,
        )

    async def failed(self) -> None:
        """Returns only by raising what one of our own tasks died of."""
        await self._tasks.failed()

    async def drain(self) -> None:
        """Readiness off, clients told, media flushed. Idempotent. What follows is closing."""
        if self._drained:
            return
        self._drained = True
        self.site.draining.begin()
        try:
            async with asyncio.timeout(self.site.settings.drain_seconds):
                await asyncio.gather(self.live.bye(), self.media.stop())
        except TimeoutError:
            log.warning("drain.cut_short")
