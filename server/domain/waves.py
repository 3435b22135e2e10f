"""Notices of a lesson (通知) go out in three waves: the invitation, the day before, the hour before.

When a wave is due, and what its messages say; what becomes of one message is in :mod:`server.domain.deliveries`.
A lesson that is moved begins a new round: its first wave says so.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Collection
from dataclasses import dataclass

from server.domain.lessons import BY_PHONE, ON_THE_SPOT, Lesson, LessonState

SENDABLE = frozenset({LessonState.SCHEDULED, LessonState.OPEN, LessonState.LIVE})
"""States in which a message that waits may still go out; before the start only."""
_PLANNABLE = frozenset({LessonState.SCHEDULED, LessonState.OPEN})
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_WEEKDAYS = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Wave(enum.StrEnum):
    """In their order."""

    INVITE = "invite"
    DAY = "day"
    HOUR = "hour"
    MAKE_UP = "make_up"  # no wave: one letter to who has the lesson to make up


ORDER = (Wave.INVITE, Wave.DAY, Wave.HOUR)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of the day to another, over midnight when that is earlier; equal: never."""

    since: dt.time
    until: dt.time

    def holds(self, at: dt.time) -> bool:
        if self.since <= self.until:
            return self.since <= at < self.until
        return at >= self.since or at < self.until


@dataclass(frozen=True, slots=True)
class WaveTimes:
    """``invite_days`` before the start, or as soon as the lesson is scheduled when that is later; the day before at
    ``day_at``, in the school's time; ``hour_minutes`` before the start.
    """

    invite_days: int = 7
    day_at: dt.time = dt.time(18)
    hour_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Round:
    """The waves that were made for one time of the lesson; ``number`` counts from 1."""

    number: int
    starts_at: dt.datetime
    made: frozenset[Wave] = frozenset()


@dataclass(frozen=True, slots=True)
class MadeWave:
    """``members``: how many it was for. ``starts_at``: of the lesson, as it is told."""

    lesson_id: str
    round: int
    wave: Wave
    starts_at: dt.datetime
    made_at: dt.datetime
    members: int


def time_of(text: str) -> dt.time:
    """``18:00``. Raises ValueError."""
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return dt.time.fromisoformat(text)


def quiet_of(text: str) -> Quiet:
    """``22:00-07:00``; empty: never. Raises ValueError."""
    if not text:
        return Quiet(dt.time(), dt.time())
    if not _SPAN.fullmatch(text):
        raise ValueError(text)
    since, _, until = text.partition("-")
    return Quiet(time_of(since), time_of(until))


def due_at(wave: Wave, starts_at: dt.datetime, times: WaveTimes, zone: dt.tzinfo) -> dt.datetime:
    """The earliest moment."""
    if wave is Wave.INVITE:
        return starts_at - dt.timedelta(days=times.invite_days)
    if wave is Wave.HOUR:
        return starts_at - dt.timedelta(minutes=times.hour_minutes)
    before = starts_at.astimezone(zone).date() - dt.timedelta(days=1)
    return dt.datetime.combine(before, times.day_at, zone).astimezone(dt.UTC)


def round_now(last: Round | None, starts_at: dt.datetime) -> Round:
    """The one that the lesson is in: the last one, or a new one when it was moved since."""
    if last is None:
        return Round(1, starts_at)
    return last if last.starts_at == starts_at else Round(last.number + 1, starts_at)


def wave_due(lesson: Lesson, present: Round, times: WaveTimes, zone: dt.tzinfo, now: dt.datetime) -> Wave | None:
    """The wave to make now. Of several that are due only the last: nobody is told three times at once.

    Whoever was told another time is told of the new one at once.
    """
    if lesson.state not in _PLANNABLE or now >= lesson.starts_at:
        return None
    moved = present.number > 1
    due = [
        wave for wave in ORDER if (moved and wave is Wave.INVITE) or due_at(wave, lesson.starts_at, times, zone) <= now
    ]
    if not due or due[-1] in present.made or _later_made(due[-1], present.made):
        return None
    return due[-1]


def _later_made(wave: Wave, made: Collection[Wave]) -> bool:
    return any(ORDER.index(one) > ORDER.index(wave) for one in made)


# ---- what is said ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a message is made of: nothing about the person besides the place.

    ``was``: the time that was told before, when the lesson was moved.
    """

    wave: Wave
    title: str
    starts_at: dt.datetime
    place: str = BY_PHONE
    was: dt.datetime | None = None


def text(said: Sentence, now: dt.datetime, zone: dt.tzinfo, *, language: str = "zh", url: str = "") -> str:
    """One message for a channel that carries text."""
    return (_english if language == "en" else _chinese)(said, now, zone) + (f" {url}" if url else "")


def _chinese(said: Sentence, now: dt.datetime, zone: dt.tzinfo) -> str:
    what = f"《{said.title}》{_when(said.starts_at, now, zone)}，{said.place}。"
    if said.was is not None:
        return f"改期通知：原定{_when(said.was, now, zone)}的课改期，{what}"
    if said.wave is Wave.INVITE:
        return f"上课通知：{what}不能参加请在平台请假。"
    return f"上课提醒：{what}"


def _english(said: Sentence, now: dt.datetime, zone: dt.tzinfo) -> str:
    place = {BY_PHONE: "by phone", ON_THE_SPOT: "on the spot"}.get(said.place, said.place)
    what = f"“{said.title}”, {_when_en(said.starts_at, now, zone)}, {place}."
    if said.was is not None:
        return f"New time: {what} It was {_when_en(said.was, now, zone)}."
    if said.wave is Wave.INVITE:
        return f"Invitation: {what} Ask for leave on the platform if you cannot come."
    return f"Reminder: {what}"


def _when(moment: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> str:
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    word = {0: "今天", 1: "明天"}.get((local.date() - today).days, f"周{_WEEKDAYS[local.weekday()]}")
    return f"{local.month}月{local.day}日（{word}）{local:%H:%M}"


def _when_en(moment: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> str:
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    word = {0: "today", 1: "tomorrow"}.get((local.date() - today).days, _WEEKDAYS_EN[local.weekday()])
    return f"{word} {local:%Y-%m-%d %H:%M}"
