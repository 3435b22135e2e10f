"""Certificates of courses (结业证书): issued with the last video, listed, withdrawn, checked by anybody."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import course_certificates as rules
from server.domain.access import Action, Principal, may_in_unit, require_in_unit
from server.domain.course_certificates import CertificateState, CourseCertificate
from server.domain.courses import Course
from server.domain.kiosk import masked
from server.domain.micro_videos import MicroState
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.records import Records, Transaction
from server.services.roster import units_below
from server.services.views import Named

_KEPT = Action.SETTLE


@dataclass(frozen=True, slots=True)
class CertificateView:
    """``number``: as it is printed. ``hundredths``: of the credit that the course gave."""

    id: str
    number: str
    state: CertificateState
    course: Named
    member: Named
    unit: Named
    videos: int
    tests: int
    hundredths: int
    issued_at: dt.datetime
    withdrawn_at: dt.datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class CertificatesView:
    """``may_withdraw``: whether the asker may do that to them. ``next_cursor`` None: there are no more."""

    items: tuple[CertificateView, ...]
    may_withdraw: bool
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CheckView:
    """As little as proves it: of one that does not hold no name and no course. ``name``: 张＊明."""

    state: CertificateState
    number: str
    name: str | None = None
    course: str | None = None
    issuer: str | None = None
    issued_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None


_VIEW = TypeAdapter(CertificateView)


# ---- issuing -----------------------------------------------------------------------------------------------


def issue_when_earned(
    tx: Transaction, course_id: str, member_id: str, unit_id: str, now: dt.datetime
) -> CourseCertificate | None:
    """The member's certificate of the course: a new one when all of it is done, else the one there was, or None.

    The course's row is locked: of two videos that are done at once the second one sees the first.
    """
    before = tx.certificates.of(course_id, member_id)
    course = None if before else tx.courses.lock(course_id)
    if course is None:
        return before
    published = [video.id for video in tx.micro.of_course(course.id) if video.state is MicroState.PUBLISHED]
    known = tx.studies.of_member(member_id, published)
    if not rules.earned(published, {each.video_id for each in known.values() if each.done_at is not None}):
        return None
    today = tx.calendar.day(now)
    units = tx.units.names({unit_id, course.unit_id}, today)
    made = CourseCertificate(
        id=str(uuid.uuid4()),
        number=rules.number_of(secrets.token_bytes(rules.RANDOM_BYTES)),
        course_id=course.id,
        member_id=member_id,
        unit_id=unit_id,
        name=tx.members.names({member_id})[member_id],
        unit=units[unit_id],
        course=course.title,
        issuer=units[course.unit_id],
        videos=len(published),
        tests=sum(each.passed for each in known.values()),
        hundredths=_granted(tx, [key for each in known.values() for key in (each.entry_id, each.test_entry_id) if key]),
        issued_at=now,
    )
    tx.certificates.add(made)
    return tx.certificates.of(course.id, member_id)


def _granted(tx: Transaction, entry_ids: list[str]) -> int:
    """What these entries come to, with their corrections, in hundredths."""
    last = {each.corrected_id: each.after for each in tx.entry_corrections.about(entry_ids)}
    entries = tx.ledger.named(entry_ids)
    return sum(last.get(key, entry.hundredths) for key, entry in entries.items())


async def claim_certificate(
    records: Records, principal: Principal, course_id: str, command_id: str, now: dt.datetime
) -> CertificateView:
    """For who was through before a video was retired, or before there were certificates.

    Raises ``course_not_found``, ``certificate_not_earned``, ``command_reused``.
    """
    asked = command(principal, command_id, "claim_certificate", id=course_id)

    def do(tx: Transaction) -> CertificateView:
        member_id, unit_id = principal.member_id, principal.unit_id
        course = tx.courses.get(course_id)
        if course is None or course.unit_id not in (*principal.unit_line, *principal.loan_line):
            raise Refusal("course_not_found", course_id)
        if member_id is None or unit_id is None:
            raise Refusal("certificate_not_earned", course_id)
        one = issue_when_earned(tx, course_id, member_id, unit_id, now)
        if one is None:
            raise Refusal("certificate_not_earned", course_id)
        return view(one)

    return await records.write(lambda tx: once(tx, asked, now, _VIEW, lambda: do(tx)))


# ---- seeing ------------------------------------------------------------------------------------------------


async def own_certificates(records: Records, principal: Principal) -> tuple[CertificateView, ...]:
    """Newest first."""
    member_id = principal.member_id
    if member_id is None:
        return ()
    return await records.read(lambda tx: tuple(view(one) for one in tx.certificates.of_member(member_id)))


async def list_certificates(
    records: Records,
    principal: Principal,
    course_id: str,
    *,
    text: str = "",
    limit: int,
    cursor: str | None,
    now: dt.datetime,
) -> CertificatesView:
    """Of those whom the principal answers for; ``text``: in name, unit or number.

    Raises ``course_not_found``, ``forbidden``.
    """

    def load(tx: Transaction) -> CertificatesView:
        today = tx.calendar.day(now)
        course = _course(tx, principal, course_id, today)
        held = frozenset(grant.unit_id for grant in principal.grants if _vouches(tx, principal, grant.unit_id, today))
        if not held:
            raise Refusal("forbidden", Action.VOUCH)
        units = units_below(tx, held, today) or frozenset()
        found = tx.certificates.of_course(course.id, units, limit + 1, cursor, text.strip())
        shown, more = found[:limit], len(found) > limit
        may = any(may_in_unit(principal, _KEPT, (unit_id,)) for unit_id in held)
        return CertificatesView(tuple(map(view, shown)), may, shown[-1].id if more else None)

    return await records.read(load)


def _vouches(tx: Transaction, principal: Principal, unit_id: str, today: dt.date) -> bool:
    return may_in_unit(principal, Action.VOUCH, tx.units.line(unit_id, today))


def _course(tx: Transaction, principal: Principal, course_id: str, today: dt.date) -> Course:
    """Of the principal's own line, or of a unit below a role's. Raises ``course_not_found``."""
    course = tx.courses.get(course_id)
    if course is None:
        raise Refusal("course_not_found", course_id)
    above = {unit for grant in principal.grants for unit in tx.units.line(grant.unit_id, today)}
    there = course.unit_id in (*principal.unit_line, *principal.loan_line, *above)
    if not there and not may_in_unit(principal, Action.READ, tx.units.line(course.unit_id, today)):
        raise Refusal("course_not_found", course_id)
    return course


async def printable_certificate(
    records: Records, principal: Principal, certificate_id: str, now: dt.datetime
) -> CourseCertificate:
    """One's own, or of whom the principal answers for. Raises ``certificate_not_found``, ``certificate_withdrawn``."""

    def load(tx: Transaction) -> CourseCertificate:
        one = _seen(tx, principal, certificate_id, now)
        rules.check_valid(one)
        return one

    return await records.read(load)


