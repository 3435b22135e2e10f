"""Codes that let in who has no password yet: one that is handed out (激活码), one that is said at the door (现场码).

Both are digits, so that an elder types them on a number pad. What is kept of one is a keyed digest of account and
code; how many wrong ones may be tried is the lock-out's business, and for the short one also :data:`DOOR_TRIES`.
"""

from __future__ import annotations

import datetime as dt
import enum
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.access import ADMINISTRATORS, Principal, Role
from server.domain.refusals import Refusal


class CodeKind(enum.StrEnum):
    ACTIVATION = "activation"  # 激活码: sets the password
    DOOR = "door"  # 现场码: signs in at once, the password may be set later


DIGITS = {CodeKind.ACTIVATION: 12, CodeKind.DOOR: 6}
DOOR_TRIES = 10
"""Wrong codes from all addresses together that use up a door code: the secretary, who stands there, issues another."""
MOST_AT_ONCE = 200
LONGEST_TYPED = 40


@dataclass(frozen=True, slots=True)
class AccessCode:
    """One of each kind per account: a new one replaces it. ``used_command``: the client's own id of the use."""

    account_id: str
    kind: CodeKind
    digest: str
    issued_at: dt.datetime
    expires_at: dt.datetime
    issued_by: str
    used_at: dt.datetime | None = None
    used_command: str | None = None

    def serves(self, command_id: str, now: dt.datetime) -> bool:
        """Once, and again for the same command: its answer may have been lost."""
        return now < self.expires_at and self.used_command in {None, command_id}


def typed(text: str) -> str:
    """The digits of what somebody typed: spaces and dashes between them don't count, full-width ones do."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in plain if sign.isascii() and sign.isdigit())


def kind_of(code: str) -> CodeKind | None:
    """By its length; None: no code of ours looks like that."""
    return next((kind for kind, length in DIGITS.items() if len(code) == length), None)


# ---- who lets in whom ------------------------------------------------------------------------------------

_MAY_ADMIT: dict[Role, frozenset[Role]] = {
    Role.SECRETARY: frozenset({Role.MEMBER}),
    Role.SCHOOL_ADMIN: frozenset(Role) - ADMINISTRATORS - {Role.SCHOOL_ADMIN},
    Role.SECURITY_ADMIN: frozenset(Role),
}
"""Whoever issues a code could use it: so nobody issues one for more than the own role is trusted with."""


def admits_in(principal: Principal) -> frozenset[str]:
    """The units in which the principal issues codes, there and below. Raises ``forbidden`` when there are none."""
    units = frozenset(grant.unit_id for grant in principal.grants if grant.role in _MAY_ADMIT)
    if not units:
        raise Refusal("forbidden", "issues no codes")
    return units


def may_admit(issuer: Principal, subject: Principal, lines: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the issuer's role covers the account with everything that it may do, wherever that is.

    ``lines``: of each unit in which the subject holds a role, itself up to the root; of each room that the subject
    operates as a person, that of its unit. Whoever answers for the room might operate it, or appoint who does.
    """
    if issuer.account_id == subject.account_id:
        return False
    held = {grant.role for grant in subject.grants}
    if subject.venue_id is not None:  # what a venue's account may do comes of the room, not of a role
        held.add(Role.VENUE_OPERATOR)
    beyond = [lines[grant.unit_id] for grant in subject.grants if grant.role is not Role.MEMBER]
    beyond += [lines[room] for room in subject.operates]
    return any(
        held <= _MAY_ADMIT.get(grant.role, frozenset())
        and all(grant.unit_id in line for line in (subject.unit_line, *beyond))
        for grant in issuer.grants
        if grant.role in _MAY_ADMIT
    )
