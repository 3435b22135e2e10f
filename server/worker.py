"""Composition root of a media process: serves a :class:`server.plane.LocalMediaPlane` over the link.

``main`` runs until its life line closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from rooms import interface as rooms
from server import logs
from server.link import handover
from server.link import server as link
from server.link.process import PLACE_BYTES, collect_seldom, packets_first, raise_file_limit
from server.plane import LocalMediaPlane
from server.settings import Settings, key_of

_NOBODY = "127.0.0.1"
_NO_FAILURE = 0
FAILURE = 3


@dataclass(frozen=True, slots=True)
class Place:
    """What makes a media process one of several. ``tail``: the descriptor of memory that outlives it."""

    socket: Path
    number: int = 0
    tail: int | None = None


def node_config(settings: Settings, addresses: tuple[str, ...], number: int = 0) -> rooms.NodeConfig:
    """``number``: which of the media processes; each has its own port, one after the other."""
    everywhere = ipaddress.ip_address(settings.host).is_unspecified
    return rooms.NodeConfig(
        host=settings.host if settings.handed_port is None else _NOBODY,
        udp_port=settings.media_ports[number] if settings.handed_port is None else 0,
        tcp=settings.media_tcp,
        handed_port=settings.handed_port,
        ufrag_prefix=f"{number:02x}",
        announced=settings.media_addresses
        or ((*addresses, *_loopbacks(settings.host)) if everywhere else (settings.host,)),
        max_sessions=settings.media_sessions,
        max_sessions_per_viewer=settings.account_media_sessions,
        max_rooms=settings.media_rooms,
        backend=settings.relay_backend,
    )


def _loopbacks(host: str) -> tuple[str, ...]:
    return ("127.0.0.1", "::1") if host == "::" else ("127.0.0.1",)


def main(settings: Settings, addresses: tuple[str, ...], place: Place | None) -> int:
    """Runs until standard input ends or SIGTERM. Tells the parent on standard output how the start went.

    Without a ``place`` it stands by: says so, and opens nothing before the parent says where.
    """
    logs.configure(settings.log_level, settings.log_format, process="media")
    raise_file_limit()
    place = place or _told_to_serve()
    return asyncio.run(_serve(settings, addresses, place)) if place is not None else _NO_FAILURE


def place_of(words: list[str]) -> Place:
    """As on the command line: ``--socket PATH --number N [--tail DESCRIPTOR]``."""
    said = dict(zip(words[::2], words[1::2], strict=True))
    tail = said.get("--tail")
    return Place(Path(said["--socket"]), int(said["--number"]), None if tail is None else int(tail))


def _told_to_serve() -> Place | None:
    """Waits for the parent's line; None when it ended instead."""
    _tell({"standby": True})
    line = os.read(sys.stdin.fileno(), PLACE_BYTES)
    return place_of(json.loads(line)) if line else None


async def _serve(settings: Settings, addresses: tuple[str, ...], place: Place) -> int:
    ending = _life_line()
    try:
        config = node_config(settings, addresses, place.number)
        plane = await LocalMediaPlane.start(config, settings.folder / "recordings", place.tail, settings.digest)
    except OSError as error:
        port = settings.media_ports[place.number]
        _tell({"failed": f"media port {port} cannot be used: {error.strerror or error}"})
        return FAILURE
    except rooms.BackendMissing:
        _tell({"failed": f"{key_of('relay_backend')}=native: it was not built here (see docs/operations.md)"})
        return FAILURE
    try:
        async with link.serving(plane, place.socket, plane.instance, plane.load), _handed(settings, place, plane):
            (stats,) = await plane.stats()
            collect_seldom()
            packets_first()
            _tell({"instance": plane.instance, "udp_port": stats.udp_port, "backend": stats.backend})
            await ending.wait()
    finally:
        await plane.close()
    return _NO_FAILURE


@contextlib.asynccontextmanager
async def _handed(settings: Settings, place: Place, plane: LocalMediaPlane) -> AsyncIterator[None]:
    if settings.single_port:
        async with handover.receiving(handover.path_beside(place.socket), plane.adopt):
            yield
    else:
        yield


def _life_line() -> asyncio.Event:
    """Set when the parent is gone or asks us to end."""
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()

    def look() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            ending.set()

    loop.add_reader(sys.stdin.fileno(), look)
    loop.add_signal_handler(signal.SIGTERM, ending.set)
    return ending


def _tell(report: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
