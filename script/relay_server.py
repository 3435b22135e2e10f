"""The two servers ``script/bench relay`` can measure: the whole one with a lesson on the air, and a bare node.

Both take a publisher and viewers, say what CPU the operating system has charged each of their processes with,
and hand out their own counters.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import psutil

from server.services.demo import PASSWORD
from tests.servers.process import Owner, ServerProcess, free_port

ROOT = Path(__file__).resolve().parent.parent
SDP = {"Content-Type": "application/sdp"}
MEMBER, LECTURER = "10001", "lecturer"


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, from the operating system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def media_pid(control: int) -> int:
    """The media process that serves, not the one that stands by."""
    lines = {child.pid: child.cmdline() for child in psutil.Process(control).children(recursive=True)}
    return next(pid for pid, line in lines.items() if "worker" in line and "--standby" not in line)


class Child:
    """A process of the bench's own, spoken to in JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, *command: str) -> Child:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "limit": 1 << 24}
        return cls(await asyncio.create_subprocess_exec(sys.executable, *command, **pipes))

    async def hear(self) -> Any:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError("a process of the bench ended early")
        return json.loads(line)

    async def tell(self, command: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        await self.process.stdin.drain()

    async def ask(self, command: object) -> Any:
        await self.tell(command)
        return await self.hear()

    async def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()


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

    def __init__(self, child: Child) -> None:
        self._child = child

    @classmethod
    async def start(cls, script: str, backend: str) -> BareNode:
        return cls(await Child.start(script, "node", backend))

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
        self.origin = f"https://127.0.0.1:{free_port()}"
        self._data = folder / "data"
        self._process = _server(folder, self.origin, viewers, backend)
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


async def _text(answer: aiohttp.ClientResponse) -> str:
    text = await answer.text()
    if not answer.ok:
        raise RuntimeError(f"{answer.status} {answer.url.path}: {text[:300]}")
    return text


def _server(folder: Path, origin: str, viewers: int, backend: str) -> ServerProcess:
    """On embedded defaults, but for what one account and one address may ask: all viewers are one here."""
    settings = {
        "HOST": "127.0.0.1",
        "PORT": origin.rpartition(":")[2],
        "PLAIN_PORT": "0",
        "MEDIA_PORT": "0",
        "MEDIA_ADDRESSES": "127.0.0.1",
        "DATA": str(folder / "data"),
        "DEMO": "on",
        "RELAY_BACKEND": backend,
        "ACCOUNT_REQUESTS_PER_MINUTE": "100000",
        "ACCOUNT_MEDIA_SESSIONS": str(max(20, viewers)),
    }
    foreign = [word for key in os.environ if key.startswith("DANGXIAO_") for word in ("-u", key)]
    ours = [f"DANGXIAO_{key}={value}" for key, value in settings.items()]
    command = ["/usr/bin/env", *foreign, *ours, f"PYTHONPATH={ROOT}", sys.executable, "-m", "server", "serve"]
    return ServerProcess(command, folder, Owner(None, None), lambda: _is_ready(origin))


def _is_ready(origin: str) -> bool:
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{origin}/readyz", timeout=2, context=anyone) as answer:
            return bool(answer.status == 200)
    except OSError:  # URLError and TimeoutError are among them
        return False
