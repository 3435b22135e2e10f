"""What use cases hand to the faces: the objects of docs/protocol.md as frozen dataclasses, same field names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.domain.access import AccountKind, Action, Role
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import LessonState
from server.domain.programme import Speech
from server.domain.question_pictures import Picture
from server.domain.quiz import Keep, QuestionKind
from server.domain.units import UnitKind
from server.domain.venues import LecturerDesk, Microphone, Part
from server.services.roll_views import RollMark, RollStanding

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RoleView:
    role: Role
    unit_id: str


@dataclass(frozen=True, slots=True)
class Me:
    account_id: str
    name: str
    number: str
    kind: AccountKind
    member_id: str | None
    unit: Named | None
    venue: Named | None
    roles: tuple[RoleView, ...]
    home: str
    password_set: bool = True
    consent: int | None = None  # the version of the text that is to be accepted before anything else
    second_factor_due: bool = False


@dataclass(frozen=True, slots=True)
class UnitView:
    id: str
    parent_id: str | None
    name: str
    kind: UnitKind
    members: int  # of the whole subtree


@dataclass(frozen=True, slots=True)
class VenueView:
    id: str
    name: str
    unit_id: str
    room: str
    seats: int


@dataclass(frozen=True, slots=True)
class PersonView:
    account_id: str
    name: str


@dataclass(frozen=True, slots=True)
class RuleNameView:
    """A credit rule by its version."""

    id: str
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class LessonVenueView:
    id: str
    venue: Named
    part: Part
    source: str
    fallback: str | None = None
    """Where its people go when it breaks down: another one's id or ``phone``; null: not chosen."""
    kiosk: bool = False


