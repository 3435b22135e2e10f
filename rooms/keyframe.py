"""The last keyframe of a layer as it came, whole or not at all: for whoever looks into it."""

from __future__ import annotations

from rooms.interface import Keyframe
from rooms.stream import ReceivedStream

MOST_PACKETS = 256
"""Of one picture; a layer's lowest keyframe has a tenth of that."""


def last_keyframe(stream: ReceivedStream) -> Keyframe | None:
    """None while a packet of it is missing, or when the cache has gone past it."""
    first = stream.cache.keyframe_index
    head = None if first is None else stream.cache.get(first)
    if first is None or head is None:
        return None
    payloads: list[bytes] = []
    for index in range(first, first + MOST_PACKETS):
        packet = stream.cache.get(index)
        if packet is None or packet.timestamp != head.timestamp:
            return None
        payloads.append(packet.payload)
        if packet.marker:
            return Keyframe(stream.codec.name, first, stream.height, tuple(payloads))
    return None
