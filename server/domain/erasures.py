"""Erasing a person (注销): what is asked and decided, the pseudonym that stays, and how words are taken out of JSON."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.domain.access import ADMINISTRATORS, RoleGrant
from server.domain.lessons import LessonState
from server.domain.personal_data import Person
from server.domain.refusals import Refusal

_SHORTEST, _LONGEST = 4, 32
_WORDS = frozenset({"text", "topic", "reason", "answer", "note", "phone", "spelling", "initials"})
"""What people typed, wherever a JSON of theirs holds it."""


class ErasureState(enum.StrEnum):
    ASKED = "asked"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Erasure:
    """``account_id``: whose. ``note``: why the person asks. ``reason``: of who decided. ``counts``: rows of tables."""

    id: str
    account_id: str
    state: ErasureState
    asked_by: str
    asked_at: dt.datetime
    note: str = ""
    open_key: str | None = None
    decided_by: str | None = None
    decided_at: dt.datetime | None = None
    reason: str = ""
    pseudonym: str = ""
    counts: Mapping[str, int] | None = None


def asked(erasure_id: str, person: Person, by: str, note: str, now: dt.datetime) -> Erasure:
    return Erasure(erasure_id, person.account_id, ErasureState.ASKED, by, now, note, open_key=person.account_id)


def decided(one: Erasure, state: ErasureState, by: str, reason: str, now: dt.datetime) -> Erasure:
    """Raises ``erasure_over``."""
    if one.state is not ErasureState.ASKED:
        raise Refusal("erasure_over", one.state)
    return replace(one, state=state, open_key=None, decided_by=by, decided_at=now, reason=reason)


def erased(one: Erasure, pseudonym: str, counts: Mapping[str, int]) -> Erasure:
    return replace(one, note="", pseudonym=pseudonym, counts=dict(counts))


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """``name`` stands wherever the person's name stood, ``number`` in place of the login."""

    name: str
    number: str


def pseudonym_of(account_id: str, taken: Collection[str]) -> Pseudonym:
    """The same for the same account as long as nobody else has it. ``taken``: numbers of accounts."""
    tag = hashlib.sha256(account_id.encode()).hexdigest().upper()
    for length in range(_SHORTEST, _LONGEST):
        made = Pseudonym(f"已注销学员 {tag[:length]}", f"erased-{tag[:length].lower()}")
        if made.number not in taken:
            return made
    raise AssertionError("two accounts with one digest")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against an erasure. ``lessons``: not settled yet, with the person on the roster or teaching.

    ``held``: a legal hold is on the person or on a lesson of theirs. ``others``: enabled accounts that hold each role.
    """

    lessons: int
    held: bool
    grants: tuple[RoleGrant, ...]
    others: Mapping[str, int]


def hindrance(standing: Standing) -> str | None:
    """Why not; a refusal's code."""
    if standing.held:
        return "erasure_held"
    if standing.lessons:
        return "erasure_in_lesson"
    last = any(grant.role in ADMINISTRATORS and not standing.others.get(grant.role) for grant in standing.grants)
    return "erasure_last_administrator" if last else None


@dataclass(frozen=True, slots=True)
class Redaction:
    """``ids``: of the person and of rows that are theirs. ``unique``: nobody else has the name. ``longer``: names of
    others in which the person's stands (李明 in 李明华); they stay whole.
    """

    person: Person
    pseudonym: Pseudonym
    ids: frozenset[str]
    unique: bool
    longer: frozenset[str] = frozenset()

    def of(self, value: Any, *, mine: bool = False) -> Any:  # noqa: ANN401 - JSON
        """``value`` without the person. Each object in it that is theirs (all of it with ``mine``), or says by an id
        that it is, loses its free words, too. Where nothing but the name speaks of them and somebody else has the same
        name, it stays: it says nothing.
        """
        return self._walked(value, forced=mine, mine=mine)

    def _speaks(self, said: Mapping[str, Any]) -> bool:
        """Of the object itself, not of what is in it."""
        own = {self.person.number, *self.ids, *({self.person.name} if self.unique else ())}
        words = [word for word in said.values() if isinstance(word, str)]
        return any(word in own or any(each in word for each in self.person.ids) for word in words)

    def _walked(self, value: Any, *, forced: bool, mine: bool) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, Mapping):
            its = forced or self._speaks(value)
            return {key: self._field(key, each, forced=forced, mine=its) for key, each in value.items()}
        if isinstance(value, list):
            return [self._walked(each, forced=forced, mine=mine) for each in value]
        return self.word(value, mine=mine) if isinstance(value, str) else value

    def _field(self, key: str, value: Any, *, forced: bool, mine: bool) -> Any:  # noqa: ANN401 - JSON
        if mine and key in _WORDS and isinstance(value, str):
            return ""
        return self._walked(value, forced=forced, mine=mine)

    def word(self, text: str, *, mine: bool) -> str:
        if not (mine or self.unique):
            return text
        changed = self.renamed(text)
        return self.pseudonym.number if changed == self.person.number else changed

    def renamed(self, text: str) -> str:
        """The pseudonym wherever the name stands, but not inside of somebody else's."""
        own = self.person.name
        if not own or own not in text:
            return text
        return re.sub(
            _names(own, self.longer), lambda found: self.pseudonym.name if found[0] == own else found[0], text
        )


def speaks_of(person: Person, longer: Collection[str], text: str) -> bool:
    """Whether the name or the number stands in it, and not merely as a part of another's."""
    named = person.name and person.name in re.findall(_names(person.name, longer), text)
    return bool(named or (person.number and re.search(_alone(person.number), text)))


def _names(own: str, longer: Collection[str]) -> str:
    known = sorted({own, *longer}, key=len, reverse=True)
    return "|".join(_alone(own) if name == own else re.escape(name) for name in known)


def _alone(word: str) -> str:
    """Not as a part of a longer number or of a longer word of letters; Chinese has no such borders."""
    return rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])" if word.isascii() else re.escape(word)


@dataclass(frozen=True, slots=True)
class Hold:
    """法定保全: while it stands, nothing of the person or the lesson is erased. One of the two is None."""

    id: str
    account_id: str | None
    lesson_id: str | None
    reason: str
    set_by: str
    set_at: dt.datetime
    lifted_by: str | None = None
    lifted_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class NamedLesson:
    """A lesson that may be held, as who looks for it knows it."""

    id: str
    title: str
    unit_id: str
    starts_at: dt.datetime
    state: LessonState
    held: bool


def lifted(one: Hold, by: str, now: dt.datetime) -> Hold:
    return one if one.lifted_at is not None else replace(one, lifted_by=by, lifted_at=now)
