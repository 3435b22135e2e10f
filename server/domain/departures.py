"""What a role stands on: whoever no longer belongs to its scope holds it no longer, and who belongs nowhere logs in no
more.

``before`` and ``after`` are all units to which somebody belongs: the own one and the one of a loan, each up to
the root.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from server.domain.access import ADMINISTRATORS, Role, RoleGrant
from server.domain.refusals import Refusal

KEPT = ADMINISTRATORS | {Role.SCHOOL_ADMIN}
"""Roles of which the house always has one."""


def ended_grants(grants: Iterable[RoleGrant], before: Collection[str], after: Collection[str]) -> tuple[RoleGrant, ...]:
    """The roles in units to which somebody belonged and belongs no longer; all of them for who left.

    A role that was given elsewhere never stood on the membership, and stays.
    """
    if left(before, after):
        return tuple(grants)
    lost = set(before) - set(after)
    return tuple(grant for grant in grants if grant.unit_id in lost)


def left(before: Collection[str], after: Collection[str]) -> bool:
    return bool(before) and not after


def returned(before: Collection[str], after: Collection[str]) -> bool:
    return bool(after) and not before


def last_of(
    ending: Collection[tuple[str, RoleGrant]], holders: dict[Role, Sequence[tuple[str, str]]]
) -> tuple[str, RoleGrant] | None:
    """Account and role of an administrator after whom there would be none.

    ``holders``: account and unit of each role that enabled accounts hold.
    """
    gone = {(account_id, grant.role, grant.unit_id) for account_id, grant in ending}
    for account_id, grant in ending:
        if grant.role not in KEPT:
            continue
        held = {(holder, grant.role, unit_id) for holder, unit_id in holders.get(grant.role, ())}
        if (account_id, grant.role, grant.unit_id) in held and not held - gone:
            return account_id, grant
    return None


def check_not_last(ending: Collection[tuple[str, RoleGrant]], holders: dict[Role, Sequence[tuple[str, str]]]) -> None:
    """Raises ``last_administrator``."""
    last = last_of(ending, holders)
    if last is not None:
        raise Refusal("last_administrator", last[1].role)
