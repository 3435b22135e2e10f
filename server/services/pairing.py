"""Pairing a venue's device: its screen shows a code, who answers for the venue types it, and the device logs in.

The device gets an account of its own: what it may do is what the venue's screen does, for whoever stands before it.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain.access import AccountKind, Principal
from server.domain.accounts import Account, LoginRules
from server.domain.pairing import (
    DEVICE_SESSION,
    LIFE,
    MOST_DEVICES,
    MOST_WAITING,
    Device,
    Pairing,
    check_keeper,
    falls_out,
    new_code,
    typed,
)
from server.domain.proof import within
from server.domain.refusals import Refusal
from server.domain.registry import VenueChange, VenueChangeKind
from server.domain.venues import Venue
from server.services.commands import command, once
from server.services.house import House
from server.services.login import RULES, TOKEN_BYTES, Beginning, LoggedIn, begin_session, digest, tell_ended
from server.services.records import Records, Transaction
from server.services.views import Named

_RETRY_S = 60


class PairingSealer(Protocol):
    def digest(self, code: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Screen:
    """The browser that waits: what it calls itself, and where it is."""

    browser: str
    address: str


@dataclass(frozen=True, slots=True)
class ShownCode:
    """``code`` is for the screen, ``secret`` for the browser alone: with it the login is fetched."""

    id: str
    code: str
    secret: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DeviceView:
    """``used_at`` None: it has not fetched its login yet. ``browser`` and the rest tell one PC from another.

    ``address``: from where it fetched it; a screen that was never in the house shows by it.
    """

    id: str
    venue_id: str
    name: str
    browser: str
    paired_by: Named
    paired_at: dt.datetime
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None
    revoked_by: Named | None
    address: str = ""


_VIEW = TypeAdapter(DeviceView)
_DONE = TypeAdapter(list[str])


# ---- the screen ------------------------------------------------------------------------------------------


async def show_code(records: Records, sealer: PairingSealer, screen: Screen, now: dt.datetime) -> ShownCode:
    """For whoever opens the page: the code opens nothing until somebody with the right to it types it.

    Of too many that wait another one falls out (:func:`falls_out`); its page shows a new code. Raises ``busy`` when
    there is none.
    """
    shown = ShownCode(str(uuid4()), new_code(), secrets.token_urlsafe(TOKEN_BYTES), now + LIFE)
    code = sealer.digest(shown.code)
    pairing = Pairing(shown.id, code, digest(shown.secret), screen.browser, screen.address, now, shown.expires_at)

    def wait(tx: Transaction) -> None:
        waiting = tx.devices.waiting(now)
        gone = falls_out(waiting, pairing)
        if gone is not None:
            tx.devices.drop(gone.id)
        elif len(waiting) >= MOST_WAITING:
            raise Refusal("busy", "too many screens wait to be paired", retry_after_s=_RETRY_S)
        tx.devices.wait(pairing)

    await records.write(wait)
    return shown


async def fetch_login(
    house: House, pairing_id: str, secret: str, screen: Screen, *, now: dt.datetime, rules: LoginRules = RULES
) -> LoggedIn | None:
    """The device's login, None while nobody typed the code. Again as long as the code would last: an answer may be
    lost on its way. The one before ends.

    Raises ``pairing_not_found``: it expired, or it is not this browser's.
    """

    def look(tx: Transaction) -> Pairing:
        pairing = tx.devices.pairing(pairing_id)
        if pairing is None or now >= pairing.expires_at or not _holds(pairing, secret):
            raise Refusal("pairing_not_found", pairing_id)
        return pairing

    if (await house.records.read(look)).device_id is None:
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)

    def enter(tx: Transaction) -> tuple[LoggedIn, list[str]]:
        device = tx.devices.get(look(tx).device_id or "")
        if device is None or device.revoked_at is not None:
            raise Refusal("pairing_not_found", "revoked")
        before = _end_logins(tx, device.account_id)
        beginning = Beginning(device.account_id, token, screen.browser, screen.address, now)
        return begin_session(tx, beginning, replace(rules, member_session=DEVICE_SESSION)), before

    logged_in, ended = await house.records.write(enter)
    await tell_ended(house.fanout, ended)
    return logged_in


def _holds(pairing: Pairing, secret: str) -> bool:
    return hmac.compare_digest(digest(secret), pairing.secret_digest)


# ---- the registry ----------------------------------------------------------------------------------------


async def list_devices(house: House, principal: Principal, venue_id: str, now: dt.datetime) -> tuple[DeviceView, ...]:
    """Raises ``venue_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[DeviceView, ...]:
        kept_venue(tx, principal, venue_id, now)
        return _views(house, tx, tx.devices.of_venue(venue_id))

    return await house.records.read(load)


@dataclass(frozen=True, slots=True)
class WaitingScreen:
    """Which screen shows a code, for who is about to pair it. ``within``: its address belongs to the venue's networks;
    None: none are known.
    """

    browser: str
    address: str
    shown_at: dt.datetime
    within: bool | None


async def look(
    records: Records, sealer: PairingSealer, principal: Principal, venue_id: str, *, code: str, now: dt.datetime
) -> WaitingScreen:
    """Nothing is paired by it. Raises ``venue_not_found``, ``forbidden``, ``pairing_not_found``."""

    def load(tx: Transaction) -> WaitingScreen:
        venue = kept_venue(tx, principal, venue_id, now)
        pairing = tx.devices.shown(sealer.digest(typed(code)))
        if pairing is None or not pairing.waits(now):
            raise Refusal("pairing_not_found")
        inside = within(pairing.address, venue.networks)
        return WaitingScreen(pairing.browser, pairing.address, pairing.created_at, inside)

    return await records.read(load)