@dataclass(frozen=True, slots=True)
class LessonView:
    id: str
    title: str
    unit: Named
    lecturer: PersonView | None
    state: LessonState
    starts_at: dt.datetime
    ends_at: dt.datetime
    opened_at: dt.datetime | None
    live_at: dt.datetime | None
    ended_at: dt.datetime | None
    recorded: bool
    video_codec: str
    credit_hundredths: int
    watermark: bool
    replay_skips: bool
    rule: RuleNameView | None
    settled_at: dt.datetime | None
    venues: tuple[LessonVenueView, ...]
    version: int
    may: tuple[Action, ...]
    my_venue: str | None
    kind: LessonKind = LessonKind.LECTURE
    media: bool = True
    course: Named | None = None
    series_id: str | None = None
    group: Named | None = None
    operates: tuple[str, ...] = ()
    """Venues of it that the caller operates, ``my_venue`` among them."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SlotsView:
    camera: str | None
    screen: str | None


@dataclass(frozen=True, slots=True)
class SourceView:
    source: str
    label: str
    connected: bool
    has_video: bool
    has_audio: bool
    video_codec: str | None
    bitrate_bps: int
    loss: float  # a fraction of the packets sent
    audio_level_dbov: int


@dataclass(frozen=True, slots=True)
class StageFailoverView:
    """Its people were moved, to another venue or (``target`` null) to the phones."""

    id: str
    target: str | None
    target_name: str


@dataclass(frozen=True, slots=True)
class StageVenueView:
    id: str
    name: str
    part: Part
    source: str
    online: bool
    microphone: Microphone
    speech: Speech  # what staff lets it do
    roll: RollMark | None
    failover: StageFailoverView | None = None


@dataclass(frozen=True, slots=True)
class TalkbackView:
    """``source``: of the voice; ``account_id``: whose it is."""

    lesson_venue_id: str
    source: str
    by: str
    since: dt.datetime
    account_id: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class StageRecordingView:
    id: str
    state: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class AlarmView:
    code: str
    text: str
    text_en: str
    since: dt.datetime
    source: str | None  # None: the lesson's


@dataclass(frozen=True, slots=True)
class SlidesView:
    """On stage now: ``page`` of ``pages``; ``reached`` is the furthest that was shown."""

    material_id: str
    name: str
    page: int
    pages: int
    reached: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ClipOnAirView:
    """``position_ms``: when this was said."""

    material_id: str
    name: str
    duration_ms: int
    position_ms: int
    paused: bool
    started_by: str


@dataclass(frozen=True, slots=True)
class CutView:
    """``by`` and ``reason`` to staff only."""

    since: dt.datetime
    by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class StandbyView:
    since: dt.datetime
    until: dt.datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class StorageView:
    free_bytes: int
    low: bool


@dataclass(frozen=True, slots=True)
class StageView:
    lesson_id: str
    seq: int
    state: LessonState
    slots: SlotsView
    desk: LecturerDesk  # the lecturer's machine that the lesson is taught from
    opened_audio: tuple[str, ...]
    on_air_venue: str | None
    sources: tuple[SourceView, ...]
    venues: tuple[StageVenueView, ...]
    viewers: int
    online: int
    recording: StageRecordingView | None
    clip: ClipOnAirView | None
    alarms: tuple[AlarmView, ...]
    media_ok: bool
    roll_call: RollStanding | None  # to staff and venues
    slides: SlidesView | None
    cut: CutView | None  # nobody gets the programme
    standby: StandbyView | None  # nobody gets it yet, or for a while
    talkbacks: tuple[TalkbackView, ...]  # to staff all, to a venue its own
    storage: StorageView | None  # to staff: where the recording is written


@dataclass(frozen=True, slots=True)
class RecordingMarkView:
    at: dt.datetime
    title: str


@dataclass(frozen=True, slots=True)
class RecordingView:
    """``marks``: the first ones whose text was searched for, ``marks_found``: how many there are."""

    id: str
    lesson_id: str
    title: str
    state: str
    started_at: dt.datetime | None
    duration_ms: int
    bytes: int
    recovered: bool
    gaps_ms: int
    starts_at: dt.datetime
    kind: LessonKind
    unit: Named
    lecturer: PersonView | None
    marks: tuple[RecordingMarkView, ...]
    marks_found: int
    poster: bool = False
    """There is a picture of it for lists."""


@dataclass(frozen=True, slots=True)
class OptionView:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    id: str
    position: int
    kind: QuestionKind
    text: str
    options: tuple[OptionView, ...]
    correct: tuple[str, ...]
    explanation: str
    seconds: int
    version: int
    from_bank: bool = False
    scoring: int = 1
    blanks: tuple[tuple[str, ...], ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class QuizUnitView:
    unit_id: str
    name: str
    expected: int
    answered: int
    right: int


@dataclass(frozen=True, slots=True)
class QuizRemarkView:
    """It was marked again (改判): for the how-manieth time, what was said to be right before, and why."""

    number: int
    correct: tuple[str, ...]
    blanks: tuple[tuple[str, ...], ...]
    reason: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class QuizResultView:
    answered: int
    right: int
    distribution: dict[str, int]
    correct: tuple[str, ...]
    explanation: str
    units: tuple[QuizUnitView, ...]
    blanks: tuple[tuple[str, ...], ...] = ()
    marks: int = 0
    remarked: QuizRemarkView | None = None


@dataclass(frozen=True, slots=True)
class QuizRunView:
    """The paper that it is asked in: its place there as the caller sees it, of ``size``. ``handed_in_at``: by the
    caller, in this round.
    """

    id: str
    name: str
    place: int
    size: int
    handed_in_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class OpinionView:
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class QuizView:
    """``opinions``: of an unscored one, what was approved; null while the caller may not see any."""

    id: str
    lesson_id: str
    question_id: str
    number: int
    kind: QuestionKind
    text: str
    options: tuple[OptionView, ...]
    seconds: int
    launched_at: dt.datetime
    deadline_at: dt.datetime
    closed_at: dt.datetime | None
    server_time: dt.datetime
    my_choice: tuple[str, ...] | None
    answered: int | None
    expected: int | None
    result: QuizResultView | None
    scored: bool = True
    places: int = 0
    keep: Keep = Keep.FIRST
    paused_at: dt.datetime | None = None
    round: int = 1
    reopen_reason: str = ""
    my_marks: int | None = None
    my_round: int | None = None
    run: QuizRunView | None = None
    my_nth: int = 0
    opinions: tuple[OpinionView, ...] | None = None
    my_helped: str | None = None
    """Why somebody else put the own answer in (协助作答)."""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class AnswerView:
    quiz_id: str
    choice: tuple[str, ...]
    received_at: dt.datetime
    round: int = 1
    nth: int = 1
