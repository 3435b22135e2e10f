"""Whether an archive is what was recorded: each file that its manifest lists, by length and digest. Changes nothing."""

from __future__ import annotations

import enum
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recordings import digest, manifest
from recordings.storage import OURS, PART

MOST_FLAWS = 1000


class Fault(enum.StrEnum):
    MISSING = "missing"
    NOT_A_FILE = "not_a_file"  # a link, a folder, a device
    LENGTH = "length"
    DIGEST = "digest"
    UNLISTED = "unlisted"  # a file too many
    MANIFEST = "manifest"  # unreadable, or with lines that make no sense
    OPEN = "open"  # not finished: it may still grow


@dataclass(frozen=True, slots=True)
class Flaw:
    """``name``: of the file."""

    name: str
    fault: Fault
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    files: int
    bytes: int
    flaws: tuple[Flaw, ...]
    deleted: tuple[str, str] | None = None
    """When, and by which rule: of its files none is wanted any more."""
    unseen: bool = False
    """Its media lies in an object store that nobody named here: only the manifest was looked at."""

    @property
    def sound(self) -> bool:
        return not self.flaws


def verify(
    folder: Path,
    progress: Callable[[int], None] = lambda percent: None,
    fetch: Callable[[str], bytes | None] | None = None,
) -> Findings:
    """``fetch``: from the object store, of an archive that was moved there. Raises ``FileNotFoundError`` where there is
    no archive, and what ``fetch`` raises. Of very many flaws only the first are told."""
    data = (folder / manifest.NAME).read_bytes()
    try:
        contents = manifest.Contents.of(data)
    except manifest.UnreadableManifest as error:
        return Findings(0, 0, (Flaw(manifest.NAME, Fault.MANIFEST, str(error)),))
    flaws = _of_the_manifest(contents, data)
    whole, read = max(1, sum(contents.files.values())), 0
    if contents.moved is not None and fetch is None:
        return Findings(0, 0, tuple(flaws), unseen=True)
    for name, size in contents.files.items():
        expected = contents.digests.get(name)
        if contents.moved is not None and fetch is not None:
            flaw = _look_at(name, fetch(f"{folder.name}/{name}"), size, expected)
        else:
            flaw = _look(folder / name, size, expected)
        flaws += [flaw] if flaw else []
        read += size
        progress(min(99, 100 * read // whole))
    flaws += _unlisted(folder, frozenset(contents.files))
    return Findings(len(contents.files), read, tuple(flaws[:MOST_FLAWS]), contents.deleted)


def _of_the_manifest(contents: manifest.Contents, data: bytes) -> list[Flaw]:
    records, whole = manifest.read(data)
    unread = contents.bad_lines + data[:whole].count(b"\n") - len(records)
    flaws = [] if contents.finished else [Flaw(manifest.NAME, Fault.OPEN)]
    return flaws + ([Flaw(manifest.NAME, Fault.MANIFEST, f"{unread} lines")] if unread or whole < len(data) else [])


def _look(path: Path, size: int, expected: tuple[digest.Digest, str] | None) -> Flaw | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return Flaw(path.name, Fault.MISSING)
    except OSError as error:
        return Flaw(path.name, Fault.NOT_A_FILE, os.strerror(error.errno or 0))
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            return Flaw(path.name, Fault.NOT_A_FILE)
        if status.st_size != size:
            return Flaw(path.name, Fault.LENGTH, f"{status.st_size} instead of {size} bytes")
        if expected is None:
            return Flaw(path.name, Fault.MANIFEST, "no digest is listed")
        kind, wanted = expected
        return None if digest.of_file(fd, kind) == wanted else Flaw(path.name, Fault.DIGEST, kind)
    finally:
        os.close(fd)


def _look_at(name: str, data: bytes | None, size: int, expected: tuple[digest.Digest, str] | None) -> Flaw | None:
    if data is None:
        return Flaw(name, Fault.MISSING)
    if len(data) != size:
        return Flaw(name, Fault.LENGTH, f"{len(data)} instead of {size} bytes")
    if expected is None:
        return Flaw(name, Fault.MANIFEST, "no digest is listed")
    return None if digest.of(data, expected[0]) == expected[1] else Flaw(name, Fault.DIGEST, expected[0])


def _unlisted(folder: Path, listed: frozenset[str]) -> list[Flaw]:
    """What a crash left (ours, swept away by the next recorder) is none of it."""
    found = sorted(path.name for path in folder.iterdir() if path.name not in listed | {manifest.NAME})
    return [Flaw(name, Fault.UNLISTED) for name in found if not (name.endswith(PART) and OURS.fullmatch(name))]
