"""The joiners of ``script/bench relay --joins``, a process of its own: each POSTs its offer and waits for a picture.

``python script/relay_joiners.py``: one line of JSON in, a list of ``{"at_s", "url", "token"}``; one out when all of
them have joined, a list of ``{"wait_ms", "answer_ms", "connect_ms", "disordered"}``. Who has joined goes on watching
until standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import aiohttp  # noqa: E402 - after the path of the checkout
from relay_peers import CONSENT_SECONDS, STAP_A  # noqa: E402

from rooms import backend, rtp  # noqa: E402
from rooms.dtls import DtlsIdentity  # noqa: E402
from rooms.rtp import RtpPacket  # noqa: E402
from rooms.srtp import SrtpError  # noqa: E402
from tests.rooms.light_peer import LightPeer, offer_sdp  # noqa: E402

SDP = {"Content-Type": "application/sdp"}
PATIENCE_S = 20.0


class FirstPicture:
    """Whether a whole keyframe has come: from its parameter sets to its marker, without a gap. Sans-I/O."""

    def __init__(self) -> None:
        self.complete = False
        self.disordered = 0  # packets that came behind a later one
        self._timestamp: int | None = None
        self._first: int | None = None
        self._last: int | None = None
        self._held: set[int] = set()
        self._newest: int | None = None

    def packet(self, packet: RtpPacket) -> None:
        number = packet.sequence
        if self._newest is not None and (number - self._newest) & 0xFFFF >= 1 << 15:
            self.disordered += 1
        else:
            self._newest = number
        if packet.payload[0] == STAP_A:
            self._timestamp, self._first, self._last, self._held = packet.timestamp, number, None, set()
        if packet.timestamp != self._timestamp or self._first is None:
            return
        self._held.add(number)
        self._last = number if packet.marker else self._last
        if self._last is not None:
            self.complete = len(self._held) == ((self._last - self._first) & 0xFFFF) + 1


class Joiner(LightPeer):
    """Opens packets until it has its picture; what comes then is only drained."""

    def __init__(self, identity: DtlsIdentity, ufrag: str) -> None:
        super().__init__(identity, ufrag)
        self.picture = FirstPicture()
        self.seen = asyncio.Event()
        self._batch = backend.choose("auto").make_reader(self.socket)

    def _read(self) -> None:
        for datagram, *_ in self._batch():
            if datagram[0] <= 127:
                self._control(datagram)
            elif not self.picture.complete and not rtp.is_rtcp(datagram) and self.srtp is not None:
                self._look(datagram)

    def _look(self, datagram: bytes) -> None:
        assert self.srtp is not None
        try:
            self.picture.packet(rtp.parse(self.srtp.unprotect(datagram)))
        except SrtpError:
            return
        if self.picture.complete:
            self.seen.set()


async def _join(session: aiohttp.ClientSession, peer: Joiner, plan: dict[str, Any], began: float) -> dict[str, Any]:
    await asyncio.sleep(max(0.0, began + plan["at_s"] - time.monotonic()))
    offer = offer_sdp(peer, "recvonly")
    posted = time.monotonic()
    headers = SDP | {"Authorization": f"Bearer {plan['token']}"}
    async with session.post(plan["url"], data=offer, headers=headers) as answer:
        sdp = await answer.text()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {sdp[:300]}")
    answered = time.monotonic()
    peer.accept(sdp)
    await asyncio.wait_for(peer.connect(), PATIENCE_S)
    connected = time.monotonic()
    await asyncio.wait_for(peer.seen.wait(), PATIENCE_S)
    times = {"wait_ms": time.monotonic(), "answer_ms": answered, "connect_ms": connected}
    return {name: 1000 * (at - posted) for name, at in times.items()} | {"disordered": peer.picture.disordered}


async def _main() -> None:
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    identity = DtlsIdentity()
    peers: list[Joiner] = []
    consent = asyncio.create_task(_keep_consent(peers))
    # The server's CA was made a second ago. A phone that asks has a connection already: it fetched the page by it.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
        while line := await reader.readline():
            plans = json.loads(line)
            joining = [Joiner(identity, f"joiner{len(peers) + n}") for n in range(len(plans))]
            peers += joining
            began = time.monotonic()
            each = (_join(session, peer, plan, began) for peer, plan in zip(joining, plans, strict=True))
            sys.stdout.write(json.dumps(await asyncio.gather(*each)) + "\n")
            sys.stdout.flush()
    consent.cancel()
    await asyncio.gather(consent, return_exceptions=True)


async def _keep_consent(peers: list[Joiner]) -> None:
    while True:
        await asyncio.sleep(CONSENT_SECONDS)
        for peer in peers:
            if peer.connected.is_set():
                peer.check()


if __name__ == "__main__":
    asyncio.run(_main())
