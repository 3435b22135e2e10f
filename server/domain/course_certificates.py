"""Certificates of courses (结业证书): when one is earned, and a number that nobody guesses and everybody can type."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal

RANDOM_BYTES = 10
"""Of a number: 75 of their 80 bits."""
MOST_TYPED = 64
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that is read as something else."""
_READ_AS = str.maketrans("OIL", "011", " -\u2010\u2011\u2012\u2013\u2014\uff0d")
_RANDOM, _GROUP = 15, 4


class CertificateState(enum.StrEnum):
    """What whoever checks a number is told."""

    GENUINE = "genuine"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CourseCertificate:
    """One per course and member, with the names of the day on which it was earned.

    ``number``: as :func:`number_of` made it, without hyphens. ``videos``, ``tests``: how many were watched, and passed.
    ``issuer``: the unit that holds the course. ``withdrawn_by``: an account; None with ``withdrawn_at``: erased (注销).
    """

    id: str
    number: str
    course_id: str
    member_id: str
    unit_id: str
    name: str
    unit: str
    course: str
    issuer: str
    videos: int
    tests: int
    hundredths: int
    issued_at: dt.datetime
    withdrawn_at: dt.datetime | None = None
    withdrawn_by: str | None = None
    reason: str = ""

    @property
    def state(self) -> CertificateState:
        return CertificateState.GENUINE if self.withdrawn_at is None else CertificateState.WITHDRAWN


def earned(published: Collection[str], done: Collection[str]) -> bool:
    """Every video that is published now is done: watched, and its test passed. A course without any gives nothing."""
    return bool(published) and frozenset(published) <= frozenset(done)


def withdrawn(one: CourseCertificate, by: str | None, reason: str, now: dt.datetime) -> CourseCertificate:
    """For good. Raises ``certificate_withdrawn``."""
    check_valid(one)
    return replace(one, withdrawn_at=now, withdrawn_by=by, reason=reason)


def check_valid(one: CourseCertificate) -> None:
    """Raises ``certificate_withdrawn``."""
    if one.withdrawn_at is not None:
        raise Refusal("certificate_withdrawn", one.id)


def number_of(noise: bytes) -> str:
    """Fifteen signs of ``RANDOM_BYTES`` bytes of noise, and one that checks them."""
    bits = int.from_bytes(noise, "big")
    signs = "".join(_SIGNS[bits >> 5 * place & 31] for place in range(_RANDOM))
    return signs + _check(signs)


def read(typed: str) -> str | None:
    """The number that was typed: in groups or not, in small letters, with O for 0; None: there can be no such number.

    One wrong sign is always found, two that changed places but for 0 and Z.
    """
    if len(typed) > MOST_TYPED:
        return None
    signs = typed.upper().translate(_READ_AS)
    whole = len(signs) == _RANDOM + 1 and all(sign in _SIGNS for sign in signs)
    return signs if whole and _check(signs[:-1]) == signs[-1] else None


def searched(typed: str) -> str:
    """What was typed to find one by a part of its number: as it is kept, without groups."""
    return typed.upper().translate(_READ_AS)


def printed(number: str) -> str:
    """XXXX-XXXX-XXXX-XXXX."""
    return "-".join(number[start : start + _GROUP] for start in range(0, len(number), _GROUP))


def _check(signs: str) -> str:
    """Luhn's, modulo 32 (ISO/IEC 7812-1, annex B, over 32 signs)."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = _SIGNS.index(sign) * (2 - place % 2)
        total += value // 32 + value % 32
    return _SIGNS[-total % 32]
