"""Tickets for media and the socket, and the addresses of live HLS."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import pydantic
from pydantic import Field, StringConstraints

from server.services import tickets
from server.services.tickets import IssuedSocketTicket, IssuedTicket, LivePlaylists
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Form, Word

calls = Endpoints()

_ISSUE = ("forbidden", "lesson_not_on_air", "source_unknown")

ClientId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
View = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[A-Za-z0-9:,._-]+$")]


class PublishUse(Form):
    use: Literal["publish"]
    source: Word
    client_id: ClientId
    replace: bool = False


class WatchUse(Form):
    use: Literal["watch"]
    view: View
    client_id: ClientId


class TicketUse(pydantic.RootModel[PublishUse | WatchUse]):
    root: PublishUse | WatchUse = Field(discriminator="use")


class SocketUse(Form):
    lesson_id: UUID


@dataclass(frozen=True, slots=True)
class MediaTicket:
    url: str
    token: str
    expires_at: dt.datetime
    return_token: str | None = None
    """Of a view: instead of another ticket for the next dials, until the login ends."""


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/tickets",
    status=201,
    refusals=_ISSUE,
    unaudited="a pass and no change: who publishes and watches stands in the media sessions",
)
async def post_ticket(call: Call, lesson_id: UUID, body: TicketUse) -> MediaTicket:
    """A ticket for publishing a source or watching a view, good for a minute at most."""
    use = body.root
    if isinstance(use, PublishUse):
        issued = await _publish(call, str(lesson_id), use)
    else:
        with call.site.arrivals.tickets.place():
            issued = await _watch(call, str(lesson_id), use)
    return MediaTicket(call.base_url + issued.path, issued.token, issued.expires_at, issued.return_token)


async def _publish(call: Call, lesson_id: str, use: PublishUse) -> IssuedTicket:
    return await tickets.issue_publish_ticket(
        call.site.house.records,
        call.site.tickets,
        call.principal,
        lesson_id,
        source=use.source,
        client_id=use.client_id,
        replace=use.replace,
        login=call.login,
        lifetime=_lifetime(call),
        now=call.now,
    )


async def _watch(call: Call, lesson_id: str, use: WatchUse) -> IssuedTicket:
    return await tickets.issue_watch_ticket(
        call.site.house.records,
        call.site.tickets,
        call.principal,
        lesson_id,
        view=use.view,
        client_id=use.client_id,
        login=call.login,
        lifetime=_lifetime(call),
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/socket-ticket",
    status=201,
    refusals=("lesson_not_found",),
    unaudited="a pass and no change: who publishes and watches stands in the media sessions",
)
async def post_socket_ticket(call: Call, body: SocketUse) -> IssuedSocketTicket:
    """A ticket for the lesson's Socket.IO room."""
    return await tickets.issue_socket_ticket(
        call.site.house.records,
        call.site.tickets,
        call.principal,
        str(body.lesson_id),
        login=call.login,
        lifetime=_lifetime(call),
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/hls",
    status=201,
    refusals=("forbidden", "lesson_not_on_air", "not_yet"),
    unaudited="a pass and no change: who publishes and watches stands in the media sessions",
)
async def post_live_playlists(call: Call, lesson_id: UUID) -> LivePlaylists:
    """Addresses of the live HLS playlists."""
    return await tickets.issue_live_grant(
        call.site.house.records,
        call.site.house.media,
        call.site.grants,
        call.principal,
        str(lesson_id),
        lifetime=dt.timedelta(minutes=call.site.settings.grant_minutes),
        now=call.now,
    )


def _lifetime(call: Call) -> dt.timedelta:
    return dt.timedelta(seconds=call.site.settings.ticket_seconds)
