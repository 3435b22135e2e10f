"""Members as they are listed, counted and looked back at."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.members import MemberKind


class Standing(enum.StrEnum):
    """What a list of members can be narrowed to. ``BELONGING``: whoever belongs to a unit today."""

    BELONGING = "belonging"
    LENT = "lent"  # of them: on loan elsewhere
    BORROWED = "borrowed"  # on loan here, belonging elsewhere
    COMING = "coming"  # from a later day on
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """``unit_ids``: whose members. ``text``: a part of the name, or the beginning of number, pinyin or initials."""

    unit_ids: frozenset[str]
    standing: Standing = Standing.BELONGING
    kind: MemberKind | None = None
    group_id: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """``unit_id`` with ``since`` and ``until``: the membership that is listed. ``loan_unit_id``: on loan there."""

    member_id: str
    name: str
    number: str | None
    kind: MemberKind
    unit_id: str
    since: dt.date
    until: dt.date | None
    ending: str | None
    group_id: str | None
    phone: str | None
    loan_unit_id: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Count:
    kind: MemberKind
    members: int


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the history: who did what, when, and from which day it holds. ``facts`` keep the names of then."""

    at: dt.datetime
    actor: str
    kind: str
    unit_id: str | None
    member_id: str | None
    since: dt.date | None
    facts: Mapping[str, Any]
