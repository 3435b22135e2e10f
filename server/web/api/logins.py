"""One's own logins and password, and others' logins for the security administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.passwords import LONGEST
from server.services import logins
from server.services.logins import IdleView, NewPassword, SessionView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Form

calls = Endpoints()

Secret = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class ChangedPassword(Form):
    old: Secret | None = Field(default=None, repr=False)
    new: Secret = Field(repr=False)


@dataclass(frozen=True, slots=True)
class Sessions:
    items: tuple[SessionView, ...]


@calls.on("GET", "/api/v1/session/idle", enrolling=True)
async def get_session_idle(call: Call) -> IdleView:
    """How long this login may still go unused."""
    return await logins.idle_of(call.site.house, call.principal, call.login, call.now, call.site.login_rules)


@calls.on(
    "POST",
    "/api/v1/session/password",
    status=204,
    refusals=("bad_credentials", "locked_out", "password_short", "password_common"),
)
async def post_session_password(call: Call, body: ChangedPassword) -> None:
    """Change one's own password, or set the first one."""
    call.site.pace.login(call.address)
    await logins.set_password(
        call.site.house,
        call.site.passwords,
        call.principal,
        NewPassword(body.old, body.new),
        login=call.login,
        address=call.address,
        now=call.now,
        rules=call.site.login_rules,
    )


@calls.on("GET", "/api/v1/sessions")
async def get_sessions(call: Call) -> Sessions:
    """One's own logins."""
    return Sessions(await logins.list_sessions(call.site.house, call.principal, call.login, call.now))


@calls.on("DELETE", "/api/v1/sessions/{session_id}", status=204)
async def delete_session(call: Call, session_id: str) -> None:
    """End one of one's own logins."""
    await logins.end_session(call.site.house, call.principal, session_id)


@calls.on("GET", "/api/v1/accounts/{account_id}/sessions", refusals=("forbidden", "account_not_found"))
async def get_account_sessions(call: Call, account_id: UUID) -> Sessions:
    """Somebody's logins."""
    return Sessions(await logins.list_sessions_of(call.site.house, call.principal, str(account_id), call.now))


@calls.on("DELETE", "/api/v1/accounts/{account_id}/sessions", status=204, refusals=("forbidden", "account_not_found"))
async def delete_account_sessions(call: Call, account_id: UUID) -> None:
    """End all logins of somebody."""
    await logins.end_sessions_of(call.site.house, call.principal, str(account_id), call.now)
