"""Micro-videos of a course (微视频): what becomes of one from its title to its retirement, and their order."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from server.domain.jobs import MOST_ATTEMPTS, RUNNER_LOST
from server.domain.refusals import Refusal

MOST_VIDEOS = 100
"""Of one course."""
TITLE_LENGTH = 120
MOST_FILM_MS = 180 * 60_000
MOST_SEGMENTS = 20_000
MOST_SEGMENT_MS = 60_000
INIT, PLAYLIST, POSTER = "init.mp4", "camera.m3u8", "poster.jpg"
BEGINS = "2000-01-01T00:00:00.000Z"
"""Where a film's own clock begins, so that players which reckon with dates find marks in it."""


class MicroState(enum.StrEnum):
    DRAFT = "draft"  # it has a title, and no film
    UPLOADING = "uploading"
    QUEUED = "queued"
    CONVERTING = "converting"
    FAILED = "failed"
    READY = "ready"  # may be published
    PUBLISHED = "published"  # members see it
    RETIRED = "retired"  # whoever was done keeps that; nobody begins


class MicroStep(enum.StrEnum):
    UPLOAD = "upload"
    ABANDON = "abandon"
    ARRIVE = "arrive"
    BEGIN = "begin"
    REQUEUE = "requeue"
    FINISH = "finish"
    FAIL = "fail"
    PUBLISH = "publish"
    RETIRE = "retire"


_S, _T = MicroState, MicroStep
TRANSITIONS: dict[tuple[MicroState, MicroStep], MicroState] = {
    (_S.DRAFT, _T.UPLOAD): _S.UPLOADING,
    (_S.FAILED, _T.UPLOAD): _S.UPLOADING,
    (_S.READY, _T.UPLOAD): _S.UPLOADING,
    (_S.UPLOADING, _T.UPLOAD): _S.UPLOADING,
    (_S.UPLOADING, _T.ABANDON): _S.DRAFT,
    (_S.UPLOADING, _T.ARRIVE): _S.QUEUED,
    (_S.UPLOADING, _T.FAIL): _S.FAILED,
    (_S.QUEUED, _T.BEGIN): _S.CONVERTING,
    (_S.QUEUED, _T.FAIL): _S.FAILED,
    (_S.CONVERTING, _T.REQUEUE): _S.QUEUED,
    (_S.CONVERTING, _T.FINISH): _S.READY,
    (_S.CONVERTING, _T.FAIL): _S.FAILED,
    (_S.READY, _T.PUBLISH): _S.PUBLISHED,
    (_S.PUBLISHED, _T.RETIRE): _S.RETIRED,
    (_S.RETIRED, _T.PUBLISH): _S.PUBLISHED,
}
WORKED_ON = frozenset({_S.QUEUED, _S.CONVERTING})
MADE = frozenset({_S.READY, _S.PUBLISHED, _S.RETIRED})
"""A film was made of what came."""
REMOVABLE = frozenset({_S.DRAFT, _S.UPLOADING, _S.FAILED, _S.READY})
"""Never published: nobody can have watched it."""


@dataclass(frozen=True, slots=True)
class MicroVideo:
    """``skips``: a first watch may leave parts out; ``asks``: questions at marks are asked. ``film_id``: of the folder
    with its film, and of its upload. ``facts``: what the conversion said, JSON types. ``code``: why it failed, a
    refusal's. ``runner``: the control process in whose data folder the film lies. ``version`` grows with every change
    that a person makes.
    """

    id: str
    course_id: str
    position: int
    title: str
    account_id: str
    created_by: str  # a name
    created_at: dt.datetime
    state: MicroState = MicroState.DRAFT
    skips: bool = False
    asks: bool = True
    film_id: str | None = None
    bytes: int = 0
    sha256: str = ""
    runner: str = ""
    attempts: int = 0
    progress: int = 0
    code: str | None = None
    facts: Mapping[str, Any] | None = None
    published_at: dt.datetime | None = None
    retired_at: dt.datetime | None = None
    version: int = 1

    @property
    def duration_ms(self) -> int:
        return int((self.facts or {}).get("duration_ms", 0))

    @property
    def segments_ms(self) -> tuple[int, ...]:
        return tuple((self.facts or {}).get("segments_ms", ()))


def moved(video: MicroVideo, step: MicroStep) -> MicroVideo:
    """Raises ``micro_state``; nothing has changed then."""
    state = TRANSITIONS.get((video.state, step))
    if state is None:
        raise Refusal("micro_state", f"{step} in {video.state}")
    return replace(video, state=state)


def uploading(video: MicroVideo, film_id: str) -> MicroVideo:
    """A film is on its way, in the place of the one before."""
    begun = moved(video, MicroStep.UPLOAD)
    return replace(begun, film_id=film_id, code=None, facts=None, bytes=0, sha256="", progress=0, attempts=0)


def arrived(video: MicroVideo, size: int, sha256: str, runner: str) -> MicroVideo:
    return replace(moved(video, MicroStep.ARRIVE), bytes=size, sha256=sha256, runner=runner)


