"""People on the roster. A member belongs to one unit at a time; memberships are dated."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass


class MemberKind(enum.StrEnum):
    FULL = "full"  # 正式党员
    PROBATIONARY = "probationary"  # 预备党员
    CANDIDATE = "candidate"  # 发展对象
    ACTIVIST = "activist"  # 入党积极分子
    GUEST = "guest"  # 列席


class Ending(enum.StrEnum):
    """Why somebody belongs to no unit of ours any more."""

    MOVED_AWAY = "moved_away"  # 组织关系转出
    LEFT = "left"  # 离开本单位
    DIED = "died"  # 去世
    WITHDRAWN = "withdrawn"  # 出党、取消资格或退出培养
    MISTAKEN = "mistaken"  # 误录
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Member:
    """``kind`` is what the member began as; :class:`KindChange` says what it is since. ``phone`` is for the
    secretary's call. ``group_id`` counts only while the group is of the member's unit.
    """

    id: str
    name: str
    kind: MemberKind
    phone: str | None = None
    group_id: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class KindChange:
    """From ``since`` on."""

    member_id: str
    since: dt.date
    kind: MemberKind


@dataclass(frozen=True, slots=True)
class Membership:
    """From ``since`` until before ``until``. ``ending``: why nothing follows it; None while something does."""

    member_id: str
    unit_id: str
    since: dt.date
    until: dt.date | None = None
    ending: Ending | None = None
    note: str = ""

    def holds(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Loan:
    """借调: with another unit from ``since`` until before ``until``, still a member of the own one."""

    member_id: str
    unit_id: str
    since: dt.date
    until: dt.date | None = None
    note: str = ""

    def holds(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Group:
    """党小组, inside a branch. ``leader_id``: a member of it, or nobody."""

    id: str
    unit_id: str
    name: str
    leader_id: str | None = None
    version: int = 1
