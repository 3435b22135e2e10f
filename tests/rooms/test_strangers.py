"""The node over loopback, with light clients: what comes from strangers."""

from __future__ import annotations

import asyncio
import random
import socket

import pytest

from rooms.interface import SourceDown, ViewerDown
from tests.rooms.conftest import EventLog, until
from tests.rooms.studio import IDR, Studio, on_air

pytestmark = pytest.mark.media


def garbage(seed: int) -> list[bytes]:
    """2,500 datagrams of a kind that parsers stumble over, always the same."""
    dice = random.Random(seed)
    plain_dtls = bytes((21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40))
    kinds = (
        lambda: b"",
        lambda: dice.randbytes(dice.randint(1501, 3000)),
        lambda: dice.randbytes(dice.randint(1, 1500)),
        lambda: bytes((dice.randint(0, 3),)) + dice.randbytes(dice.randint(0, 60)),
        lambda: bytes((dice.randint(128, 191),)) + dice.randbytes(dice.randint(0, 200)),
        lambda: bytes((0x80, dice.randint(192, 223))) + dice.randbytes(dice.randint(0, 60)),
        lambda: plain_dtls,
        lambda: bytes((22, 254, 253)) + dice.randbytes(dice.randint(0, 300)),
        lambda: bytes((dice.randint(20, 63), 254, 253, 0, 1)) + dice.randbytes(dice.randint(0, 100)),
    )
    return [dice.choice(kinds)() for _ in range(2500)]


async def test_a_live_session_survives_ten_thousand_bad_datagrams(studio: Studio, log: EventLog) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.connect(camera.peer.socket.getpeername())
    forged = [peer.check_message("a guess") for peer in (camera.peer, viewer.peer)] * 50
    for seed, sender in enumerate((stranger, camera.peer.socket, viewer.peer.socket, stranger)):
        for number, datagram in enumerate(garbage(seed)):
            sender.send(datagram)
            if number % 50 == 0:
                stranger.send(forged[number // 50 % len(forged)])
                await asyncio.sleep(0.001)
    stats = studio.node.stats()
    await until(lambda: studio.node.stats().packets_received >= 10_000)
    camera.peer.check()
    for _ in range(10):
        camera.frame()
    await until(lambda: len(viewer.video) == 33)
    assert viewer.video[-1].payload == camera.sent[(camera.sequence - 1) & 0xFFFF][12:]
    dropped = studio.node.stats().datagrams_dropped
    for reason in ("empty", "oversized", "unknown_address", "bad_stun", "bad_rtp", "bad_integrity", "over_rate"):
        assert dropped[reason] > 0, (reason, dropped, stats)
    assert not any(isinstance(event, (SourceDown, ViewerDown)) for event in log.events)
    stranger.close()


async def test_a_forged_check_moves_no_media(studio: Studio) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher()
    thief = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    thief.setblocking(False)
    thief.connect(viewer.peer.socket.getpeername())
    thief.send(viewer.peer.check_message("a guess"))
    await until(lambda: studio.node.stats().datagrams_dropped.get("bad_integrity", 0) == 1)
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    with pytest.raises(BlockingIOError):
        thief.recv(2000)
    thief.close()
