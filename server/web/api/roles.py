"""Roles and disabled accounts, for the security administrator."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.domain.access import Role, RoleGrant
from server.services import roles
from server.services.views import RoleView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()

_OF_ACCOUNT = ("forbidden", "account_not_found", "command_reused")
_OF_ROLE = (*_OF_ACCOUNT, "unit_not_found", "own_account", "roles_apart", "role_of_person")


class RoleInUnit(Command):
    role: Role
    unit_id: UUID

    @property
    def grant(self) -> RoleGrant:
        return RoleGrant(self.role, str(self.unit_id))


class Disabled(Command):
    disabled: bool


@dataclass(frozen=True, slots=True)
class Roles:
    roles: tuple[RoleView, ...]


@calls.on("POST", "/api/v1/accounts/{account_id}/roles", refusals=_OF_ROLE)
async def post_role(call: Call, account_id: UUID, body: RoleInUnit) -> Roles:
    """Give a role in a unit and below."""
    return Roles(await roles.grant_role(*call.order(account_id, body), grant=body.grant, now=call.now))


@calls.on("POST", "/api/v1/accounts/{account_id}/roles/revoke", refusals=_OF_ROLE)
async def post_role_revoke(call: Call, account_id: UUID, body: RoleInUnit) -> Roles:
    """Take a role away."""
    return Roles(await roles.revoke_role(*call.order(account_id, body), grant=body.grant, now=call.now))


@calls.on(
    "POST",
    "/api/v1/accounts/{account_id}/disabled",
    status=204,
    refusals=(*_OF_ACCOUNT, "device_revoked", "account_erased"),
)
async def post_disabled(call: Call, account_id: UUID, body: Disabled) -> None:
    """Disable an account, or enable it again."""
    await roles.set_disabled(*call.order(account_id, body), disabled=body.disabled, now=call.now)
