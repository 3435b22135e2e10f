"""The generator of ``script/bench archive``'s live HLS: a light camera, and many players over TLS.

``python script/hls_crowd.py PLAN``: the camera publishes and the players get their addresses, then it prints one JSON
line for each line that it is told: ``watch SECONDS`` plays. A player is one HTTP/1.1 connection that asks for the live
playlist every two seconds, as browsers do (gzip is welcome), and fetches each segment once. The bodies are decrypted
into one buffer by OpenSSL itself and thrown away, so that many players cost this process little.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import random
import re
import selectors
import socket
import ssl
import sys
import threading
import time
import zlib
from collections import deque
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aiohttp
import crowd_school
from relay_peers import Publisher, Stream

from rooms.dtls import DtlsIdentity
from server.link.process import raise_file_limit
from tests.browser.eyes import until

RELOAD_S, BEHIND = 2.0, 3
"""As players do: a playlist each target duration, and the first segment is the third from the end."""
ASKING_AT_ONCE = 20
HEAD_BYTES, BUFFER_BYTES = 16_384, 1 << 18
FPS, PACKET_BYTES = 25, 1_150
CAMERA_S = 24 * 3600.0
_EITHER = 32 + zlib.MAX_WBITS  # gzip or zlib, by its first bytes
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_ZIPPED = re.compile(rb"content-encoding: *(gzip|deflate)", re.IGNORECASE)


class Player:
    """One connection, blocking while it comes and not afterwards. ``delays_s``: of segments, asked to last byte."""

    def __init__(self, plan: dict[str, Any], path: str, tls: ssl.SSLContext) -> None:
        host, _, port = plan["origin"].removeprefix("https://").partition(":")
        self.begin(path, f"{host}:{port}")
        self.socket = tls.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host)
        self.socket.setblocking(False)

    def begin(self, path: str, host: str) -> None:
        self.folder, self.playlist = path.rpartition("/")[0], path
        self._common = f" HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nUser-Agent: bench\r\n"
        self.wanted: deque[str] = deque()
        self.seen: deque[str] = deque(maxlen=64)
        self.delays_s: list[float] = []
        self.failed: list[str] = []
        self.bytes = self.playlists = 0
        self._asked = ""
        self._asked_at = 0.0
        self._head = b""
        self._body: bytearray | None = None
        self._left = -1  # bytes of the body that are still to come; -1: its head is

    @property
    def busy(self) -> bool:
        return bool(self._asked)

    def ask(self, path: str) -> None:
        self._asked, self._asked_at, self._left, self._head = path, time.monotonic(), -1, b""
        zipped = "Accept-Encoding: gzip, deflate, br, zstd\r\n" if path.endswith(".m3u8") else ""
        self.socket.send(f"GET {path}{self._common}{zipped}\r\n".encode())

    def read(self, buffer: memoryview) -> None:
        """As much as is there."""
        try:
            while self._asked:
                got = self.socket.recv_into(buffer)
                if not got:
                    raise ConnectionError("closed")
                self._take(bytes(buffer[:got]) if self._left < 0 or self._body is not None else None, got)
        except (ssl.SSLWantReadError, BlockingIOError):
            return

    def _take(self, data: bytes | None, got: int) -> None:
        if self._left < 0:
            assert data is not None
            self._head += data
            head, gap, rest = self._head.partition(b"\r\n\r\n")
            if not gap:
                return
            length = _LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 200") or length is None:
                self.failed.append(f"{head[9:12].decode()} {self._asked.rpartition('/')[2]}")
            self._head, self._left = head, int(length[1]) if length else 0
            self._body = bytearray() if self._asked.endswith(".m3u8") else None
            data, got = rest, len(rest)
        if self._body is not None and data:
            self._body += data
        self._left -= got
        self.bytes += got
        if self._left <= 0:
            self._done()

    def _done(self) -> None:
        asked, self._asked = self._asked, ""
        if self._body is None:
            if ".m4s" in asked:
                self.delays_s.append(time.monotonic() - self._asked_at)
        elif self._head.startswith(b"HTTP/1.1 200"):
            self.playlists += 1
            self._listed(zlib.decompress(self._body, _EITHER) if _ZIPPED.search(self._head) else bytes(self._body))
        if self.wanted:
            self.ask(f"{self.folder}/{self.wanted.popleft()}")

    def _listed(self, playlist: bytes) -> None:
        lines = playlist.decode().splitlines()
        files = [line for line in lines if line and not line.startswith("#")]
        if not self.seen:
            inits = [line.split('"')[1] for line in lines if line.startswith("#EXT-X-MAP")]
            self.wanted.extend(inits[-1:])
            self.seen.extend(files[:-BEHIND])
        fresh = [name for name in files if name not in self.seen]
        self.wanted.extend(fresh)
        self.seen.extend(fresh)


class Hall:
    """All players, on one thread."""

    def __init__(self, plan: dict[str, Any], paths: list[str]) -> None:
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        self._selector = selectors.DefaultSelector()
        self.players = []
        for path in paths:
            player = Player(plan, path, tls)
            self._selector.register(player.socket, selectors.EVENT_READ, player)
            self.players.append(player)
        self._due = [(time.monotonic() + random.uniform(0, RELOAD_S), n) for n in range(len(paths))]
        heapq.heapify(self._due)
        self._buffer = memoryview(bytearray(BUFFER_BYTES))

    def watch(self, seconds: float) -> dict[str, Any]:
        """Counts anew. ``late``: playlists that were due while the answer before was still on its way."""
        for player in self.players:
            player.delays_s, player.bytes, player.playlists, player.failed = [], 0, 0, []
        cpu_s, began, late = time.process_time(), time.monotonic(), 0
        while (now := time.monotonic()) < began + seconds:
            while self._due[0][0] <= now:
                at, number = self._due[0]
                player = self.players[number]
                late += player.busy
                if not player.busy:
                    player.ask(player.playlist)
                heapq.heapreplace(self._due, (max(at + RELOAD_S, now), number))
            for key, _ in self._selector.select(max(0.0, self._due[0][0] - now)):
                key.data.read(self._buffer)
        delays = sorted(each for player in self.players for each in player.delays_s)
        return {
            "seconds": time.monotonic() - began,
            "segments": len(delays),
            "playlists": sum(player.playlists for player in self.players),
            "bytes": sum(player.bytes for player in self.players),
            "segment_s": [delays[int(len(delays) * part)] for part in (0.5, 0.95)] if delays else [],
            "late": late,
            "failed": [each for player in self.players for each in player.failed][:10],
            "cpu_s": time.process_time() - cpu_s,
        }


async def publish(plan: dict[str, Any], http: aiohttp.ClientSession) -> Publisher:
    """The main source, connected and sending at its pace."""
    stream = Stream(max(2, round(plan["kbps"] * 125 / FPS / PACKET_BYTES)), PACKET_BYTES, sound=True)
    peer = Publisher(DtlsIdentity(), stream)
    wish = {"use": "publish", "source": "main", "client_id": "camera", "replace": False}
    ticket = await post(plan, http, plan["lecturer_id"], f"/api/v1/lessons/{plan['lesson_id']}/tickets", wish)
    headers = {"Authorization": f"Bearer {ticket['token']}", "Content-Type": "application/sdp"}
    async with http.post(ticket["url"], data=peer.offer, headers=headers) as answer:
        answer.raise_for_status()
        peer.accept(await answer.text())
    await peer.connect()
    return peer


async def post(
    plan: dict[str, Any], http: aiohttp.ClientSession, account: str, path: str, body: dict[str, Any]
) -> dict[str, Any]:
    """Waits as long as it is told to when it asks too fast: all these people have one address."""
    headers = {"Origin": plan["origin"], "Cookie": f"__Host-session={crowd_school.token_of(account)}"}
    while True:
        async with http.post(plan["origin"] + path, json=body, headers=headers) as answer:
            if answer.status == 429:
                await asyncio.sleep(float(answer.headers["Retry-After"]))
                continue
            answer.raise_for_status()
            said: dict[str, Any] = await answer.json()
            return said


async def come(plan: dict[str, Any]) -> list[str]:
    """The camera goes on in a thread of its own loop; everybody's playlist."""
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    places = asyncio.Semaphore(ASKING_AT_ONCE)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls), cookie_jar=aiohttp.DummyCookieJar()
    ) as http:

        async def address(account: str) -> str:
            async with places:
                said = await post(plan, http, account, f"/api/v1/lessons/{plan['lesson_id']}/hls", {})
                return str(said["camera"])

        paths = list(await asyncio.gather(*(address(account) for account in plan["accounts"])))

        async def listed() -> int:
            async with http.get(plan["origin"] + paths[0]) as answer:
                return (await answer.text()).count("#EXTINF")

        await until(listed, lambda segments: segments > BEHIND, 60, "there is something to play")
    return paths


def film(plan: dict[str, Any], sending: threading.Event) -> None:
    """The camera's own thread: players that are busy do not hold it up for long."""

    async def run() -> None:
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls), cookie_jar=jar) as http:
            peer = await publish(plan, http)
        sending.set()
        await peer.run(CAMERA_S)

    asyncio.run(run())


def main(plan: dict[str, Any]) -> None:
    sending = threading.Event()
    threading.Thread(target=film, args=(plan, sending), daemon=True).start()
    if not sending.wait(60):
        raise TimeoutError("the camera does not come in")
    hall = Hall(plan, asyncio.run(come(plan)))
    print(json.dumps({"in": len(hall.players)}), flush=True)
    for line in sys.stdin:
        print(json.dumps(hall.watch(float(line))), flush=True)


if __name__ == "__main__":
    raise_file_limit()
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
