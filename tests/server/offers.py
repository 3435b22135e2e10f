"""Session descriptions that a real WebRTC stack made."""

import asyncio
import contextlib
import re

from aiortc import RTCPeerConnection, RTCSessionDescription


async def offer(direction="sendonly") -> str:
    """One video and one audio line, VP8 and H264, Opus."""
    peer = RTCPeerConnection()
    try:
        peer.addTransceiver("audio", direction=direction)
        peer.addTransceiver("video", direction=direction)
        await peer.setLocalDescription(await peer.createOffer())
        return peer.localDescription.sdp
    finally:
        await peer.close()


def without_known_codecs(sdp: str) -> str:
    return re.sub(r"\b(VP8|H264|opus|PCMU|PCMA|G722)/", "UNKNOWN/", sdp)


@contextlib.asynccontextmanager
async def publishing(exchange):
    """A publisher whose media connection stands. ``exchange``: an offer to the server's answer."""
    peer = RTCPeerConnection()
    connected = asyncio.Event()
    peer.on("connectionstatechange", lambda: connected.set() if peer.connectionState == "connected" else None)
    try:
        peer.addTransceiver("audio", direction="sendonly")
        await peer.setLocalDescription(await peer.createOffer())
        answer = await exchange(peer.localDescription.sdp)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(60):
            await connected.wait()
        yield peer
    finally:
        await peer.close()
