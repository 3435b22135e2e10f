"""What the audit administrator reads, exports and verifies; and what is cut when its time is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from server.domain.access import Principal, Role
from server.domain.audit import CUT, AuditQuery, Findings, Line, of_the_house
from server.domain.chain import SENTENCES, Flaw
from server.domain.refusals import Refusal
from server.services.audit import new_salt
from server.services.records import Records, Transaction

MOST_EXPORTED = 20_000
_CUT_AT_ONCE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LineView:
    """``actor_name``, ``actor_number``: as the account is called today. ``detail`` None: erased."""

    position: int
    at: dt.datetime
    actor: str | None
    actor_name: str | None
    actor_number: str | None
    address: str
    login: str
    request_id: str
    action: str
    about: str
    result: str
    detail: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class LinePage:
    items: tuple[LineView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class HeadView:
    """The last line and its hash; ``cut``: of the first lines, how many their time took."""

    position: int
    hash: str
    cut: int


@dataclass(frozen=True, slots=True)
class FlawView:
    """``position`` 0: of no line in particular."""

    position: int
    fault: str
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class FindingsView:
    """``count``: lines that were read and found sound. ``cut``: of the first lines, how many their time took."""

    sound: bool
    count: int
    cut: int
    erased: int
    head: str | None
    flaw: FlawView | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Who wants to read what. ``who``: the number of an account whose lines they are; empty: everybody's."""

    principal: Principal
    wanted: AuditQuery
    who: str
    now: dt.datetime


async def list_lines(records: Records, reading: Reading, *, before: int | None, limit: int) -> LinePage:
    """Newest first, those with a position below ``before``. Raises ``forbidden``."""
    found = await _read(records, reading, before, limit + 1)
    shown = found[:limit]
    return LinePage(shown, str(shown[-1].position) if len(found) > limit else None)


async def export_lines(records: Records, reading: Reading) -> tuple[LineView, ...]:
    """The newest ``MOST_EXPORTED``, oldest first. Raises ``forbidden``."""
    return (await _read(records, reading, None, MOST_EXPORTED))[::-1]


async def see_head(records: Records, principal: Principal, now: dt.datetime) -> HeadView:
    """Where the log ends now. Raises ``forbidden``."""

    def look(tx: Transaction) -> HeadView:
        require_auditor(tx, principal, now)
        head = tx.audit.head()
        return HeadView(head.position, head.hash, tx.audit.since().position)

    return await records.read(look)


async def cut_old(records: Records, keep: dt.timedelta, now: dt.datetime) -> int:
    """What is older than ``keep`` goes, from the beginning on, when there is a day of it; a line says up to where."""

    def cut(tx: Transaction) -> int:
        to = tx.audit.last_before(now - keep)
        if to is None:
            return 0
        tx.audit.add(of_the_house(now, CUT, "", new_salt(), position=to.position, hash=to.hash))
        return tx.audit.cut(to)

    due = await records.read(lambda tx: tx.audit.last_before(now - keep - _CUT_AT_ONCE))
    return await records.write(cut) if due else 0


async def _read(records: Records, reading: Reading, before: int | None, limit: int) -> tuple[LineView, ...]:
    def load(tx: Transaction) -> tuple[LineView, ...]:
        require_auditor(tx, reading.principal, reading.now)
        return tuple(_views(tx, tx.audit.page(_of(tx, reading.wanted, reading.who), before, limit)))

    return await records.read(load)


def _of(tx: Transaction, wanted: AuditQuery, who: str) -> AuditQuery:
    if not who:
        return wanted
    account = tx.accounts.by_number(who)
    return replace(wanted, actors=(account.id,) if account else ())


def require_auditor(tx: Transaction, principal: Principal, now: dt.datetime) -> None:
    """The log is the whole house's, so it takes an audit administrator of a unit that stands under no other."""
    day = tx.calendar.day(now)
    audits = [grant.unit_id for grant in principal.grants if grant.role is Role.AUDIT_ADMIN]
    if not any(len(tx.units.line(unit_id, day)) == 1 for unit_id in audits):
        raise Refusal("forbidden", "reading the audit log")


def _views(tx: Transaction, lines: tuple[Line, ...]) -> Iterator[LineView]:
    actors = {line.actor for line in lines if line.actor is not None}
    people = tx.accounts.named(actors)
    for line in lines:
        name, number = people.get(line.actor or "", (None, None))
        yield LineView(
            line.position,
            line.at,
            line.actor,
            name,
            number,
            *(line.address, line.login, line.request_id, line.action, line.about, line.result, line.detail, line.hash),
        )


def findings_view(found: Findings) -> FindingsView:
    flaw = found.chain if isinstance(found.chain, Flaw) else None
    return FindingsView(
        sound=found.sound,
        count=found.count,
        cut=found.since.position,
        erased=found.erased,
        head=None if isinstance(found.chain, Flaw) else found.chain.hash,
        flaw=None if flaw is None else FlawView(flaw.position, flaw.fault, *SENTENCES[flaw.fault]),
    )
