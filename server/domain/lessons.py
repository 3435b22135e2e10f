"""A lesson and its life: one enum, one transition table."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from server.domain.clips import Clip
from server.domain.lesson_kinds import LessonKind
from server.domain.refusals import Refusal
from server.domain.talkback import Talkback
from server.domain.venues import (
    CLIP_SOURCE,
    LECTURER_SOURCES,
    MAIN_SOURCE,
    SCREEN_SOURCE,
    SPARE_SCREEN_SOURCE,
    SPARE_SOURCE,
    Guest,
    LessonVenue,
    Part,
)

LONGEST = dt.timedelta(hours=24)
MOST_VENUES = 500
TITLE_LENGTH = 200
BY_PHONE = "手机参加"
"""What the place of those without a room is called."""
ON_THE_SPOT = "现场参加"
"""The same, of a lesson without sound and picture."""


class LessonState(enum.StrEnum):
    DRAFT = "draft"  # 草稿
    SCHEDULED = "scheduled"  # 已排期
    OPEN = "open"  # 签到中
    LIVE = "live"  # 上课中
    ENDED = "ended"  # 已下课
    SETTLED = "settled"  # 学时已核定
    ARCHIVED = "archived"  # 已归档
    CANCELLED = "cancelled"  # 已取消


class LessonStep(enum.StrEnum):
    SCHEDULE = "schedule"
    REOPEN_DRAFT = "reopen_draft"
    OPEN = "open"
    START = "start"
    END = "end"
    SETTLE = "settle"
    ARCHIVE = "archive"
    CANCEL = "cancel"


TRANSITIONS: dict[tuple[LessonState, LessonStep], LessonState] = {
    (LessonState.DRAFT, LessonStep.SCHEDULE): LessonState.SCHEDULED,
    (LessonState.DRAFT, LessonStep.CANCEL): LessonState.CANCELLED,
    (LessonState.SCHEDULED, LessonStep.REOPEN_DRAFT): LessonState.DRAFT,
    (LessonState.SCHEDULED, LessonStep.OPEN): LessonState.OPEN,
    (LessonState.SCHEDULED, LessonStep.CANCEL): LessonState.CANCELLED,
    (LessonState.OPEN, LessonStep.START): LessonState.LIVE,
    (LessonState.OPEN, LessonStep.CANCEL): LessonState.CANCELLED,
    (LessonState.LIVE, LessonStep.END): LessonState.ENDED,
    (LessonState.ENDED, LessonStep.SETTLE): LessonState.SETTLED,
    (LessonState.SETTLED, LessonStep.ARCHIVE): LessonState.ARCHIVED,
}

ON_AIR = frozenset({LessonState.OPEN, LessonState.LIVE})
"""States in which the lesson has a media room."""
EDITABLE = frozenset({LessonState.DRAFT, LessonState.SCHEDULED})


_LABELS = {SCREEN_SOURCE: "讲师屏幕", SPARE_SOURCE: "备用讲师机", SPARE_SCREEN_SOURCE: "备用讲师机屏幕"}


def next_state(state: LessonState, step: LessonStep) -> LessonState:
    """Raises ``illegal_transition``."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise Refusal("illegal_transition", f"{step} in {state}") from None


