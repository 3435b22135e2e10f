"""The member's inbox (通知)."""

from __future__ import annotations

from uuid import UUID

from server.services import inbox
from server.services.inbox import InboxView, Unread
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Paged

calls = Endpoints()


class Marking(Command):
    read: bool = True


@calls.on("GET", "/api/v1/inbox", refusals=("invalid_body",))
async def get_inbox(call: Call, query: Paged) -> InboxView:
    """The caller's own letters, newest first."""
    records = call.site.house.records
    return await inbox.see_inbox(records, call.principal, cursor=query.cursor, limit=query.limit, now=call.now)


@calls.on("GET", "/api/v1/inbox/unread")
async def get_inbox_unread(call: Call) -> Unread:
    """How many of them are unread."""
    return await inbox.count_unread(call.site.house.records, call.principal)


_OWN = "the reader's own mark on the reader's own letter"


@calls.on("POST", "/api/v1/inbox/read", refusals=("letter_not_found", "command_reused"), unaudited=_OWN)
async def post_inbox_read(call: Call, body: Command) -> Unread:
    """All of them are read."""
    records = call.site.house.records
    return await inbox.mark_letters(records, call.principal, None, body.command, read=True, now=call.now)


@calls.on("POST", "/api/v1/inbox/{letter_id}/read", refusals=("letter_not_found", "command_reused"), unaudited=_OWN)
async def post_letter_read(call: Call, letter_id: UUID, body: Marking) -> Unread:
    """One is read, or unread again."""
    records = call.site.house.records
    return await inbox.mark_letters(records, call.principal, str(letter_id), body.command, read=body.read, now=call.now)
