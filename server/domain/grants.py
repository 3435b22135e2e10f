"""Who gives roles to whom. The three administrators are kept apart: nobody holds two of their roles, or takes part in
lessons by one, and nobody gives or takes anything of the own account.
"""

from __future__ import annotations

from server.domain.access import ADMINISTRATORS, AccountKind, Principal, Role, RoleGrant
from server.domain.refusals import Refusal

_OF_DEVICES = frozenset({Role.VENUE_OPERATOR})
_BESIDE_ADMINISTRATION = frozenset({Role.MEMBER})
"""What an administrator may be besides: a member like everybody."""


def check_may_grant(principal: Principal, subject: Principal, unit_line: tuple[str, ...]) -> None:
    """Raises ``forbidden``, ``own_account``. ``unit_line``: of the unit in which the role is given or taken."""
    held = {grant.unit_id for grant in principal.grants if grant.role is Role.SECURITY_ADMIN}
    if not held & set(unit_line):
        raise Refusal("forbidden", "not the security administrator of that unit")
    if principal.account_id == subject.account_id:
        raise Refusal("own_account")


def check_grant(subject: Principal, wanted: RoleGrant) -> None:
    """``subject``: with all rooms that it operates or will. Raises ``roles_apart`` for what must not come together,
    ``role_of_person`` for a machine.
    """
    if subject.kind is AccountKind.DEVICE and wanted.role not in _OF_DEVICES:
        raise Refusal("role_of_person", wanted.role)
    if wanted.role in ADMINISTRATORS and subject.operates:
        raise Refusal("roles_apart", f"{wanted.role}, and operates rooms")
    held = {grant.role for grant in subject.grants} | {wanted.role}
    if held & ADMINISTRATORS and len(held - _BESIDE_ADMINISTRATION) > 1:
        raise Refusal("roles_apart", wanted.role)