@dataclass(frozen=True, slots=True)
class GroupName:
    """A 党小组 as a lesson names it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """``version`` grows by one with every change (ETag). ``recording_id`` is given when the lesson opens."""

    id: str
    title: str
    unit_id: str
    lecturer_id: str | None
    state: LessonState
    starts_at: dt.datetime
    ends_at: dt.datetime
    recorded: bool
    video_codec: str = "H264"
    venues: tuple[LessonVenue, ...] = ()
    opened_at: dt.datetime | None = None
    live_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    recording_id: str | None = None
    credit_hundredths: int = 0  # 核定学时 in hundredths of 学时: 25 is 0.25
    rule_id: str | None = None  # the credit rule in force, frozen when the lesson opens
    settled_at: dt.datetime | None = None
    watermark: bool = False  # who watches reads his own name over the picture
    replay_skips: bool = False  # a first watch of the replay, to make the lesson up, may leave parts out
    guest: Guest | None = None  # a member's phone that is asked on the air
    clip: Clip | None = None  # the one in play
    talkbacks: tuple[Talkback, ...] = ()
    kind: LessonKind = LessonKind.LECTURE
    media: bool = True  # False: people meet, nothing is sent or recorded; from sign-in to credit it is the same
    course_id: str | None = None
    series_id: str | None = None  # of a draft that was made with others
    group: GroupName | None = None  # the 党小组 that holds it, as it was called when the lesson opened
    version: int = 1

    @property
    def full_title(self) -> str:
        """With the group that holds it, where the title doesn't say it."""
        if self.group is None or self.group.name in self.title:
            return self.title
        return f"{self.title}（{self.group.name}）"

    @property
    def on_air(self) -> bool:
        return self.state in ON_AIR

    @property
    def sources(self) -> tuple[str, ...]:
        """Every media source that somebody may publish in this lesson, the lecturer's first."""
        branches = [venue.source for venue in self.venues if venue.part is Part.BRANCH]
        guests = [self.guest.source] if self.guest else []
        return (*LECTURER_SOURCES, *branches, *guests)

    def venue(self, lesson_venue_id: str) -> LessonVenue:
        """Raises ``venue_not_found``."""
        found = next((venue for venue in self.venues if venue.id == lesson_venue_id), None)
        if found is None:
            raise Refusal("venue_not_found", lesson_venue_id)
        return found

    def place_name(self, lesson_venue_id: str | None) -> str:
        """None: the phone. Raises ``venue_not_found``."""
        if lesson_venue_id is None:
            return BY_PHONE if self.media else ON_THE_SPOT
        return self.venue(lesson_venue_id).name

    @property
    def home(self) -> LessonVenue | None:
        """Where everybody without another place is expected: in a lesson without media nobody takes part by phone."""
        if self.media:
            return None
        return next((venue for venue in self.venues if venue.part is Part.MAIN), next(iter(self.venues), None))

    def label(self, source: str) -> str:
        """What people call a source: the venue's name, or 讲师 and 讲师屏幕. Raises ``source_unknown``."""
        if source in _LABELS:
            return _LABELS[source]
        if self.guest is not None and source == self.guest.source:
            return self.guest.label
        if self.clip is not None and source == CLIP_SOURCE:
            return self.clip.name
        named = next((venue.name for venue in self.venues if venue.source == source), None)
        if source == MAIN_SOURCE:
            return named or "讲师"
        if named is None:
            raise Refusal("source_unknown", source)
        return named


@dataclass(frozen=True, slots=True)
class LessonFilter:
    """What a list is narrowed to; None: not by that. ``since`` ≤ start < ``until``."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    kind: LessonKind | None = None
    course_id: str | None = None
    unit_ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class HeldLesson:
    """What a calendar of duties needs to know of a lesson."""

    id: str
    unit_id: str
    kind: LessonKind
    starts_at: dt.datetime
    state: LessonState
    group_id: str | None = None


def step(lesson: Lesson, event: LessonStep, now: dt.datetime, *, recording_id: str) -> Lesson:
    """The lesson after ``event``. Raises ``illegal_transition`` and changes nothing.

    ``recording_id`` is used when the lesson opens, and has media.
    """
    moved = replace(lesson, state=next_state(lesson.state, event), version=lesson.version + 1)
    if event is LessonStep.OPEN:
        return replace(moved, opened_at=now, recording_id=recording_id if lesson.media else None)
    if event is LessonStep.START:
        return replace(moved, live_at=now)
    if event is LessonStep.END:
        return replace(moved, ended_at=now)
    if event is LessonStep.SETTLE:
        return replace(moved, settled_at=now)
    return moved


def check_plan(title: str, starts_at: dt.datetime, ends_at: dt.datetime, parts: Iterable[tuple[str, Part]]) -> None:
    """A plan that can be held: raises ``invalid_body``. ``parts`` are venue ids and their parts."""
    parts = tuple(parts)
    if not 1 <= len(title.strip()) <= TITLE_LENGTH:
        raise Refusal("invalid_body", f"title: 1 to {TITLE_LENGTH} characters")
    if not dt.timedelta(0) < ends_at - starts_at <= LONGEST:
        raise Refusal("invalid_body", "ends_at: after starts_at, by 24 hours at most")
    if len(parts) > MOST_VENUES:
        raise Refusal("invalid_body", f"venues: {MOST_VENUES} at most")
    if len({venue_id for venue_id, _ in parts}) < len(parts):
        raise Refusal("invalid_body", "venues: each one once")
    if sum(part is Part.MAIN for _, part in parts) > 1:
        raise Refusal("invalid_body", "venues: one main venue at most")


def check_editable(lesson: Lesson) -> None:
    """Raises ``not_editable``."""
    if lesson.state not in EDITABLE:
        raise Refusal("not_editable", lesson.state)


def check_media(lesson: Lesson) -> None:
    """Raises ``no_media``."""
    if not lesson.media:
        raise Refusal("no_media", lesson.id)


def plain(lesson: Lesson) -> Lesson:
    """As it can be held: without media nothing is recorded, and no name stands over a picture; a group holds group
    meetings and nothing else.
    """
    if lesson.kind is not LessonKind.GROUP_MEETING:
        lesson = replace(lesson, group=None)
    return lesson if lesson.media else replace(lesson, recorded=False, watermark=False)
