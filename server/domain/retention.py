"""How long what is kept (保存期限): a period for each data class, as dated rules; and why some have none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.domain.personal_data import DataClass
from server.domain.refusals import Refusal

LOGS = 184
"""Days that make six months, whichever they are: no log goes earlier."""
MOST_DAYS = 36_500
_D = DataClass


@dataclass(frozen=True, slots=True)
class Period:
    """``days``: when nobody has set another. ``floor``: the least that can be set."""

    days: int
    floor: int


PERIODS: Mapping[DataClass, Period] = {
    _D.LOGIN_TRACES: Period(365, LOGS),
    _D.EVIDENCE: Period(365, LOGS),
    _D.PRESENCE: Period(1095, 365),
    _D.VOUCHING: Period(1095, LOGS),
    _D.ANSWERS: Period(1095, 365),
    _D.TALK: Period(365, LOGS),
    _D.INQUIRIES: Period(1095, LOGS),
    _D.NOTICES: Period(365, 30),
    _D.AUDIT: Period(400, LOGS),
    _D.WORK: Period(365, LOGS),
}

_STAYS = ("在册期间需要；离开后由注销处理", "needed while the person is on the roster; an erasure ends it")
UNLIMITED: Mapping[DataClass, tuple[str, str]] = {
    _D.IDENTITY: _STAYS,
    _D.ACCESS: _STAYS,
    _D.CONSENT: ("要能证明曾经同意", "it has to be shown that somebody agreed"),
    _D.ATTENDANCE: ("学时账与以往报表的依据", "what the ledger and past reports rest on"),
    _D.CREDIT: ("学时账以哈希相连，长期保存", "the ledger is chained and kept"),
    _D.SHEETS: ("支部已确认的签到表长期保存", "sheets that branches confirmed are kept"),
    _D.TEACHING: (
        "由党校管理，随课程保存；录像按保存类别到期删除",
        "the school's; kept with the lesson, recordings as their class says",
    ),
    _D.LESSON_LOG: (
        "回放需要；其中的互动与提问按各自期限清除",
        "replays need it; talk and inquiries in it go when their own time is over",
    ),
    _D.PRIVACY: ("数据保护工作的凭据", "the proof of what was done for data protection"),
    _D.HOUSE: ("不含个人信息", "it speaks of no person"),
}


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """``days`` hold from ``since`` on, until another rule does."""

    data_class: DataClass
    since: dt.datetime
    days: int
    set_by: str


def in_force(rules: Iterable[RetentionRule], data_class: DataClass, now: dt.datetime) -> RetentionRule | None:
    """None: the default."""
    past = [rule for rule in rules if rule.data_class is data_class and rule.since <= now]
    return max(past, key=lambda rule: rule.since, default=None)


def to_come(rules: Iterable[RetentionRule], data_class: DataClass, now: dt.datetime) -> RetentionRule | None:
    """The next one."""
    later = [rule for rule in rules if rule.data_class is data_class and rule.since > now]
    return min(later, key=lambda rule: rule.since, default=None)


def days_of(rule: RetentionRule | None, data_class: DataClass, default: int | None = None) -> int:
    """Never below the floor, whatever stands in the record."""
    period = PERIODS[data_class]
    return max(period.floor, rule.days if rule else default or period.days)


def check_days(data_class: DataClass, days: int) -> None:
    """Raises ``retention_unlimited``, ``retention_too_short``."""
    if data_class not in PERIODS:
        raise Refusal("retention_unlimited", data_class)
    if days < PERIODS[data_class].floor:
        raise Refusal("retention_too_short", f"{data_class}: at least {PERIODS[data_class].floor}")


@dataclass(frozen=True, slots=True)
class Sweep:
    """One day's. ``runner``: the process that does it; ``seen_at``: when it last did a piece."""

    day: dt.date
    runner: str
    begun_at: dt.datetime
    seen_at: dt.datetime
    counts: Mapping[str, int]
    ended_at: dt.datetime | None = None


LOST_AFTER = dt.timedelta(minutes=2)


def falls_to(sweep: Sweep | None, runner: str, now: dt.datetime) -> bool:
    """Whether this process begins the day's sweep, or goes on with it."""
    if sweep is None:
        return True
    return sweep.ended_at is None and (sweep.runner == runner or now - sweep.seen_at > LOST_AFTER)
