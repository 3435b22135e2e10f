"""Venue devices: a screen's code, the login it fetches, and the registry's list of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.services import pairing
from server.services.login import digest
from server.services.pairing import DeviceView, Screen, WaitingScreen
from server.services.views import Me
from server.web.api.session import device_of, session_cookie
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Text
from server.web.scans import qr

calls = Endpoints()

_KEEPS = ("forbidden", "venue_not_found")


class Secret(Form):
    secret: Annotated[str, StringConstraints(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")] = Field(
        repr=False
    )


class NewDevice(Command):
    code: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(repr=False)
    name: Text


class Shown(Form):
    code: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(repr=False)


@dataclass(frozen=True, slots=True)
class PairingOut:
    id: str
    code: str
    secret: str
    url: str
    qr: str
    expires_at: dt.datetime
    server_time: dt.datetime


@dataclass(frozen=True, slots=True)
class FetchOut:
    me: Me | None  # null: nobody has typed the code yet


@dataclass(frozen=True, slots=True)
class Devices:
    items: tuple[DeviceView, ...]


@calls.on(
    "POST",
    "/api/v1/pairings",
    status=201,
    access="public",
    refusals=("busy",),
    unaudited="the code opens nothing until it is typed in the registry, which is told",
)
async def post_pairing(call: Call) -> PairingOut:
    """A code for a new venue screen to show."""
    call.site.pace.pairing(call.address)
    screen = Screen(device_of(call), call.address)
    shown = await pairing.show_code(call.site.house.records, call.site.pairing_codes, screen, call.now)
    url = f"{call.base_url}/manage/venues?pair={shown.code}"
    return PairingOut(shown.id, shown.code, shown.secret, url, qr(url), shown.expires_at, call.now)


@calls.on("POST", "/api/v1/pairings/{pairing_id}/login", access="public", refusals=("pairing_not_found",))
async def post_pairing_login(call: Call, pairing_id: UUID, body: Secret) -> FetchOut:
    """The login of a screen whose code was typed; sets the session cookie."""
    logged_in = await pairing.fetch_login(
        call.site.house,
        str(pairing_id),
        body.secret,
        Screen(device_of(call), call.address),
        now=call.now,
        rules=call.site.login_rules,
    )
    if logged_in is None:
        return FetchOut(None)
    call.describe(actor=logged_in.me.account_id, login=digest(logged_in.token))
    call.headers["Set-Cookie"] = session_cookie(logged_in, call.now)
    return FetchOut(logged_in.me)


@calls.on("GET", "/api/v1/venues/{venue_id}/devices", refusals=_KEEPS)
async def get_venue_devices(call: Call, venue_id: UUID) -> Devices:
    """A venue's devices, the newest first."""
    return Devices(await pairing.list_devices(call.site.house, call.principal, str(venue_id), call.now))


@calls.on("POST", "/api/v1/venues/{venue_id}/devices/look", refusals=(*_KEEPS, "pairing_not_found"))
async def post_device_look(call: Call, venue_id: UUID, body: Shown) -> WaitingScreen:
    """Which screen shows this code: to be compared before it is paired."""
    call.site.pace.pairing_code(call.principal.account_id)
    return await pairing.look(
        call.site.house.records, call.site.pairing_codes, call.principal, str(venue_id), code=body.code, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/venues/{venue_id}/devices",
    status=201,
    refusals=(*_KEEPS, "pairing_not_found", "venue_retired", "devices_full", "command_reused"),
)
async def post_venue_device(call: Call, venue_id: UUID, body: NewDevice) -> DeviceView:
    """Pair the screen that shows this code."""
    call.site.pace.pairing_code(call.principal.account_id)
    return await pairing.pair(
        call.site.house,
        call.site.pairing_codes,
        call.principal,
        str(venue_id),
        body.command,
        code=body.code,
        name=body.name,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/venues/{venue_id}/devices/{device_id}/revoke",
    refusals=(*_KEEPS, "device_not_found", "command_reused"),
)
async def post_device_revocation(call: Call, venue_id: UUID, device_id: UUID, body: Command) -> DeviceView:
    """Take a device's login away; what it shows hangs up at once."""
    return await pairing.revoke(*call.order(venue_id, body), device_id=str(device_id), now=call.now)
