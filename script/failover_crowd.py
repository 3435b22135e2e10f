"""The generator of ``script/bench failover --clients``: a light camera, and light viewers that come back by themselves.

``python script/failover_crowd.py PLAN``: everybody goes in, prints one JSON line; then, told on standard input that the
media process was killed, waits until everybody is back and prints when each was. Each viewer is a page of its own: a
socket (or, one in ten, waiting by plain HTTPS) that hears ``media.moved``, its own TLS connection for ticket and offer,
and a peer connection with real STUN, DTLS and SRTP. It waits and tries again as static/src/protocol/reconnect.ts does.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aiohttp
import crowd_school
from relay_peers import Publisher, Stream

from rooms import rtp
from rooms.dtls import DtlsIdentity
from rooms.srtp import SrtpError
from server.link.process import raise_file_limit
from tests.rooms.light_peer import LightPeer, offer_sdp

OPEN, PING, PONG = "0", "2", "3"
CONNECT, EVENT = "40/live,", "42/live,"
ENTERING_AT_ONCE = 20
BACKOFF_S, JITTER = (0.3, 1.0, 2.0, 4.0, 8.0, 15.0), 0.25
CONNECT_S, TURN_S, WAIT_S, CONSENT_S = 5.0, 15.0, 25, 5.0
SDP = "application/sdp"


class Refused(Exception):
    def __init__(self, status: int, retry_after_s: float) -> None:
        super().__init__(str(status))
        self.retry_after_s = retry_after_s


class Page:
    """Who dials again when it is told to. ``back_at``: when media came after its last dial."""

    def __init__(self, crowd: Crowd, account_id: str, number: int) -> None:
        self.crowd = crowd
        self.account_id = account_id
        self.number = number
        self.peer: LightPeer | None = None
        self.media = asyncio.Event()  # since its last dial
        self.returned = asyncio.Event()  # from the media process that was killed last
        self.heard_at = self.connected_at = self.back_at = 0.0
        self.attempts = 0
        self._away = False
        self._kept: dict[str, Any] | None = None  # its ticket for coming back
        self._http: aiohttp.ClientSession | None = None
        self._dialling: asyncio.Task[None] | None = None

    @property
    def headers(self) -> dict[str, str]:
        origin = self.crowd.plan["origin"]
        return {"Origin": origin, "Cookie": f"__Host-session={crowd_school.token_of(self.account_id)}"}

    def session(self) -> aiohttp.ClientSession:
        """One TLS connection, as a page's that has been silent for minutes."""
        connector = aiohttp.TCPConnector(ssl=self.crowd.tls, limit=1)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    # ---- being told

    async def listen(self, seq: int) -> None:
        if self.number % 10 == 9:
            await self._poll(seq)
        else:
            await self._read()

    async def join(self) -> None:
        """Its socket, joined."""
        plan = self.crowd.plan
        url = f"{plan['origin']}/socket.io/?EIO=4&transport=websocket"
        async with self.session() as http:
            body = {"lesson_id": plan["lesson_id"]}
            ticket = (await self._post(http, "/api/v1/socket-ticket", body))["ticket"]
        self._http = self.session()
        self._socket = await self._http.ws_connect(url, headers={"Origin": plan["origin"]}, compress=0)
        assert (await self._socket.receive_str()).startswith(OPEN)
        await self._socket.send_str(CONNECT + json.dumps({"ticket": ticket, **body, "face": "phone"}))
        answer = await self._socket.receive_str()
        assert answer.startswith(CONNECT), answer

    async def _read(self) -> None:
        async for item in self._socket:
            if item.data == PING:
                await self._socket.send_str(PONG)
            elif isinstance(item.data, str) and item.data.startswith(EVENT) and '"media.moved"' in item.data:
                self.moved(json.loads(item.data.removeprefix(EVENT))[1]["data"]["spread_ms"])

    async def _poll(self, seq: int) -> None:
        lesson = self.crowd.plan["lesson_id"]
        async with self.session() as http:
            while True:
                url = f"{self.crowd.plan['origin']}/api/v1/lessons/{lesson}/events?since={seq}&wait={WAIT_S}"
                async with http.get(url, headers=self.headers) as answer:
                    said = await answer.json()
                seq = said.get("seq", seq)
                for event in said.get("events", ()):
                    if event["kind"] == "media.moved":
                        self.moved(event["data"]["spread_ms"])

    def moved(self, spread_ms: float) -> None:
        """Those of the log from before everybody was in are the server's own start."""
        if not self.crowd.everybody_in:
            return
        self.heard_at = time.monotonic()
        self.crowd.windows.append(spread_ms)
        self._away = True
        self.begin(random.uniform(0, spread_ms / 1000))

    # ---- coming

    def begin(self, delay_s: float = 0.0) -> None:
        """Whatever was there before is hung up first."""
        if self._dialling is not None:
            self._dialling.cancel()
        if self.peer is not None:
            self.peer.drop()
            self.peer = None
        self._dialling = asyncio.create_task(self.come(delay_s))

    async def enter(self) -> None:
        self.begin()
        await self.media.wait()

    async def come(self, delay_s: float = 0.0) -> None:
        self.media.clear()
        await asyncio.sleep(delay_s)
        for attempt in range(1000):
            self.attempts += 1
            wait_s = BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)] * (1 + JITTER * random.uniform(-1, 1))
            try:
                async with asyncio.timeout(TURN_S if attempt == 0 and self._away else CONNECT_S):
                    await self._dial()
                return
            except Refused as refused:
                self.crowd.refused[str(refused)] += 1
                asked = refused.retry_after_s
                wait_s = max(wait_s, asked + random.random() * min(asked, 2.0))
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                self.crowd.refused[type(error).__name__] += 1
            if self.peer is not None:
                self.peer.drop()
                self.peer = None
            await asyncio.sleep(wait_s)

    async def _dial(self) -> None:
        peer = self.peer = LightPeer(self.crowd.identity, f"p{self.number}")
        peer.on_media = self._on_media
        plan = self.crowd.plan
        async with self.session() as http:
            ticket = self._kept
            if ticket is None:
                wish = {"use": "watch", "view": "programme", "client_id": f"c{self.number}"}
                ticket = await self._post(http, f"/api/v1/lessons/{plan['lesson_id']}/tickets", wish)
                self._kept = {"url": ticket["url"], "token": ticket["return_token"]}
            peer.accept(await self._offer(http, ticket, offer_sdp(peer, "recvonly", ("video", "audio"))))
        await peer.connect()
        self.connected_at = time.monotonic()

    async def _post(self, http: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with http.post(self.crowd.plan["origin"] + path, json=body, headers=self.headers) as answer:
            if answer.status >= 400:
                raise Refused(answer.status, float(answer.headers.get("Retry-After", 0)))
            told: dict[str, Any] = await answer.json()
            return told

    async def _offer(self, http: aiohttp.ClientSession, ticket: dict[str, Any], offer: str) -> str:
        headers = {"Authorization": f"Bearer {ticket['token']}", "Content-Type": SDP}
        async with http.post(ticket["url"], data=offer, headers=headers) as answer:
            if answer.status >= 400:
                raise Refused(answer.status, float(answer.headers.get("Retry-After", 0)))
            return await answer.text()

    def _on_media(self, datagram: bytes) -> None:
        """The first packet is opened, the others are only let in."""
        if self.media.is_set() or rtp.is_rtcp(datagram) or self.peer is None or self.peer.srtp is None:
            return
        try:
            self.peer.srtp.unprotect(datagram)
        except SrtpError:
            return
        self.came()

    def came(self) -> None:
        self.back_at = time.monotonic()
        self.media.set()
        if self._away:
            self._away = False
            self.returned.set()

    async def close(self) -> None:
        if self._dialling is not None:
            self._dialling.cancel()
        if self.peer is not None:
            self.peer.drop()
        if self._http is not None:
            await self._http.close()


class Camera(Page):
    """Publishes the main source, on the air: it comes back at once."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(crowd, crowd.plan["lecturer_id"], -1)
        self._sending: asyncio.Task[None] | None = None

    def moved(self, spread_ms: float) -> None:
        super().moved(0.0)

    async def _dial(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
        peer = self.peer = Publisher(self.crowd.identity, Stream(2, 600))
        plan = self.crowd.plan
        async with self.session() as http:
            wish = {"use": "publish", "source": "main", "client_id": "camera", "replace": False}
            ticket = await self._post(http, f"/api/v1/lessons/{plan['lesson_id']}/tickets", wish)
            peer.accept(await self._offer(http, ticket, peer.offer))
        await peer.connect()
        self.connected_at = time.monotonic()
        self.came()
        self._sending = asyncio.create_task(self._send(peer))

    async def _send(self, peer: Publisher) -> None:
        """A few frames a second: who is back is seen, and the relay's own work stays small beside the handshakes."""
        number = 0
        while True:
            peer.send_frame()
            number += 1
            if number % 10 == 0:
                peer.check()
            await asyncio.sleep(1 / self.crowd.plan["frames_per_second"])


class Crowd:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.identity = DtlsIdentity()
        self.refused: Counter[str] = Counter()
        self.everybody_in = False
        self.windows: list[float] = []  # as everybody was told
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.camera = Camera(self)
        self.pages = [Page(self, account, number) for number, account in enumerate(plan["accounts"])]

    async def run(self) -> None:
        await self.camera.join()
        listening = [asyncio.create_task(self.camera.listen(0))]
        await self.camera.enter()
        consent = asyncio.create_task(self._keep_consent())  # two thousand take longer to enter than a consent lasts
        places = asyncio.Semaphore(ENTERING_AT_ONCE)

        async def enter(page: Page) -> None:
            async with places:
                if page.number % 10 != 9:
                    await page.join()
                await page.enter()
            listening.append(asyncio.create_task(page.listen(self.plan["seq"])))

        await asyncio.gather(*(enter(page) for page in self.pages))
        await asyncio.gather(*(page.media.wait() for page in self.pages))
        self.everybody_in = True
        for round_number in range(self.plan["rounds"]):
            self.refused.clear()
            self.windows.clear()
            for page in (self.camera, *self.pages):
                page.returned.clear()
                page.attempts = 0
            self._tell({"in": len(self.pages), "round": round_number})
            killed_at = float(await asyncio.to_thread(sys.stdin.readline))
            await self._all_back(killed_at)
        consent.cancel()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, consent, return_exceptions=True)
        await asyncio.gather(*(page.close() for page in (self.camera, *self.pages)))

    async def _all_back(self, killed_at: float) -> None:
        cpu_s = time.process_time()
        try:
            async with asyncio.timeout(self.plan["patience_s"]):
                await asyncio.gather(*(page.returned.wait() for page in self.pages))
        except TimeoutError:
            pass  # who is missing shows in the answer
        back = [page for page in self.pages if page.returned.is_set()]
        self._tell(
            {
                "heard_s": [page.heard_at - killed_at for page in back],
                "connected_s": [page.connected_at - killed_at for page in back],
                "back_s": [page.back_at - killed_at for page in back],
                "camera_s": self.camera.connected_at - killed_at,
                "window_ms": max(self.windows, default=0),
                "told": len(self.windows),
                "missing": len(self.pages) - len(back),
                "attempts": sum(page.attempts for page in self.pages),
                "refused": dict(self.refused),
                "cpu_s": time.process_time() - cpu_s,
            }
        )

    async def _keep_consent(self) -> None:
        while True:
            for number, page in enumerate(self.pages):
                if page.peer is not None and page.media.is_set():
                    page.peer.check()
                if number % 50 == 49:
                    await asyncio.sleep(CONSENT_S * 50 / len(self.pages))
            await asyncio.sleep(CONSENT_S / 10)

    def _tell(self, said: dict[str, Any]) -> None:
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    raise_file_limit()
    asyncio.run(Crowd(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run())
