"""The rooms of ``script/bench rollcall``: a camera and a microphone without a browser, and the operator beside them.

Each speaks real STUN, DTLS and SRTP, sends small pictures of a real encoder, and hears its lesson over Socket.IO. What
a room is like when it is called (`Manner`) says what the house should propose of it.
"""

from __future__ import annotations

import asyncio
import colorsys
import enum
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import aiohttp
import av
import numpy as np
from relay_peers import SOUND_LEVEL, SOUND_SSRC, STAP_A, sound_payloads

from rooms import rtcp, rtp
from rooms.clock import now_ms
from rooms.dtls import DtlsIdentity
from server.domain.roll_calls import RollResult
from server.services.demo import PASSWORD
from tests.rooms.light_peer import AUDIO_TYPE, VIDEO_TYPE, LightPeer, offer_sdp

WIDTH, HEIGHT, PICTURES, PICTURES_A_SECOND = 320, 176, 10, 10
TICK_MS, TICKS_PER_PICTURE, TICKS_PER_REPORT, TICKS_PER_CHECK = 20, 5, 50, 100
MOST_BYTES = 1100
QUIET_LEVEL = SOUND_LEVEL[:5] + bytes((90,)) + SOUND_LEVEL[6:]  # a room in which nobody speaks
SSRC = 0x0A11
OPERATOR_S = 1.0
"""From the call on the room's screen to the operator's key."""
PATIENCE_S, BEAT_S = 30.0, 15.0
OPEN, PING, PONG, CONNECT, EVENT = "0", "2", "3", "40/live,", "42/live,"
NAL_AUD, NAL_SEI = 9, 6


class Manner(enum.Enum):
    """What a room has (picture, sound, is heard, the operator's key), and what the house should say of it."""

    SPEAKS = (True, True, True, False, RollResult.ANSWERED)
    PRESSES = (True, True, False, True, RollResult.ANSWERED)
    DARK = (False, True, True, False, RollResult.NO_PICTURE)
    MUTE = (True, False, False, True, RollResult.NO_SOUND)

    def __init__(self, picture: bool, sound: bool, heard: bool, key: bool, result: RollResult) -> None:
        self.picture, self.sound, self.heard, self.key, self.result = picture, sound, heard, key, result

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("video",) * self.picture + ("audio",) * self.sound


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """``late``: nobody is there at first; it comes later, and is as ``manner`` says then."""

    name: str
    number: str
    manner: Manner
    late: bool = False

    @property
    def first(self) -> RollResult:
        return RollResult.ABSENT if self.late else self.manner.result


