"""A recorder in a process of its own, to be killed. Says on stdout what it did:

``media <utc ms>`` is the time up to which packets were given, ``listed <name>`` a segment whose manifest line is on
disk.

Arguments: root, mode, number, and the descriptor of memory that outlives it if it shall have some. ``paced``: real
time, until killed from outside. ``crash``: as fast as it goes, and the process kills itself in the middle of the
numbered durable operation (half of a write, before a sync or rename).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from recordings import shelving
from recordings.clock import SystemClock
from recordings.storage import FolderShelf
from recordings.tail import Tail
from rooms.interface import Slot
from tests.recordings import rtp
from tests.recordings.studio import DELAY_MS, SPEC, Studio, recorder


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def say(*words: object) -> None:
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def crash_in_operation(number: int) -> None:
    """Count the operations that make things durable; die in the numbered one."""
    write, fsync, rename = os.write, os.fsync, Path.rename
    left = number

    def due() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    def dying_write(fd: int, data) -> int:
        if fd > 2 and due():
            write(fd, bytes(data)[: len(data) // 2])
            die()
        return write(fd, data)

    def dying_fsync(fd: int) -> None:
        if due():
            die()
        fsync(fd)

    def dying_rename(path: Path, target: Path) -> Path:
        if due():
            die()
        return rename(path, target)

    os.write, os.fsync, Path.rename = dying_write, dying_fsync, dying_rename  # type: ignore[assignment,method-assign]


class TellingShelf(FolderShelf):
    def append(self, lines: bytes) -> None:
        super().append(lines)
        for record in shelving.manifest.read(lines)[0]:
            if record["t"] == "segment":
                say("listed", record["name"])


def packets(start: float, seconds: int):
    camera, screen = rtp.Sender(Slot.CAMERA), rtp.Sender(Slot.SCREEN)
    return rtp.merged(
        rtp.film(camera, start, rtp.video(320, 240, seconds * 30, 60, 120)),
        rtp.film(screen, start, rtp.video(320, 240, seconds * 30, 60, 60)),
        rtp.sound(rtp.voice(), start, rtp.opus(seconds * 1000)),
    )


async def fast(root: Path) -> None:
    studio = Studio()
    archive = recorder(studio, root)
    await archive.attach(SPEC, recording=True)
    await studio.play(packets(studio.clock.at_ms, 8), studio.clock.at_ms + 8_000, pace_s=0.002)
    await archive.finish(SPEC.recording_id)
    await archive.close()


async def paced(root: Path, tail: Tail | None) -> None:
    clock = SystemClock()
    packets(0.0, 20)  # encode before the clock starts
    studio = Studio(clock=clock)
    archive = recorder(studio, root, tail=tail)
    await archive.attach(SPEC, recording=True)
    start = clock.monotonic_ms()
    for packet in packets(start, 20):
        while packet.media_ms + DELAY_MS > clock.monotonic_ms():
            say("media", clock.now().utc_ms)
            await asyncio.sleep(0.01)
        for sink in studio.sinks:
            sink.on_packets([packet])


def main() -> None:
    import recordings.storage

    recordings.storage.FolderShelf = TellingShelf  # type: ignore[misc]
    root, mode, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if mode == "crash":
        crash_in_operation(number)
    tail = Tail(int(sys.argv[4])) if len(sys.argv) > 4 else None
    asyncio.run(paced(root, tail) if mode == "paced" else fast(root))


if __name__ == "__main__":
    main()
