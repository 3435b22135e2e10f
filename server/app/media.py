"""The media plane of this control process: supervised processes, or (tests) one that is handed in."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from recordings import tail
from server import datafolder
from server.link.children import Child, StartFailed, worker_command
from server.link.handover import Sender, path_beside
from server.link.workers import MediaWorkers
from server.services.media import MediaPlane
from server.settings import Settings, to_environment
from server.tasks import Tasks
from server.web import listening
from server.web.addresses import Network, listened_on

_PORT_PATIENCE_S = 3.0


@dataclass(slots=True)
class Media:
    """``backend`` and ``udp_ports`` are known once it is ``ready``; ``workers`` None: nobody else's processes."""

    plane: MediaPlane
    workers: MediaWorkers | None = None
    backend: str = ""
    udp_ports: tuple[int, ...] = ()
    senders: tuple[Sender, ...] = ()  # with one port for everything

    def hand_over(self, worker: int, connection: socket.socket) -> None:
        """To the media process of this number; closed when there is none such."""
        if worker < len(self.senders):
            self.senders[worker].hand_over(connection)
        else:
            connection.close()

    async def ready(self) -> None:
        """Raises :class:`StartFailed`."""
        if self.workers is not None:
            reports = await self.workers.started()
            self.backend = str(reports[0]["backend"])
            self.udp_ports = tuple(int(report["udp_port"]) for report in reports)
            return
        stats = await self.plane.stats()
        self.backend, self.udp_ports = stats[0].backend, tuple(each.udp_port for each in stats)

    @property
    def restarts(self) -> int:
        return 0 if self.workers is None else self.workers.restarts

    async def stop(self) -> None:
        """Processes of ours flush and end. Idempotent."""
        if self.workers is not None:
            await self.workers.stop()


async def supervised(settings: Settings, network: Network, run: Path, stack: AsyncExitStack, tasks: Tasks) -> Media:
    """Begins the start of the media processes; ``Media.ready`` waits for them. Raises :class:`StartFailed`."""
    children = _children(settings, network, stack, stack.enter_context(datafolder.socket_path(run)))
    for port in () if settings.single_port else settings.media_ports:
        await _port_freed(settings.host, port)
    workers = MediaWorkers(children)
    stack.push_async_callback(workers.stop)
    tasks.start(workers.run())
    media = Media(workers.plane, workers)
    if settings.single_port:
        media.senders = tuple(Sender(path_beside(child.socket)) for child in children)
        for sender in media.senders:
            stack.callback(sender.close)
    return media


def _children(settings: Settings, network: Network, stack: AsyncExitStack, path: Path) -> tuple[Child, ...]:
    """Each inherits the memories of all, for it may come to stand by for any."""
    memories = [tail.make() for _ in range(settings.media_workers)]
    kept = tuple(memory for memory in memories if memory is not None)
    for memory in kept:
        stack.callback(os.close, memory)
    command = (*worker_command(), "--addresses", ",".join(listened_on(settings.host, network)))
    environment = {**_inherited(), **to_environment(settings)}
    children = []
    for number, its_memory in enumerate(memories):
        socket = path.with_name(f"{path.name}{number}")
        place = ["--socket", str(socket), "--number", str(number)]
        if its_memory is not None:
            place += ["--tail", str(its_memory)]
        children.append(Child(command, environment, socket, tuple(place), descriptors=kept))
    return tuple(children)


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
