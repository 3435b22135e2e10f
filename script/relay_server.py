"""The two servers ``script/bench relay`` can measure: the whole one with a lesson on the air, and a bare node.

Both take a publisher and viewers, say what CPU the operating system has charged each of their processes with,
and hand out their own counters.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import own_server
import psutil
from generator import Generator
from relay_peers import Publisher

from server.services.demo import PASSWORD

SDP = {"Content-Type": "application/sdp"}
MEMBER, LECTURER = "10001", "lecturer"
CONNECT_SECONDS = 60.0


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, from the operating system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def media_pid(control: int) -> int:
    """The media process that serves, not the one that stands by."""
    lines = {child.pid: child.cmdline() for child in psutil.Process(control).children(recursive=True)}
    return next(pid for pid, line in lines.items() if "worker" in line and "--standby" not in line)


class Served(Protocol):
    async def publish(self, offer: str) -> str: ...

    async def watch(self, number: int, offer: str) -> str: ...

    async def stats(self) -> dict[str, Any]:
        """``backend``, ``dropped``, ``send_buffer_full`` and ``recorded_bytes`` (``None`` where nobody records)."""

    def cpu(self) -> dict[str, float]:
        """Seconds so far: ``media`` and, where there is one, ``control``."""

    async def close(self) -> None: ...


class BareNode:
    """``rooms.node`` alone in a process: nothing but the relay."""

    def __init__(self, child: Generator) -> None:
        self._child = child

    @classmethod
    async def start(cls, script: str, backend: str) -> BareNode:
        return cls(await Generator.start(script, "node", backend))

    async def publish(self, offer: str) -> str:
        return await self._child.ask({"do": "publish", "sdp": offer})

    async def watch(self, number: int, offer: str) -> str:
        return await self._child.ask({"do": "watch", "sdp": offer})

    async def stats(self) -> dict[str, Any]:
        stats = await self._child.ask({"do": "stats"})
        full = stats["counters"].get("send_buffer_full", 0)
        return {**stats, "send_buffer_full": full, "recorded_bytes": None}

    def cpu(self) -> dict[str, float]:
        return {"media": cpu_seconds(self._child.process.pid)}

    async def close(self) -> None:
        await self._child.end()


class WholeServer:
    """``python -m server serve`` with its demonstration lesson on the air and recorded, reached as clients reach it."""

    def __init__(self, folder: Path, viewers: int, backend: str) -> None:
        self.origin = own_server.free_origin()
        self._data = folder / "data"
        # On embedded defaults, but for what one account and one address may ask: all viewers are one here.
        more = {
            "DEMO": "on",
            "RELAY_BACKEND": backend,
            "ACCOUNT_REQUESTS_PER_MINUTE": 100_000,
            "ACCOUNT_MEDIA_SESSIONS": max(20, viewers),
        }
        self._process = own_server.process(folder, self.origin, **more)
        self._people: dict[str, aiohttp.ClientSession] = {}
        self._lesson = ""

    @classmethod
    async def start(cls, folder: Path, viewers: int, backend: str) -> WholeServer:
        """Returns with the lesson live. Raises ServerFailed with the end of the log."""
        server = cls(folder, viewers, backend)
        await asyncio.to_thread(server._process.start)
        try:
            await server._begin_lesson()
        except BaseException:
            await server.close()
            raise
        return server

    async def _begin_lesson(self) -> None:
        for number in (LECTURER, MEMBER):
            self._people[number] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=False),  # its CA was made a second ago
                cookie_jar=aiohttp.CookieJar(unsafe=True),  # cookies of an IP address
                headers={"Origin": self.origin},
            )
            await self._call(number, "POST", "/session", {"number": number, "password": PASSWORD})
        self._lesson = (await self._call(LECTURER, "GET", "/lessons?state=scheduled"))["items"][0]["id"]
        for event in ("open", "start"):
            step = {"command_id": f"00000000-0000-4000-8000-{len(event):012d}", "event": event}
            await self._call(LECTURER, "POST", f"/lessons/{self._lesson}/transitions", step)

    async def publish(self, offer: str) -> str:
        return await self._exchange(LECTURER, {"use": "publish", "source": "main", "client_id": "camera"}, offer)

    async def watch(self, number: int, offer: str) -> str:
        use = {"use": "watch", "view": "programme", "client_id": f"viewer{number}"}
        return await self._exchange(MEMBER, use, offer)

    async def stats(self) -> dict[str, Any]:
        async with self._people[MEMBER].get(f"{self.origin}/metrics") as answer:
            text = await answer.text()
        backend = re.search(r'^dangxiao_media_relay_info\{.*backend="([^"]+)"', text, re.MULTILINE)
        dropped = re.findall(r'^dangxiao_media_datagrams_dropped_total\{reason="([^"]+)"\} (\S+)', text, re.MULTILINE)
        full = re.search(r'^dangxiao_media_events_total\{kind="send_buffer_full"\} (\S+)', text, re.MULTILINE)
        return {
            "backend": backend[1] if backend else None,
            "dropped": {reason: int(float(count)) for reason, count in dropped},
            "send_buffer_full": int(float(full[1])) if full else 0,
            "recorded_bytes": sum(piece.stat().st_size for piece in self._data.rglob("*.m4s")),
        }

    def cpu(self) -> dict[str, float]:
        return {name: cpu_seconds(pid) for name, pid in self._pids().items()}

    async def close(self) -> None:
        for session in self._people.values():
            await session.close()
        await asyncio.to_thread(self._process.stop)

    async def ticket(self, number: int) -> dict[str, str]:
        """``url`` and ``token`` for one POST of a viewer of the programme."""
        use = {"use": "watch", "view": "programme", "client_id": f"viewer{number}"}
        ticket: dict[str, str] = await self._call(MEMBER, "POST", f"/lessons/{self._lesson}/tickets", use)
        return ticket

    def memory(self) -> dict[str, int]:
        """Bytes in memory: ``media`` and ``control``."""
        return {name: psutil.Process(pid).memory_info().rss for name, pid in self._pids().items()}

    def _pids(self) -> dict[str, int]:
        return {"control": self._process.pid, "media": media_pid(self._process.pid)}

    async def _exchange(self, number: str, use: dict[str, str], offer: str) -> str:
        ticket = await self._call(number, "POST", f"/lessons/{self._lesson}/tickets", use)
        headers = SDP | {"Authorization": f"Bearer {ticket['token']}"}
        async with self._people[number].post(ticket["url"], data=offer, headers=headers) as answer:
            return await _text(answer)

    async def _call(self, number: str, method: str, path: str, body: object = None) -> Any:
        url = f"{self.origin}/api/v1{path}"
        async with self._people[number].request(method, url, json=body) as answer:
            return json.loads(await _text(answer))


async def asked_for(args: argparse.Namespace, script: str, folder: Path) -> Served:
    """The server that the command line asks for."""
    if args.node_only:
        return await BareNode.start(script, args.backend)
    return await WholeServer.start(folder, args.viewers, args.backend)


async def put_on_air(server: Served, publisher: Publisher) -> None:
    publisher.accept(await server.publish(publisher.offer))
    await asyncio.wait_for(publisher.connect(), CONNECT_SECONDS)


async def _text(answer: aiohttp.ClientResponse) -> str:
    text = await answer.text()
    if not answer.ok:
        raise RuntimeError(f"{answer.status} {answer.url.path}: {text[:300]}")
    return text
