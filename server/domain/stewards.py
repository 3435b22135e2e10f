"""Who looks after the organisation: role × scope in the unit tree, as :mod:`server.domain.access` has it for lessons.

The school's administrators edit units and people of their scope. A secretary keeps what is his branch's own: its
groups, who is in which, and the telephone numbers. The auditor looks, without numbers.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from server.domain.access import Principal, Role
from server.domain.refusals import Refusal


class Care(enum.StrEnum):
    """What can be done with a unit and its members, as clients are shown it."""

    SEE = "see"
    PHONES = "phones"  # see and write telephone numbers
    GROUPS = "groups"  # 党小组: make them, and say who belongs to which
    CREDIT = "credit"  # 校外学时: enter it for members, look at its proofs, confirm it
    EDIT = "edit"  # everything dated: units, memberships, kinds, loans, rules


_BY_ROLE: dict[Role, frozenset[Care]] = {
    Role.SCHOOL_ADMIN: frozenset(Care),
    Role.SECRETARY: frozenset({Care.SEE, Care.PHONES, Care.GROUPS, Care.CREDIT}),
    Role.AUDIT_ADMIN: frozenset({Care.SEE}),
}


def held(principal: Principal) -> frozenset[str]:
    """The units at and below which the principal sees the organisation. Raises ``forbidden`` when there are none."""
    units = frozenset(grant.unit_id for grant in principal.grants if grant.role in _BY_ROLE)
    if not units:
        raise Refusal("forbidden", "organisation")
    return units


def cares(principal: Principal, line: Sequence[str]) -> frozenset[Care]:
    """``line``: the unit, its parent, … up to the root."""
    found: frozenset[Care] = frozenset()
    for grant in principal.grants:
        if grant.unit_id in line:
            found |= _BY_ROLE.get(grant.role, frozenset())
    return found


def require_care(principal: Principal, care: Care, line: Sequence[str], hidden: str) -> None:
    """Raises ``forbidden``, and the code ``hidden`` where even existence must not leak."""
    rights = cares(principal, line)
    if care in rights:
        return
    if not any(grant.role in _BY_ROLE for grant in principal.grants):
        raise Refusal("forbidden", care)
    raise Refusal("forbidden" if Care.SEE in rights else hidden, care)


def may(principal: Principal, line: Sequence[str]) -> tuple[Care, ...]:
    rights = cares(principal, line)
    return tuple(care for care in Care if care in rights)
