"""Viewers that ask again as a browser does, a process of its own: for ``script/bench relay --impair``.

``python script/relay_browsers.py VIEWERS``: offers out, answers in, a word out when connected; then each line of
JSON (``{"first": N, "last": N, "unstamped": [N, …]}``, numbers of the camera) asks what became of these packets.

They ask as libwebrtc's receivers do: for a gap at once, again after 100 ms (a viewer that sends nothing knows no round
trip), looking every 20 ms, ten times; reports once a second.
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

from relay_peers import CONSENT_SECONDS  # noqa: E402 - after the path of the checkout
from relay_stamps import Stamp, stamp_of  # noqa: E402

from rooms import rtcp, rtp  # noqa: E402
from rooms.clock import now_ms  # noqa: E402
from rooms.dtls import DtlsIdentity  # noqa: E402
from rooms.reception import Reception  # noqa: E402
from rooms.rtp import RtpPacket  # noqa: E402
from rooms.sequence import Unwrapper  # noqa: E402
from rooms.srtp import SrtpError  # noqa: E402
from tests.rooms.light_peer import RTX_TYPE, VIDEO_TYPE, LightPeer, offer_sdp  # noqa: E402

RETRY_MS, LOOK_MS, TRIES = 100.0, 20.0, 10
REPORT_MS = 1000.0
OUR_SSRC = 7
IN_TIME_MS = 300.0
CONNECT_SECONDS = 60.0


class Asking:
    """What is missing and when it was last asked for. Sans-I/O."""

    def __init__(self) -> None:
        self._asked: dict[int, tuple[float, int]] = {}  # index: when, how often
        self._newest: int | None = None

    def came(self, index: int, now: float) -> list[int]:
        """What to ask for at once."""
        gap: list[int] = []
        if self._newest is None or index > self._newest:
            gap = [] if self._newest is None else list(range(self._newest + 1, index))
            self._newest = index
        self._asked.pop(index, None)
        for missing in gap:
            self._asked[missing] = (now, 1)
        return gap

    def again(self, now: float) -> list[int]:
        due = [index for index, (at, _) in self._asked.items() if now - at >= RETRY_MS]
        for index in due:
            tries = self._asked[index][1]
            if tries >= TRIES:
                del self._asked[index]
            else:
                self._asked[index] = (now, tries + 1)
        return [index for index in due if index in self._asked]


class Browser(LightPeer):
    """``came``: number of the camera → delay in ms, and whether it had to be sent again (as RTX, or out of order)."""

    def __init__(self, identity: DtlsIdentity, ufrag: str) -> None:
        super().__init__(identity, ufrag)
        self.came: dict[int, tuple[float, bool]] = {}
        self.asked = 0
        self.gaps: dict[int, int] = {}  # what is missing: the camera's newest number when that was seen
        self._newest_number = 0
        self._asking = Asking()
        self._unwrapper = Unwrapper(16)
        self._ssrc: int | None = None
        self._reception: Reception | None = None
        self.on_media = self._on_media

    def _on_media(self, datagram: bytes) -> None:
        if self.srtp is None:
            return
        try:
            if rtp.is_rtcp(datagram):
                self._on_rtcp(self.srtp.unprotect_rtcp(datagram))
            else:
                self._on_rtp(rtp.parse(self.srtp.unprotect(datagram)), len(datagram))
        except SrtpError:
            return  # a repeated packet (an RTX of what had come meanwhile has its own number; a duplicate has not)

    def _on_rtcp(self, datagram: bytes) -> None:
        for packet in rtcp.parse(datagram):
            if isinstance(packet, rtcp.SenderReport) and self._reception is not None and packet.ssrc == self._ssrc:
                self._reception.sender_report(packet, now_ms())

    def _on_rtp(self, packet: RtpPacket, size: int) -> None:
        again = packet.payload_type == RTX_TYPE
        if again and self._ssrc is not None:
            unwrapped = rtp.unwrap_rtx(packet, self._ssrc, VIDEO_TYPE)
            if unwrapped is None:
                return
            packet = unwrapped
        elif self._reception is None:
            self._ssrc = packet.ssrc
            self._reception = Reception(packet.ssrc, 90_000)
        newest = self._unwrapper.highest
        index = self._unwrapper.unwrap(packet.sequence)
        late = again or (newest is not None and index < newest)
        if not again and self._reception is not None:
            self._reception.packet(index, packet.timestamp, size, now_ms())
        missing = self._asking.came(index, now_ms())
        self._ask(missing)
        self.gaps.pop(index, None)
        self.gaps |= dict.fromkeys(missing, self._newest_number)
        stamp = stamp_of(packet.payload)
        if stamp is not None and stamp.number not in self.came:
            self.came[stamp.number] = (_delay_ms(stamp), late)
            self._newest_number = max(self._newest_number, stamp.number)

    def look(self) -> None:
        self._ask(self._asking.again(now_ms()))

    def _ask(self, indexes: list[int]) -> None:
        if indexes and self._ssrc is not None:
            self.asked += 1
            nack = rtcp.build_nack(OUR_SSRC, self._ssrc, [index & 0xFFFF for index in indexes])
            self.send_rtcp(rtcp.build_receiver_report(OUR_SSRC) + nack)

    def report(self) -> None:
        if self._reception is not None:
            self.send_rtcp(rtcp.build_receiver_report(OUR_SSRC, [self._reception.report(now_ms())]))


def _delay_ms(stamp: Stamp) -> float:
    return (time.time_ns() - stamp.sent_ns) / 1e6


def _fate(browsers: list[Browser], first: int, last: int, unstamped: list[int]) -> dict[str, Any]:
    """Of the camera's packets ``first`` to ``last`` at all viewers: how many were meant for them, came, came in time.

    What a viewer was not to have (its layer was taken from it) leaves no gap in the numbers that it gets.
    """
    numbers = sorted(set(range(first, last + 1)).difference(unstamped))
    fates = [browser.came.get(number) for browser in browsers for number in numbers]
    came = [fate for fate in fates if fate is not None]
    lost = sum(first <= number <= last for browser in browsers for number in browser.gaps.values())
    repaired = [delay for delay, late in came if late]
    expected = len(came) + lost
    return {
        "expected": expected,
        "withheld": len(fates) - expected,
        "came": len(came),
        "came_in_time": sum(delay <= IN_TIME_MS for delay, _ in came),
        "needed_repair": len(repaired) + expected - len(came),
        "repaired_in_time": sum(delay <= IN_TIME_MS for delay in repaired),
        "repair_ms": sorted(repaired),
        "nacks": sum(browser.asked for browser in browsers),
        "alive": sum(not browser.closed.is_set() for browser in browsers),
    }


async def _main(number: int) -> None:
    identity = DtlsIdentity()
    browsers = [Browser(identity, f"viewer{n}") for n in range(number)]
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say([offer_sdp(browser, "recvonly", rtx=True) for browser in browsers])
    for browser, answer in zip(browsers, json.loads(await reader.readline()), strict=True):
        browser.accept(answer)
    await asyncio.wait_for(asyncio.gather(*(browser.connect() for browser in browsers)), CONNECT_SECONDS)
    _say("connected")
    clock = asyncio.create_task(_clock(browsers))
    while line := await reader.readline():
        window = json.loads(line)
        _say(_fate(browsers, window["first"], window["last"], window["unstamped"]))
    clock.cancel()
    await asyncio.gather(clock, return_exceptions=True)


async def _clock(browsers: list[Browser]) -> None:
    reported = checked = now_ms()
    while True:
        await asyncio.sleep(LOOK_MS / 1000)
        now = now_ms()
        for browser in browsers:
            browser.look()
        if now - reported >= REPORT_MS:
            reported = now
            for browser in browsers:
                browser.report()
        if now - checked >= 1000 * CONSENT_SECONDS:
            checked = now
            for browser in browsers:
                browser.check()


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
