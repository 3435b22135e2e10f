"""Beginning and ending clips in a room."""

from __future__ import annotations

import secrets

from rooms.clip import ClipSource, NobodyThere
from rooms.interface import ClipReader, Refusal
from rooms.playback import Playback, Running, Standing
from rooms.room import Room
from rooms.stream import Outward

STOPPED = "stopped"


def play(
    room: Room, source_id: str, reader: ClipReader, *, order: int, paused: bool, outward: Outward, now_ms: float
) -> None:
    """In place of what this source played before. Raises ``source_taken`` where somebody publishes under the name."""
    playback: Playback = Standing(reader) if paused else Running(reader)
    before = room.sources.get(source_id)
    if before is None:
        peer = NobodyThere(f"clip-{secrets.token_hex(8)}")
        source = ClipSource(source_id, peer, room=room, outward=outward, playback=playback, order=order)
        room.sources[source_id] = peer.media = source
        source.on_live(now_ms)
    elif isinstance(before, ClipSource):
        before.load(playback, order)
    else:
        raise Refusal("source_taken", source_id)


def stop(room: Room, source_id: str) -> None:
    """Harmless where nothing is played."""
    source = room.sources.get(source_id)
    if isinstance(source, ClipSource):
        source.peer.end(STOPPED)