async def pair(
    house: House,
    sealer: PairingSealer,
    principal: Principal,
    venue_id: str,
    command_id: str,
    *,
    code: str,
    name: str,
    now: dt.datetime,
) -> DeviceView:
    """Raises ``venue_not_found``, ``forbidden``, ``venue_retired``, ``pairing_not_found``, ``devices_full``,
    ``command_reused``.
    """
    code_digest = sealer.digest(typed(code))
    asked = command(principal, command_id, "pair_device", venue_id=venue_id, code=code_digest, called=name)

    def work(tx: Transaction) -> DeviceView:
        venue = kept_venue(tx, principal, venue_id, now)

        def do() -> DeviceView:
            if venue.retired:
                raise Refusal("venue_retired", venue_id)
            pairing = tx.devices.shown(code_digest, lock=True)
            if pairing is None or not pairing.waits(now):
                raise Refusal("pairing_not_found")
            if sum(one.revoked_at is None for one in tx.devices.of_venue(venue_id)) >= MOST_DEVICES:
                raise Refusal("devices_full", venue_id)
            device = _paired(tx, principal, venue, pairing, name, now=now)
            return _views(house, tx, [device])[0]

        return once(tx, asked, now, _VIEW, do)

    return await house.records.write(work)


def _paired(
    tx: Transaction, principal: Principal, venue: Venue, pairing: Pairing, name: str, *, now: dt.datetime
) -> Device:
    device_id, account_id = str(uuid4()), str(uuid4())
    number = f"device-{device_id.replace('-', '')[:12]}"
    account = Account(
        account_id, number, f"{venue.name} {name}", AccountKind.DEVICE, unit_id=venue.unit_id, venue_id=venue.id
    )
    device = Device(device_id, venue.id, account_id, name, pairing.browser, principal.account_id, now)
    tx.accounts.add([account], [])
    tx.devices.add(device)
    tx.devices.claim(pairing.id, device_id)
    _note(tx, principal, device, VenueChangeKind.DEVICE_PAIRED, now)
    return device


async def revoke(
    house: House, principal: Principal, venue_id: str, command_id: str, *, device_id: str, now: dt.datetime
) -> DeviceView:
    """Its account is shut, its logins end, and what they were let in to hangs up. Idempotent.

    Raises ``venue_not_found``, ``forbidden``, ``device_not_found``, ``command_reused``.
    """
    asked = command(principal, command_id, "revoke_device", venue_id=venue_id, device_id=device_id)

    def work(tx: Transaction) -> tuple[DeviceView, list[str]]:
        kept_venue(tx, principal, venue_id, now)
        device = tx.devices.get(device_id)
        if device is None or device.venue_id != venue_id:
            raise Refusal("device_not_found", device_id)

        def do() -> list[str]:
            tx.accounts.set_disabled(device.account_id, disabled=True)
            tx.devices.revoke(device_id, principal.account_id, now)
            if device.revoked_at is None:
                _note(tx, principal, device, VenueChangeKind.DEVICE_REVOKED, now)
            return _end_logins(tx, device.account_id)

        ended = once(tx, asked, now, _DONE, do)
        return _views(house, tx, [tx.devices.get(device_id) or device])[0], ended

    view, ended = await house.records.write(work)
    await tell_ended(house.fanout, ended)
    return view


def _note(tx: Transaction, who: Principal, device: Device, kind: VenueChangeKind, now: dt.datetime) -> None:
    tx.venues.note(VenueChange(now, who.account_id, kind, device.venue_id, {"name": device.name}))


def kept_venue(tx: Transaction, principal: Principal, venue_id: str, now: dt.datetime) -> Venue:
    """A venue that the principal answers for. Raises ``venue_not_found``, ``forbidden``."""
    venue = tx.venues.get(venue_id)
    if venue is None:
        raise Refusal("venue_not_found", venue_id)
    check_keeper(principal, venue, tx.units.line(venue.unit_id, tx.calendar.day(now)))
    return venue


def _end_logins(tx: Transaction, account_id: str) -> list[str]:
    ended = [one.token_digest for one in tx.sessions.of_account(account_id)]
    for login in ended:
        tx.sessions.end(login)
    return ended


def _views(house: House, tx: Transaction, devices: Iterable[Device]) -> tuple[DeviceView, ...]:
    listed = tuple(devices)
    names = tx.accounts.names({who for each in listed for who in (each.paired_by, each.revoked_by) if who})

    def one(device: Device) -> DeviceView:
        sessions = tx.sessions.of_account(device.account_id)
        uses = [use for login in sessions for use in (login.used_at, house.uses.last(login.token_digest)) if use]
        revoker = device.revoked_by
        return DeviceView(
            id=device.id,
            venue_id=device.venue_id,
            name=device.name,
            browser=device.browser,
            paired_by=Named(device.paired_by, names.get(device.paired_by, "")),
            paired_at=device.paired_at,
            used_at=max(uses, default=None),
            revoked_at=device.revoked_at,
            revoked_by=Named(revoker, names.get(revoker, "")) if revoker else None,
            address=next((login.address for login in sessions), ""),
        )

    return tuple(one(device) for device in listed)
