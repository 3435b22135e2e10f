"""The media plane of this control process: a process of its own under supervision, or (tests) one that is handed in."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from recordings import tail
from server import datafolder
from server.link.children import Child, StartFailed, worker_command
from server.link.client import MediaLink
from server.link.supervisor import Supervisor
from server.services.media import MediaPlane
from server.settings import Settings, to_environment
from server.tasks import Tasks
from server.web import listening
from server.web.addresses import Network

_PORT_PATIENCE_S = 3.0


@dataclass(slots=True)
class Media:
    """``backend`` and ``udp_port`` are known once it is ``ready``; ``supervisor`` None: nobody else's process."""

    plane: MediaPlane
    supervisor: Supervisor | None = None
    backend: str = ""
    udp_port: int = 0

    async def ready(self) -> None:
        """Raises :class:`StartFailed`."""
        if self.supervisor is not None:
            report = await self.supervisor.started
            self.backend, self.udp_port = str(report["backend"]), int(report["udp_port"])
            return
        stats = await self.plane.stats()
        self.backend, self.udp_port = stats.backend, stats.udp_port

    @property
    def restarts(self) -> int:
        return 0 if self.supervisor is None else self.supervisor.restarts

    async def stop(self) -> None:
        """A process of ours flushes and ends. Idempotent."""
        if self.supervisor is not None:
            await self.supervisor.stop()


async def supervised(settings: Settings, network: Network, run: Path, stack: AsyncExitStack, tasks: Tasks) -> Media:
    """Begins the start of a media process; ``Media.ready`` waits for it. Raises :class:`StartFailed`."""
    child = _child(settings, network, stack, stack.enter_context(datafolder.socket_path(run)))
    await _port_freed(settings.host, settings.media_port)
    link = MediaLink()
    supervisor = Supervisor(child, link)
    stack.push_async_callback(supervisor.stop)
    tasks.start(supervisor.run())
    return Media(link, supervisor)


def _child(settings: Settings, network: Network, stack: AsyncExitStack, socket: Path) -> Child:
    environment = {**_inherited(), **to_environment(settings)}
    command = (*worker_command(socket), "--addresses", ",".join(network.addresses))
    memory = tail.make()
    if memory is None:
        return Child(command, environment, socket)
    stack.callback(os.close, memory)
    return Child((*command, "--tail", str(memory)), environment, socket, descriptors=(memory,))


def _inherited() -> dict[str, str]:
    """The environment without our own settings: those in force are passed on."""
    return {key: value for key, value in os.environ.items() if not key.startswith("DANGXIAO_")}


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
