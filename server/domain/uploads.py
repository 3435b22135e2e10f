"""A large file that comes in pieces (断点续传): what was said of it when it began, where it is to go on, until when.

The pieces go by tus 1.0 (core, creation, expiration, checksum, termination). How much of it is here is the size of the
file on disk and nothing else: what was acknowledged was synced before.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from server.domain.films import HEAD_BYTES, container_of
from server.domain.refusals import Refusal

MOST_BYTES = 2 << 30
"""Of one film."""
MOST_OPEN = 4
MOST_OPEN_BYTES = 4 << 30
"""What one account may have on its way at once: files, and bytes in all."""
NAME_LENGTH = 255
LASTS = dt.timedelta(days=2)
"""From the last piece on: a line that is away over a weekend night costs nothing."""
_DIGITS = re.compile(r"[0-9]{1,15}", re.ASCII)
_UNFIT = re.compile("[\x00-\x1f\x7f/\\\\\ud800-\udfff]")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PLAYLISTS = (b"#EXTM3U", b"#EXTINF", b"<?xml", b"<MPD", b"ffconcat", b"[playlist]", b"<smil", b"file ", b"concat:")


@dataclass(frozen=True, slots=True)
class Upload:
    """``sha256``: announced by who sends it, "" where it was not. ``done_at``: all of it is here and was looked at."""

    id: str
    video_id: str
    account_id: str
    size_bytes: int
    sha256: str
    created_at: dt.datetime
    expires_at: dt.datetime
    done_at: dt.datetime | None = None

    @property
    def done(self) -> bool:
        return self.done_at is not None


def begin(upload: Upload, others: Collection[Upload]) -> Upload:
    """``others``: what the same account has on its way. Raises ``file_too_large``, ``upload_empty``, ``upload_quota``,
    ``invalid_body`` for a digest that is none.
    """
    if upload.size_bytes > MOST_BYTES:
        raise Refusal("file_too_large", f"{upload.size_bytes} of {MOST_BYTES} bytes")
    if upload.size_bytes <= 0:
        raise Refusal("upload_empty")
    if upload.sha256 and not _SHA256.fullmatch(upload.sha256):
        raise Refusal("invalid_body", "sha256: 64 hexadecimal digits")
    waiting = upload.size_bytes + sum(each.size_bytes for each in others)
    if len(others) >= MOST_OPEN or waiting > MOST_OPEN_BYTES:
        raise Refusal("upload_quota", f"{len(others)} uploads, {waiting} bytes")
    return replace(upload, expires_at=upload.created_at + LASTS)


def check_name(name: str) -> None:
    """What a file is called is never a path of ours; one that tries to be is refused. Raises ``upload_name``."""
    if not name or len(name) > NAME_LENGTH or _UNFIT.search(name) or name in {".", ".."}:
        raise Refusal("upload_name", repr(name[:80]))


def read_number(text: str | None, name: str) -> int:
    """Of a header. Raises ``invalid_body``."""
    if text is None or not _DIGITS.fullmatch(text):
        raise Refusal("invalid_body", f"{name}: a whole number of bytes")
    return int(text)


def check_open(upload: Upload, now: dt.datetime) -> None:
    """Raises ``upload_expired``."""
    if now >= upload.expires_at:
        raise Refusal("upload_expired", upload.id)


def check_offset(upload: Upload, said: int, here: int) -> None:
    """``said``: where the next piece begins; ``here``: so much is on disk. Raises ``upload_offset``."""
    if said != here:
        raise Refusal("upload_offset", f"{said}, and {here} of {upload.size_bytes} are here")


def went_on(upload: Upload, now: dt.datetime) -> Upload:
    return replace(upload, expires_at=max(upload.expires_at, now + LASTS))


def check_film(head: bytes) -> None:
    """By its first bytes: no name and no content type is believed. Raises ``film_playlist``, ``clip_not_video``."""
    start = head[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if any(start[: len(mark)].lower() == mark.lower() for mark in _PLAYLISTS):
        raise Refusal("film_playlist", "it names other files")
    if container_of(head[:HEAD_BYTES]) is None:
        raise Refusal("clip_not_video", "by its first bytes")


def check_digest(upload: Upload, sha256: str) -> None:
    """Raises ``upload_digest``."""
    if upload.sha256 and upload.sha256 != sha256:
        raise Refusal("upload_digest", "the whole of it is not what was announced")
