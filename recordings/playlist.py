"""HLS media playlists (RFC 8216) from lists of segments. Pure; URIs are bare names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recordings.boxes import VIDEO_HZ

VERSION = 7  # fMP4 with EXT-X-MAP (section 7)


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    init: str
    ticks: int  # 90 kHz
    utc: str
    discontinuity: bool
    independent: bool


def live(
    items: Sequence[Item], media_sequence: int, discontinuity_sequence: int, target_s: int, *, blocking: bool = False
) -> str:
    """A sliding window. ``discontinuity_sequence``: discontinuities that left the window (6.2.2).

    ``blocking``: whoever asks for the next segment is answered once it is there (rfc8216bis, 6.2.5.2).
    """
    head = [
        f"#EXT-X-TARGETDURATION:{target_s}",
        f"#EXT-X-MEDIA-SEQUENCE:{media_sequence}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{discontinuity_sequence}",
        *(["#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES"] if blocking else []),
    ]
    return _joined([*head, *_body(items)])


def replay(items: Sequence[Item], *, ended: bool) -> str:
    """VOD with its end, or EVENT while segments may still be added."""
    target = max((rounded_seconds(item.ticks) for item in items), default=1)
    head = [f"#EXT-X-TARGETDURATION:{target}", f"#EXT-X-PLAYLIST-TYPE:{'VOD' if ended else 'EVENT'}"]
    if ended and all(item.independent for item in items):
        head.append("#EXT-X-INDEPENDENT-SEGMENTS")
    tail = ["#EXT-X-ENDLIST"] if ended else []
    return _joined([*head, *_body(items, first_continues=True), *tail])


def rounded_seconds(ticks: int) -> int:
    """What EXT-X-TARGETDURATION bounds: EXTINF rounded to the nearest integer (4.3.3.1)."""
    return max(1, (ticks + VIDEO_HZ // 2) // VIDEO_HZ)


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", *lines]) + "\n"


def _body(items: Sequence[Item], *, first_continues: bool = False) -> list[str]:
    lines: list[str] = []
    init = None
    for number, item in enumerate(items):
        if item.discontinuity and not (first_continues and number == 0):
            lines.append("#EXT-X-DISCONTINUITY")
        if item.init != init:
            init = item.init
            lines.append(f'#EXT-X-MAP:URI="{init}"')
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{item.utc}")
        lines.append(f"#EXTINF:{item.ticks / VIDEO_HZ:.5f},")
        lines.append(item.name)
    return lines
