"""The whole server as clients of ``script/bench signin`` and ``arrival`` reach it: by TLS, as the CA's owners."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from lean_browser import Door

from tests.servers.postgres import PostgresServer
from tests.servers.process import free_port

ROOT = Path(__file__).resolve().parent.parent
READY = "就绪 ready:".encode()


@contextmanager
def durable_postgres() -> Iterator[str]:
    """The address of an empty database. Unlike in tests, it waits for the disk."""
    server = PostgresServer(durable=True)
    try:
        server.start()
        yield server.url(asyncio.run(server.create_database("bench")))
    finally:
        server.close()


@dataclass(frozen=True)
class Answer:
    status: int
    json: Any
    headers: Any


@dataclass
class House:
    """The running server, as clients reach it."""

    origin: str
    context: ssl.SSLContext
    pid: int
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, session: str, *cookies: str, by: aiohttp.ClientSession | None = None, **more: Any
    ) -> Answer:
        return await self.send(method, path, f"__Host-session={session}", *cookies, by=by, **more)

    async def send(
        self, method: str, path: str, *cookies: str, by: aiohttp.ClientSession | None = None, **more: Any
    ) -> Answer:
        """As whoever has these cookies."""
        headers = {"Origin": self.origin, **({"Cookie": "; ".join(cookies)} if cookies else {})}
        client = by or self.session
        async with client.request(method, self.origin + path, headers=headers, allow_redirects=False, **more) as got:
            body = await got.json() if "json" in got.headers.get("Content-Type", "") else None
            return Answer(got.status, body, got.headers)

    def door(self) -> Door:
        """For browsers that cost little."""
        _, host, port = self.origin.replace("//", "").split(":")
        return Door(host, int(port), self.context)

    def client(self) -> aiohttp.ClientSession:
        """A browser of its own: with a connection of its own, and another one while that waits for an answer."""
        connector = aiohttp.TCPConnector(ssl=self.context, limit=2)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


@asynccontextmanager
async def served(folder: Path, database_url: str) -> AsyncIterator[House]:
    port = free_port()
    settings = {"HOST": "127.0.0.1", "PORT": port, "PLAIN_PORT": 0, "MEDIA_PORT": 0, "DATA": folder / "data"}
    settings["DATABASE_URL"] = database_url
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DANGXIAO_")}
    environment |= {f"DANGXIAO_{key}": str(value) for key, value in settings.items()}
    with (folder / "log").open("wb") as log:
        command = (sys.executable, "-m", "server", "serve")
        pipe = asyncio.subprocess.PIPE
        server = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=pipe, stderr=log)
        try:
            while READY not in (line := await server.stdout.readline()):
                if not line:
                    raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:])
            context = ssl.create_default_context(cafile=folder / "data" / "tls" / "ca.crt")
            connector = aiohttp.TCPConnector(ssl=context, limit=0)
            async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
                yield House(f"https://localhost:{port}", context, server.pid, session)
        finally:
            if server.returncode is None:
                server.send_signal(signal.SIGINT)
            await server.communicate()