def abandoned(video: MicroVideo) -> MicroVideo:
    return replace(moved(video, MicroStep.ABANDON), film_id=None)


def begun(video: MicroVideo, runner: str) -> MicroVideo:
    """Also again, after the end of whoever worked on it; ``job_interrupted`` when that was tried often enough."""
    waiting = moved(video, MicroStep.REQUEUE) if video.state is MicroState.CONVERTING else video
    if waiting.attempts >= MOST_ATTEMPTS:
        return failed(waiting, "job_interrupted")
    going = moved(waiting, MicroStep.BEGIN)
    return replace(going, runner=runner, attempts=waiting.attempts + 1, progress=0)


def progressed(video: MicroVideo, percent: int) -> MicroVideo:
    """Never backwards, and 100 only when it is done."""
    if video.state is not MicroState.CONVERTING:
        return video
    return replace(video, progress=max(video.progress, min(99, percent)))


def finished(video: MicroVideo, facts: Mapping[str, Any]) -> MicroVideo:
    return replace(moved(video, MicroStep.FINISH), facts=facts, progress=100, code=None)


def failed(video: MicroVideo, code: str) -> MicroVideo:
    return replace(moved(video, MicroStep.FAIL), code=code)


def published(video: MicroVideo, now: dt.datetime) -> MicroVideo:
    """Also again, while its film is still here. Raises ``micro_state``."""
    if video.film_id is None:
        raise Refusal("micro_state", "its film is gone")
    again = replace(moved(video, MicroStep.PUBLISH), retired_at=None)
    return replace(again, published_at=video.published_at or now, version=video.version + 1)


def retired(video: MicroVideo, now: dt.datetime) -> MicroVideo:
    return replace(moved(video, MicroStep.RETIRE), retired_at=now, version=video.version + 1)


def without_film(video: MicroVideo) -> MicroVideo:
    """Its time is over: what was learnt from it stays, the film goes. Raises ``micro_state``."""
    if video.state is not MicroState.RETIRED:
        raise Refusal("micro_state", f"its film in {video.state}")
    return replace(video, film_id=None, version=video.version + 1)


def check_removable(video: MicroVideo) -> None:
    """Raises ``micro_state``."""
    if video.state not in REMOVABLE or video.published_at is not None:
        raise Refusal("micro_state", f"removing in {video.state}")


def falls_to(video: MicroVideo, runner: str, signs: Mapping[str, dt.datetime], now: dt.datetime) -> bool:
    """Whether ``runner`` works on it: it is its own, or whoever has it gave no sign of life for long."""
    return video.runner == runner or now - signs.get(video.runner, video.created_at) >= RUNNER_LOST


def ordered(videos: Collection[MicroVideo], wanted: Sequence[str]) -> tuple[MicroVideo, ...]:
    """Those whose place changes. ``wanted``: every id of the course, once. Raises ``micro_order``."""
    known = {video.id: video for video in videos}
    if len(wanted) != len(known) or set(wanted) != known.keys():
        raise Refusal("micro_order", f"{len(wanted)} of {len(known)}")
    placed = (replace(known[each], position=place) for place, each in enumerate(wanted, start=1))
    return tuple(video for video in placed if video != known[video.id])


# ---- what was made of a film -------------------------------------------------------------------------------


def segment_name(number: int) -> str:
    """``number`` from 0."""
    return f"seg-{number:05d}.m4s"


def check_facts(facts: Mapping[str, Any]) -> None:
    """What was made of a stranger's file is believed as far as it can be true. Raises ``conversion_failed``."""
    segments = facts.get("segments_ms")
    sizes = (facts.get("duration_ms"), facts.get("width"), facts.get("height"), facts.get("bytes"))
    plausible = (
        isinstance(segments, list)
        and 1 <= len(segments) <= MOST_SEGMENTS
        and all(_is_count(each, MOST_SEGMENT_MS) for each in segments)
        and all(_is_count(size, most) for size, most in zip(sizes, (MOST_FILM_MS, 8192, 8192, 1 << 36), strict=True))
        and all(isinstance(facts.get(name), bool) for name in ("sound", "copied"))
    )
    if not plausible or abs(sum(segments or ()) - facts["duration_ms"]) > MOST_SEGMENT_MS:
        raise Refusal("conversion_failed", "no film")


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def playlist(segments_ms: Sequence[int]) -> str:
    """A media playlist (RFC 8216) of ours: nothing of it comes out of the file."""
    longest = -(-max(segments_ms, default=1000) // 1000)
    head = ("#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{longest}", "#EXT-X-MEDIA-SEQUENCE:0")
    begins = ("#EXT-X-PLAYLIST-TYPE:VOD", f'#EXT-X-MAP:URI="{INIT}"', f"#EXT-X-PROGRAM-DATE-TIME:{BEGINS}")
    lines = (
        line
        for number, length_ms in enumerate(segments_ms)
        for line in (f"#EXTINF:{length_ms / 1000:.3f},", segment_name(number))
    )
    return "\n".join((*head, *begins, *lines, "#EXT-X-ENDLIST", ""))
