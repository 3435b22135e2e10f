"""An event as it goes over the wire: one web socket frame that every connection can take as it is. Pure.

A server's frames are not masked (RFC 6455, 5.1), so two thousand phones that hear the same share not only the text but
its bytes, too.
"""

from __future__ import annotations

import struct

_TEXT, _LAST = 0x1, 0x80
_SHORT, _MEDIUM = 126, 65_536
_EVENT = "42"
"""Engine.IO message, Socket.IO event."""


def event_frame(namespace: str, text: str) -> bytes:
    """``text``: name and data as a JSON array."""
    return text_frame(f"{_EVENT}{namespace},{text}")


def text_frame(text: str) -> bytes:
    """RFC 6455, 5.2: one unfragmented, unmasked frame."""
    payload = text.encode()
    return _head(len(payload)) + payload


def _head(length: int) -> bytes:
    if length < _SHORT:
        return struct.pack("!BB", _LAST | _TEXT, length)
    if length < _MEDIUM:
        return struct.pack("!BBH", _LAST | _TEXT, 126, length)
    return struct.pack("!BBQ", _LAST | _TEXT, 127, length)
