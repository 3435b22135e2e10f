"""The audience of ``script/bench relay --latency`` and ``--quiz-burst``, a process of its own: most only count, some
look at every packet. Spoken to in JSON lines, as any process of the bench.

``python script/relay_audience.py VIEWERS TIMING``: offers out, answers in, local ports out; then each line "take" asks
for what came since the one before, any other only for the count.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from relay_peers import CONSENT_SECONDS  # noqa: E402 - after the path of the checkout
from relay_stamps import TimingPeer, spread  # noqa: E402

from rooms import backend, rtcp, rtp  # noqa: E402
from rooms.dtls import DtlsIdentity  # noqa: E402
from tests.rooms.light_peer import LightPeer, offer_sdp  # noqa: E402

CONNECT_SECONDS, CONNECTING_AT_ONCE = 60.0, 20
REPORT = rtcp.build_receiver_report(1)


class CountingPeer(LightPeer):
    """Counts what comes, a batch a system call where the hot path in C is there: the bench must not be the limit."""

    def __init__(self, identity: DtlsIdentity, ufrag: str) -> None:
        super().__init__(identity, ufrag)
        self.received = 0
        self._batch = backend.choose("auto").make_reader(self.socket)

    def _read(self) -> None:
        for datagram, *_ in self._batch():
            if datagram[0] <= 127:
                self._control(datagram)
            elif not rtp.is_rtcp(datagram):
                self.received += 1


class Audience:
    """Those who look at every packet are spread evenly over the order in which everybody is sent to."""

    def __init__(self, number: int, timing: int) -> None:
        identity = DtlsIdentity()
        looking = min(timing, number)
        chosen = {round(at * (number - 1) / max(1, looking - 1)) for at in range(looking)}
        self.timing = [TimingPeer(identity, f"viewer{n}") for n in sorted(chosen)]
        timed = dict(zip(sorted(chosen), self.timing, strict=True))
        self.peers = [timed.get(n) or CountingPeer(identity, f"viewer{n}") for n in range(number)]

    @property
    def received(self) -> int:
        return sum(peer.received for peer in self.peers)

    def take(self) -> dict[str, Any]:
        """What came since the last time."""
        arrivals = [arrival for peer in self.timing for arrival in peer.arrivals]
        received = self.received
        for peer in self.timing:
            peer.arrivals.clear()
        for peer in self.peers:
            peer.received = 0
        return {
            "received": received,
            "pictures": spread([arrival.delay_ms for arrival in arrivals if not arrival.keyframe]),
            "keyframes": spread([arrival.delay_ms for arrival in arrivals if arrival.keyframe]),
        }


async def _main(number: int, timing: int) -> None:
    audience = Audience(number, timing)
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say([offer_sdp(peer, "recvonly") for peer in audience.peers])
    answered = list(zip(audience.peers, json.loads(await reader.readline()), strict=True))
    for at in range(0, number, CONNECTING_AT_ONCE):
        await asyncio.gather(*(_connect(peer, answer) for peer, answer in answered[at : at + CONNECTING_AT_ONCE]))
    _say([peer.socket.getsockname()[1] for peer in audience.peers])
    consent = asyncio.create_task(_keep_consent(audience))
    while line := await reader.readline():
        _say(audience.take() if json.loads(line) == "take" else {"received": audience.received})
    consent.cancel()
    await asyncio.gather(consent, return_exceptions=True)


async def _connect(peer: LightPeer, answer: str) -> None:
    peer.accept(answer)
    await asyncio.wait_for(peer.connect(), CONNECT_SECONDS)
    peer.send_rtcp(REPORT)


async def _keep_consent(audience: Audience) -> None:
    while True:
        await asyncio.sleep(CONSENT_SECONDS)
        for peer in audience.peers:
            peer.check()
            peer.send_rtcp(REPORT)


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2])))
