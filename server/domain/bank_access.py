"""Who keeps the question bank: role × scope in the unit tree, as :mod:`server.domain.access` has it for lessons.

Right answers stand in it. So it is seen by who asks, at and below the unit of the role; a unit's bank is not seen from
below, where those who will be asked belong.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.access import Principal, Role
from server.domain.refusals import Refusal

_KEEPERS = frozenset({Role.SCHOOL_ADMIN, Role.DIRECTOR, Role.LECTURER, Role.SECRETARY})


def bank_units(principal: Principal) -> frozenset[str]:
    """The units at and below which the principal keeps the bank. Raises ``forbidden`` when there are none."""
    units = frozenset(grant.unit_id for grant in principal.grants if grant.role in _KEEPERS)
    if not units:
        raise Refusal("forbidden", "question bank")
    return units


def keeps_bank(principal: Principal, line: Sequence[str]) -> bool:
    """``line``: the unit, its parent, … up to the root."""
    return any(grant.role in _KEEPERS and grant.unit_id in line for grant in principal.grants)


def require_bank(principal: Principal, line: Sequence[str], hidden: str) -> None:
    """Raises ``forbidden``, and the code ``hidden`` where even existence must not leak."""
    bank_units(principal)
    if not keeps_bank(principal, line):
        raise Refusal(hidden, "question bank")
