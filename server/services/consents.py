"""Consent: who is asked, who agreed, and what is asked from now on.

A device of a venue is not a person and is asked nothing. What was asked never changes; a new version asks everybody
again when they next open a page, and takes nothing away from who is in a lesson at that moment (decision 0097).
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain.access import AccountKind, Principal, Role
from server.domain.consents import Acceptance, ConsentText
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.records import Records, Transaction

_log = logging.getLogger(__name__)
_KEEPERS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})
_READERS = _KEEPERS | {Role.AUDIT_ADMIN, Role.SCHOOL_ADMIN}


@dataclass(frozen=True, slots=True)
class ConsentView:
    version: int
    text: str
    text_en: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class OwnConsent:
    """``current`` None: nothing is asked. ``accepted_at`` None: not yet, or a device, which is not asked."""

    current: ConsentView | None
    accepted_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ConsentCount:
    """``accepted``: people whose account is enabled; never who."""

    version: int
    text: str
    text_en: str
    since: dt.datetime
    by: str
    accepted: int


@dataclass(frozen=True, slots=True)
class Consents:
    """Newest first. ``people``: enabled accounts of people. ``edits``: whether the asker may publish."""

    items: tuple[ConsentCount, ...]
    people: int
    edits: bool


_VIEW = TypeAdapter(ConsentView)
_NOTHING = TypeAdapter(None)


def asked(tx: Transaction, principal: Principal) -> int | None:
    """The version that this person has yet to accept; None: nothing is asked."""
    current = tx.consents.current() if principal.kind is AccountKind.PERSON else None
    if current is None or tx.consents.accepted(principal.account_id, current.version):
        return None
    return current.version


async def own_consent(records: Records, principal: Principal) -> OwnConsent:
    def load(tx: Transaction) -> OwnConsent:
        current = tx.consents.current()
        if current is None:
            return OwnConsent(None, None)
        accepted = tx.consents.accepted(principal.account_id, current.version)
        return OwnConsent(_view(current), accepted.at if accepted else None)

    return await records.read(load)


async def accept(
    records: Records,
    principal: Principal,
    version: int,
    command_id: str,
    *,
    address: str,
    device: str,
    now: dt.datetime,
) -> None:
    """Idempotent: the first acceptance of a version counts. Raises ``forbidden`` for devices, ``consent_outdated``."""
    if principal.kind is not AccountKind.PERSON:
        raise Refusal("forbidden", "a device does not consent")
    wanted = command(principal, command_id, "accept_consent", version=version)

    def take(tx: Transaction) -> None:
        current = tx.consents.current()
        if current is None or current.version != version:
            raise Refusal("consent_outdated", str(version))
        tx.consents.accept(Acceptance(principal.account_id, version, now, address, device))

    await records.write(lambda tx: once(tx, wanted, now, _NOTHING, lambda: take(tx)))


async def list_consents(records: Records, principal: Principal, now: dt.datetime) -> Consents:
    """Raises ``forbidden``."""

    def load(tx: Transaction) -> Consents:
        check_of_house(tx, principal, _READERS, now)
        counts, versions = tx.consents.counts(), tx.consents.versions()
        names = tx.accounts.named({one.by for one in versions})
        items = tuple(
            ConsentCount(
                *(one.version, one.text, one.text_en, one.since),
                by=names.get(one.by, ("", ""))[0],
                accepted=counts.get(one.version, 0),
            )
            for one in versions
        )
        return Consents(items, tx.consents.people(), edits=stands_for_house(tx, principal, _KEEPERS, now))

    return await records.read(load)


async def publish(
    records: Records, principal: Principal, command_id: str, *, text: str, text_en: str, after: int, now: dt.datetime
) -> ConsentView:
    """The next version, which asks everybody. ``after``: the newest that the publisher has seen, 0 for none.

    Raises ``forbidden``, ``consent_outdated`` when there is a newer one, ``command_reused``.
    """
    wanted = command(principal, command_id, "publish_consent", text=text, text_en=text_en, after=after)

    def put(tx: Transaction) -> ConsentView:
        current = tx.consents.current()
        new = ConsentText(after + 1, text, text_en, now, principal.account_id)
        if (current.version if current else 0) != after or not tx.consents.publish(new):
            raise Refusal("consent_outdated", str(after))
        return _view(new)

    def work(tx: Transaction) -> ConsentView:
        check_of_house(tx, principal, _KEEPERS, now)
        return once(tx, wanted, now, _VIEW, lambda: put(tx))

    view = await records.write(work)
    _log.info("consent text %d published by %s", view.version, principal.account_id)
    return view


def stands_for_house(tx: Transaction, principal: Principal, roles: frozenset[Role], now: dt.datetime) -> bool:
    """Whether one of these roles is held in a unit that stands under no other: its word binds everybody."""
    day = tx.calendar.day(now)
    held = [grant.unit_id for grant in principal.grants if grant.role in roles]
    return any(len(tx.units.line(unit_id, day)) == 1 for unit_id in held)


def check_of_house(tx: Transaction, principal: Principal, roles: frozenset[Role], now: dt.datetime) -> None:
    """Raises ``forbidden``."""
    if not stands_for_house(tx, principal, roles, now):
        raise Refusal("forbidden", "what binds the whole house")


def _view(text: ConsentText) -> ConsentView:
    return ConsentView(text.version, text.text, text.text_en, text.since)
