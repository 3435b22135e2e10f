"""What kind of film a file is, by its first bytes: its name says nothing."""

from __future__ import annotations

HEAD_BYTES = 1024
_TS_PACKET = 188
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_STARTS = {
    "matroska": b"\x1a\x45\xdf\xa3",
    "avi": b"RIFF",
    "flv": b"FLV",
    "mpeg": b"\x00\x00\x01\xba",
    "asf": b"\x30\x26\xb2\x75",
}


def container_of(head: bytes) -> str | None:
    """The container, as FFmpeg calls it; None for what is no film. ``head``: its first ``HEAD_BYTES``."""
    if head[4:8] in _BOXES:
        return "mov"
    for name, start in _STARTS.items():
        if head.startswith(start) and (name != "avi" or head[8:12] == b"AVI "):
            return name
    if len(head) > 2 * _TS_PACKET and all(head[n * _TS_PACKET] == 0x47 for n in range(3)):
        return "mpegts"
    return None
