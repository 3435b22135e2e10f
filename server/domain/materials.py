"""What is uploaded for a lesson (资料): slides that are turned on stage, handouts to read, and what becomes of them."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.domain.films import container_of
from server.domain.jobs import JobKind
from server.domain.lessons import Lesson, LessonState
from server.domain.refusals import Refusal

MOST_MATERIALS = 60
"""Of one lesson, without the deleted ones."""
NAME_LENGTH = 120
LONGEST_UPLOAD = dt.timedelta(hours=1)
HEAD_BYTES = 1024
"""How much of a file is looked at to see what it is."""
MOST_PAGES, MOST_SIDE, TITLE_LENGTH = 200, 1920, 60
"""Of slides: pages; the longest side of a page's picture in pixels; letters of a page's title."""
MOST_CLIP_MS = 181 * 60_000
"""More than any installation may set."""
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_MIB = 1024 * 1024


class MaterialKind(enum.StrEnum):
    SLIDES = "slides"  # 课件: the lecturer turns its pages on stage
    HANDOUT = "handout"  # 讲义: for reading
    CLIP = "clip"  # 短片: played on the air


class MaterialState(enum.StrEnum):
    UPLOADING = "uploading"
    QUEUED = "queued"
    CONVERTING = "converting"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


class Release(enum.StrEnum):
    """From when on whoever the lesson reaches may read it."""

    STAFF = "staff"  # never by itself: slides are seen while they are on stage
    BEFORE = "before"  # from the plan's publication on
    DURING = "during"  # from the lesson's opening on
    AFTER = "after"  # when it has ended


def _is_pdf(head: bytes) -> bool:
    """ISO 32000-1, annex H.3.4.1: readers look for the mark within the first 1,024 bytes."""
    return b"%PDF-" in head


def _is_film(head: bytes) -> bool:
    return container_of(head) is not None


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken of one kind: so many bytes, which begin as such files do, and who converts them.

    ``wrong``: the refusal of what begins otherwise.
    """

    most_bytes: int
    looks: Callable[[bytes], bool]
    job: JobKind
    wrong: str = "file_type_wrong"


TAKEN: dict[MaterialKind, Taken] = {
    MaterialKind.SLIDES: Taken(100 * _MIB, _is_pdf, JobKind.SLIDES),
    MaterialKind.HANDOUT: Taken(100 * _MIB, _is_pdf, JobKind.SLIDES),
    MaterialKind.CLIP: Taken(1024 * _MIB, _is_film, JobKind.CLIP, "clip_not_video"),
}

_OPENED = frozenset({LessonState.OPEN, LessonState.LIVE, LessonState.ENDED, LessonState.SETTLED, LessonState.ARCHIVED})
_RELEASED: dict[Release, frozenset[LessonState]] = {
    Release.STAFF: frozenset(),
    Release.BEFORE: _OPENED | {LessonState.SCHEDULED},
    Release.DURING: _OPENED,
    Release.AFTER: _OPENED - {LessonState.OPEN, LessonState.LIVE},
}
_CLOSED = frozenset({LessonState.CANCELLED, LessonState.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Material:
    """``result``: what the conversion said, JSON types (``pages``, ``titles``; ``duration_ms``).

    ``code``: why it failed, a refusal's. ``bytes`` and ``sha256`` are of the file as it came.
    """

    id: str
    lesson_id: str
    kind: MaterialKind
    name: str
    state: MaterialState
    release: Release
    account_id: str
    created_by: str  # a name
    created_at: dt.datetime
    bytes: int = 0
    sha256: str = ""
    job_id: str | None = None
    code: str | None = None
    result: Mapping[str, Any] | None = None

    @property
    def pages(self) -> int:
        return int((self.result or {}).get("pages", 0))

    @property
    def duration_ms(self) -> int:
        return int((self.result or {}).get("duration_ms", 0))


def check_open(lesson: Lesson) -> None:
    """Raises ``materials_closed`` for a lesson whose papers are shut."""
    if lesson.state in _CLOSED:
        raise Refusal("materials_closed", lesson.state)


def check_content(kind: MaterialKind, head: bytes) -> None:
    """What it is, by its first bytes: neither a name nor a content type is believed.

    Raises ``file_type_wrong``, ``clip_not_video``.
    """
    if not TAKEN[kind].looks(head[:HEAD_BYTES]):
        raise Refusal(TAKEN[kind].wrong, f"not what a {kind} is made of")


def received(material: Material, size: int, sha256: str, job_id: str) -> Material:
    """The whole file is here, and waits to be converted."""
    return replace(material, state=MaterialState.QUEUED, bytes=size, sha256=sha256, job_id=job_id)


def check_result(job: JobKind, result: Mapping[str, Any]) -> None:
    """What was made of a stranger's file is believed as far as it can be true. Raises ``conversion_failed``."""
    if not _RESULTS[job](result):
        raise Refusal("conversion_failed", f"no result of {job}")


def _is_deck(result: Mapping[str, Any]) -> bool:
    pages, titles, sizes = (result.get(name) for name in ("pages", "titles", "sizes"))
    if not (_is_count(pages, MOST_PAGES) and isinstance(titles, list) and isinstance(sizes, list)):
        return False
    lengths = {len(titles), len(sizes)} == {pages}
    return lengths and all(map(_is_title, titles)) and all(map(_is_size, sizes))


def _is_clip(result: Mapping[str, Any]) -> bool:
    return _is_count(result.get("duration_ms"), MOST_CLIP_MS)


def _is_title(title: object) -> bool:
    """Databases want no NUL and no half of a character, and a chapter's title is one line."""
    return isinstance(title, str) and len(title) <= TITLE_LENGTH and _UNFIT.search(title) is None


def _is_size(size: object) -> bool:
    return isinstance(size, list) and len(size) == 2 and all(_is_count(side, MOST_SIDE) for side in size)


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


_RESULTS: dict[JobKind, Callable[[Mapping[str, Any]], bool]] = {JobKind.SLIDES: _is_deck, JobKind.CLIP: _is_clip}


def converting(material: Material) -> Material:
    return replace(material, state=MaterialState.CONVERTING)


def queued(material: Material) -> Material:
    return replace(material, state=MaterialState.QUEUED)


def ready(material: Material, result: Mapping[str, Any]) -> Material:
    return replace(material, state=MaterialState.READY, result=result, code=None)


def failed(material: Material, code: str) -> Material:
    return replace(material, state=MaterialState.FAILED, code=code)


def deleted(material: Material) -> Material:
    """Its place stays: the log and the replay speak of it."""
    return replace(material, state=MaterialState.DELETED)


def released(material: Material, lesson: Lesson) -> bool:
    """Whether members and venues may read it, apart from what is on stage."""
    return material.state is MaterialState.READY and lesson.state in _RELEASED[material.release]
