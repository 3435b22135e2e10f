"""A black picture that really comes over the wire is told by the media process, and no longer when there is light."""

import asyncio
import uuid

import pytest

from recordings import looking
from rooms import rtp
from rooms.dtls import DtlsIdentity
from rooms.interface import NodeConfig
from server.plane import LocalMediaPlane
from tests.recordings.rtp import payloads
from tests.recordings.test_looking import h264_picture
from tests.rooms.conftest import PATIENCE_SECONDS
from tests.rooms.light_peer import VIDEO_TYPE, LightPeer, offer_sdp

pytestmark = pytest.mark.media


class Camera:
    """Sends keyframes only, of what stands before it."""

    def __init__(self, peer):
        self.peer, self.sequence, self.timestamp = peer, 100, 9000

    def show(self, nals):
        parts = payloads(nals)
        self.timestamp += 3600
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            self.peer.send_rtp(rtp.build(VIDEO_TYPE, last, self.sequence, self.timestamp, 0x1111, part))
            self.sequence += 1


async def test_black_comes_and_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(looking, "EVERY_S", 0.1)
    media = await LocalMediaPlane.start(NodeConfig(host="127.0.0.1"), tmp_path)
    peer = LightPeer(DtlsIdentity(), "camera")
    camera, lesson = Camera(peer), str(uuid.uuid4())
    try:
        await media.open_room(lesson, str(uuid.uuid4()), "H264", recording=False)
        answer = await media.publish(lesson, "main", offer_sdp(peer, "sendonly", ("video",)), replace=False)
        peer.accept(answer.sdp)
        await peer.connect()

        for tone, black in ((0, True), (160, False)):
            nals = h264_picture(tone)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while (await media.room_state(lesson)).sources[0].black is not black:
                    camera.show(nals)
                    await asyncio.sleep(0.02)
    finally:
        peer.drop()
        await media.close()
