"""Pictures of an archive (缩略图): which keyframes are worth one, and keeping what was drawn beside the segments.

Nothing is decoded here: keyframes are copied into one file, a *strip*, that a confined process reads. What comes back
is listed in the manifest like every segment, so that it is verified, sealed and served as those are; ``pictures.json``
is listed last and says that the work is done, also where there was nothing to draw.
"""

from __future__ import annotations

import errno
import json
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recordings import manifest
from recordings.boxes import VIDEO_HZ
from recordings.fragment import HEAD_BYTES, Damaged, Described, head_length, read_fragment, read_init
from recordings.interface import Track
from recordings.manifest import Contents, Entry
from recordings.storage import PICTURES, FolderStorage, StorageUnavailable, translated

MOST = 240
"""Pictures of one archive; of a longer one they lie further apart."""
LEAST_APART = 4 * VIDEO_HZ
MOST_BYTES = 1 << 20
"""Of one keyframe."""
FORM = 1
_START = b"\x00\x00\x00\x01"


@dataclass(frozen=True, slots=True)
class Shot:
    """``utc``: when it was seen, RFC 3339."""

    entry: Entry
    utc: str


def shots(contents: Contents, most: int = MOST) -> tuple[Shot, ...]:
    """Evenly over what was recorded, pauses left out; the screen where one was shared, else the camera."""
    camera = [entry for entry in contents.entries[Track.CAMERA] if entry.independent]
    screen = [entry for entry in contents.entries[Track.SCREEN] if entry.independent]
    length = sum(entry.ticks for entry in camera)
    apart = max(LEAST_APART, -(-length // most))
    found: list[Shot] = []
    seen, due, beside = 0, 0, 0
    for entry in camera:
        if seen >= due:
            while beside < len(screen) and screen[beside].end <= entry.start:
                beside += 1
            shared = beside < len(screen) and screen[beside].start <= entry.start
            found.append(Shot(screen[beside] if shared else entry, entry.utc))
            due += apart
        seen += entry.ticks
    return tuple(found[:most])


def write_strip(folder: Path, found: Sequence[Shot], into: Path) -> None:
    """Each keyframe with its parameter sets (ITU-T H.264, annex B), four bytes of length before it; none: length 0."""
    inits: dict[str, Described] = {}
    try:
        with into.open("wb") as strip:
            for shot in found:
                try:
                    picture = _keyframe(folder, shot.entry, inits)
                except Damaged:  # one picture less
                    picture = b""
                strip.write(struct.pack(">I", len(picture)) + picture)
    except OSError as error:
        raise translated(error) from error


def _keyframe(folder: Path, entry: Entry, inits: dict[str, Described]) -> bytes:
    if entry.init not in inits:
        inits[entry.init] = read_init(_read(folder / entry.init, 0, HEAD_BYTES), entry.init)
    path = folder / entry.name
    head = _read(path, 0, HEAD_BYTES)
    needed = head_length(head, entry.name)
    fragment = read_fragment(head if needed <= len(head) else _read(path, 0, needed), entry.bytes, entry.name)
    if not fragment.keyframes or fragment.sizes[fragment.keyframes[0]] > MOST_BYTES:
        return b""
    number = fragment.keyframes[0]
    sample = _read(path, fragment.video_at + sum(fragment.sizes[:number]), fragment.sizes[number])
    return b"".join(_START + nal for nal in _nals(inits[entry.init].parameter_sets + sample))


def _read(path: Path, at: int, length: int) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ELOOP}:
            raise
        raise Damaged(path.name, "it is gone, or no file") from None
    try:
        return os.pread(fd, length, at)
    finally:
        os.close(fd)


def _nals(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def index(found: Sequence[Shot], drawn: Mapping[str, Any]) -> bytes:
    """``drawn``: what the craft says of its sheets, and which of the shots are on them, in their order."""
    shown = [found[number].utc for number in drawn["shown"]]
    fields = {name: drawn[name] for name in ("width", "height", "columns", "rows", "sheets")}
    return json.dumps({"form": FORM, **fields, "at": shown}).encode()


def keep(root: Path, recording_id: str, files: Mapping[str, bytes]) -> None:
    """Into a finished archive, all listed at once.

    Raises ``StorageFull``, ``StorageUnavailable``: also where a recorder has it, and where its media was moved or
    deleted while they were drawn.
    """
    shelf = FolderStorage(root).shelf(recording_id)
    try:
        contents = Contents.of(shelf.manifest())
        if contents.moved or contents.deleted:
            raise StorageUnavailable("its media is not here any more")
        shelf.sweep(frozenset(contents.files))  # what a crash has left
        ordered = sorted(files.items(), key=lambda item: item[0] == PICTURES)
        for name, data in ordered:
            shelf.put(name, data)
        shelf.append(b"".join(manifest.line(manifest.picture(name, data)) for name, data in ordered))
    finally:
        shelf.close()