def picture_payloads(hue: float) -> list[list[bytes]]:
    """A second of a bar that moves on one colour, as RTP payloads: whole pictures that need none before them."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base = Fraction(1, PICTURES_A_SECOND)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "crf": "36", "g": "1"}
    ground = [round(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.6, 0.6)]
    made: list[list[bytes]] = []
    for number in range(PICTURES):
        drawn = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        drawn[:] = ground
        drawn[80:96, number * 32 : number * 32 + 32] = 240
        frame = av.VideoFrame.from_ndarray(drawn, format="rgb24")
        frame.pts = number
        made += [_payloads(bytes(packet)) for packet in encoder.encode(frame)]
    made += [_payloads(bytes(packet)) for packet in encoder.encode(None)]
    return made


def _payloads(stream: bytes) -> list[bytes]:
    """Parameter sets in one packet, then each slice in one of its own."""
    nals = [nal for part in stream.split(b"\0\0\1") if (nal := part.rstrip(b"\0"))]
    sets = [nal for nal in nals if nal[0] & 31 in (7, 8)]
    slices = [nal for nal in nals if nal[0] & 31 not in (7, 8, NAL_AUD, NAL_SEI)]
    if any(len(nal) > MOST_BYTES for nal in slices):
        raise ValueError("a picture of the bench does not fit into a packet")
    return [bytes((STAP_A,)) + b"".join(len(nal).to_bytes(2, "big") + nal for nal in sets), *slices]


class Camera(LightPeer):
    """The room's picture and sound, as far as it has them."""

    def __init__(self, manner: Manner, hue: float) -> None:
        super().__init__(DtlsIdentity(), "room")
        self.offer = offer_sdp(self, "sendonly", manner.kinds)
        self._pictures = picture_payloads(hue) if manner.picture else []
        self._sounds = sound_payloads(50) if manner.sound else []
        self._level = SOUND_LEVEL if manner.heard else QUIET_LEVEL
        self._ticks = self._picture_packets = 0

    def tick(self) -> None:
        """Every ``TICK_MS``."""
        if self._sounds:
            self._send_sound()
        if self._pictures and self._ticks % TICKS_PER_PICTURE == 0:
            self._send_picture()
        if self._pictures and self._ticks % TICKS_PER_REPORT == 0:
            at = rtcp.ntp_of(now_ms())
            self.send_rtcp(rtcp.build_sender_report(rtcp.SenderReport(SSRC, at, self._video_time, 0, 0)))
        if self._ticks % TICKS_PER_CHECK == 0:
            self.check()
        self._ticks += 1

    @property
    def _video_time(self) -> int:
        return self._ticks * TICK_MS * 90

    def _send_picture(self) -> None:
        payloads = self._pictures[self._ticks // TICKS_PER_PICTURE % len(self._pictures)]
        for payload in payloads:
            number = 1000 + self._picture_packets
            last = payload is payloads[-1]
            self.send_rtp(rtp.build(VIDEO_TYPE, last, number, self._video_time, SSRC, payload))
            self._picture_packets += 1

    def _send_sound(self) -> None:
        payload = self._sounds[self._ticks % len(self._sounds)]
        plain = rtp.build(AUDIO_TYPE, False, 1000 + self._ticks, self._ticks * TICK_MS * 48, SOUND_SSRC, payload)
        self.send_rtp(bytes((plain[0] | 0x10,)) + plain[1:12] + self._level + plain[12:])


class Room:
    """One venue's account: logged in, on its page's socket, and on the wall when it has come."""

    def __init__(self, plan: RoomPlan, origin: str, hue: float) -> None:
        self.plan, self._origin, self._hue = plan, origin, hue
        self.camera: Camera | None = None
        self._lesson = self._source = ""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=False),  # its CA was made a second ago
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # cookies of an IP address
            headers={"Origin": origin},
        )
        self._tasks: set[asyncio.Task[None]] = set()

    async def come(self, lesson_id: str, lesson_venue_id: str) -> None:
        """Returns when its media are connected."""
        self._lesson = lesson_id
        await self._call("/session", number=self.plan.number, password=PASSWORD)
        socket = await self._socket()
        self._tasks |= {asyncio.create_task(self._hear(socket)), asyncio.create_task(_beat(socket))}
        camera = Camera(self.plan.manner, self._hue)
        use = {"use": "publish", "source": f"venue-{lesson_venue_id}", "client_id": "room"}
        ticket = await self._call(f"/lessons/{lesson_id}/tickets", **use)
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {ticket['token']}"}
        async with self._session.post(ticket["url"], data=camera.offer, headers=headers) as answer:
            camera.accept(await _text(answer))
        await asyncio.wait_for(camera.connect(), PATIENCE_S)
        self.camera = camera

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
        if self.camera is not None:
            self.camera.hang_up()

    async def _socket(self) -> aiohttp.ClientWebSocketResponse:
        ticket = await self._call("/socket-ticket", lesson_id=self._lesson)
        socket = await self._session.ws_connect(f"{self._origin}/socket.io/?EIO=4&transport=websocket", compress=0)
        if not (await socket.receive_str()).startswith(OPEN):
            raise RuntimeError("the socket does not open")
        auth = {"ticket": ticket["ticket"], "lesson_id": self._lesson, "face": "venue"}
        await socket.send_str(CONNECT + json.dumps(auth))
        if not (answer := await socket.receive_str()).startswith(CONNECT):
            raise RuntimeError(answer)
        return socket

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for item in socket:
            if item.data == PING:
                await socket.send_str(PONG)
            elif item.data.startswith(EVENT) and is_call(item.data.removeprefix(EVENT)) and self.plan.manner.key:
                self._tasks.add(asyncio.create_task(self._answer()))

    async def _answer(self) -> None:
        await asyncio.sleep(OPERATOR_S)
        await self._call(f"/lessons/{self._lesson}/roll-call/answer", command_id=str(uuid.uuid4()))

    async def _call(self, path: str, **body: str) -> Any:
        async with self._session.post(f"{self._origin}/api/v1{path}", json=body) as answer:
            return json.loads(await _text(answer))


async def _beat(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Presence, as the room's page says it; the acknowledgements are nobody's concern."""
    while True:
        await socket.send_str(f'{EVENT}0["beat",{{}}]')
        await asyncio.sleep(BEAT_S)


def is_call(text: str) -> bool:
    """Whether the event is this room's turn."""
    name, data = json.loads(text)
    return name == "event" and data["kind"] == "roll_call.called" and data["data"]["called"]


async def _text(answer: aiohttp.ClientResponse) -> str:
    text = await answer.text()
    if not answer.ok:
        raise RuntimeError(f"{answer.status} {answer.url.path}: {text[:300]}")
    return text


async def keep_sending(rooms: Iterable[Room]) -> None:
    """Of all that have come, until it is cancelled."""
    rooms, loop = list(rooms), asyncio.get_running_loop()
    due = loop.time()
    while True:
        for room in rooms:
            if room.camera is not None:
                room.camera.tick()
        due = max(due + TICK_MS / 1000, loop.time() - 1)
        await asyncio.sleep(max(0.0, due - loop.time()))