def _seen(
    tx: Transaction, principal: Principal, certificate_id: str, now: dt.datetime, *, lock: bool = False
) -> CourseCertificate:
    one = tx.certificates.get(certificate_id, lock=lock)
    if one is not None and one.member_id == principal.member_id:
        return one
    if one is None or not _vouches(tx, principal, one.unit_id, tx.calendar.day(now)):
        raise Refusal("certificate_not_found", certificate_id)
    return one


async def withdraw_certificate(
    records: Records, principal: Principal, certificate_id: str, command_id: str, *, reason: str, now: dt.datetime
) -> CertificateView:
    """By the school, for good. Raises ``certificate_not_found``, ``forbidden``, ``certificate_withdrawn``."""
    asked = command(principal, command_id, "withdraw_certificate", id=certificate_id, reason=reason)

    def do(tx: Transaction) -> CertificateView:
        one = _seen(tx, principal, certificate_id, now, lock=True)
        require_in_unit(principal, _KEPT, tx.units.line(one.unit_id, tx.calendar.day(now)))
        gone = rules.withdrawn(one, principal.account_id, reason, now)
        tx.certificates.save(gone)
        return view(gone)

    return await records.write(lambda tx: once(tx, asked, now, _VIEW, lambda: do(tx)))


async def check_certificate(records: Records, typed: str) -> CheckView:
    """For anybody. A number that was never given is told apart from nothing."""
    number = rules.read(typed)
    one = await records.read(lambda tx: tx.certificates.numbered(number)) if number else None
    if one is None:
        return CheckView(CertificateState.UNKNOWN, rules.printed(number) if number else "")
    shown = rules.printed(one.number)
    if one.withdrawn_at is not None:
        return CheckView(one.state, shown, withdrawn_at=one.withdrawn_at)
    said = (masked(one.name), one.course, one.issuer, one.issued_at)
    return CheckView(one.state, shown, *said)


def view(one: CourseCertificate) -> CertificateView:
    return CertificateView(
        id=one.id,
        number=rules.printed(one.number),
        state=one.state,
        course=Named(one.course_id, one.course),
        member=Named(one.member_id, one.name),
        unit=Named(one.unit_id, one.unit),
        videos=one.videos,
        tests=one.tests,
        hundredths=one.hundredths,
        issued_at=one.issued_at,
        withdrawn_at=one.withdrawn_at,
        reason=one.reason,
    )
