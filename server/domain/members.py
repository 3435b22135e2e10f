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


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    name: str
    kind: MemberKind


@dataclass(frozen=True, slots=True)
class Membership:
    """From ``since`` until before ``until``."""

    member_id: str
    unit_id: str
    since: dt.date
    until: dt.date | None = None
