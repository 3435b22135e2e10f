"""Whether a text is one that a Socket.IO client sends (protocol versions Engine.IO 4, Socket.IO 5). Pure.

The libraries raise out of their receiving loop, with a traceback for each packet, on what is none.
"""

from __future__ import annotations

from typing import Any

from socketio import packet

_ENGINE_TYPES = frozenset("0123456")
_MESSAGE = "4"
# Pongs and closes carry nothing or a word; engineio would read more as JSON of any depth.
_LONGEST_CONTROL = 16
_RESERVED = frozenset({"connect", "disconnect"})


def message(text: str) -> Any:  # noqa: ANN401 - the library's own packet
    """The Socket.IO packet in it; None for the Engine.IO ones. Raises ``ValueError`` for anything else."""
    if text[:1] != _MESSAGE:
        if text[:1] not in _ENGINE_TYPES or not text or len(text) > _LONGEST_CONTROL:
            raise ValueError("no Engine.IO packet")
        return None
    if text[1:2] not in "0123" or len(text) < 2:
        raise ValueError("no Socket.IO packet that clients send")
    try:
        read = packet.Packet(encoded_packet=text[1:])
    except Exception as error:  # noqa: BLE001 - whatever the library raises, the text is none of its packets
        raise ValueError(type(error).__name__) from None
    if not _fits(read):
        raise ValueError("a Socket.IO packet of the wrong shape")
    return read


def _fits(read: Any) -> bool:  # noqa: ANN401
    if read.attachment_count:  # the library reads a number of attachments in packets that can have none
        return False
    if read.packet_type == packet.EVENT:
        # By these names the library would call the handlers of connections themselves.
        return isinstance(read.data, list) and isinstance((*read.data, None)[0], str) and read.data[0] not in _RESERVED
    if read.packet_type == packet.ACK:
        return isinstance(read.data, list) and read.id is not None
    return True


def is_connect(read: Any) -> bool:  # noqa: ANN401
    return read is not None and read.packet_type == packet.CONNECT
