"""签到表: seen as it stands, confirmed by the branch's secretary, superseded, verified."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import attendance_sheets as rules
from server.domain import events
from server.domain.access import Action, Principal, Role, allowed
from server.domain.attendance_sheets import AttendanceSheet, Body, Document, Verification
from server.domain.lessons import Lesson
from server.domain.reaches import board_reach
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.finding import allowed_target, found, placed, report_day
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.roster import units_below
from server.services.sheet_lines import body_of
from server.services.views import Named, PersonView

FORM = 1
_DOCUMENT, _BODY = TypeAdapter(Document), TypeAdapter(Body)


@dataclass(frozen=True, slots=True)
class SheetView:
    """``superseded_by``: the version that stands in its place. ``redacted_at``: when somebody on it was erased (注销):
    the digest is that of what was confirmed, names and reasons of the erased are gone from what is kept.
    """

    id: str
    lesson_id: str
    unit: Named
    version: int
    digest: str
    previous: str | None
    why: str
    confirmed_by: PersonView
    confirmed_at: dt.datetime
    superseded_by: int | None
    redacted_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DraftView:
    """The sheet as it would be confirmed now. ``digest``: of what it says, to be named when confirming.

    ``changed``: it says other than the version that was confirmed last. ``code``: why it cannot be confirmed now, in
    refusals' words.
    """

    body: Body
    digest: str
    changed: bool
    may_confirm: bool
    code: str | None
    versions: tuple[SheetView, ...]


@dataclass(frozen=True, slots=True)
class VerificationView:
    sheet: SheetView
    digest: str
    computed: str
    follows: bool
    logged: bool
    intact: bool


@dataclass(frozen=True, slots=True)
class Printable:
    """What a file is made of. ``sheet`` None: nobody has confirmed it."""

    body: Body
    digest: str
    sheet: SheetView | None
    trail: tuple[SheetView, ...]


@dataclass(frozen=True, slots=True)
class Confirming:
    """``digest``: of exactly what was seen. ``reasons``: of absences, by member. ``why``: of a new version."""

    unit_id: str
    digest: str
    reasons: Mapping[str, str]
    why: str = ""


_VIEW = TypeAdapter(SheetView)


async def see_draft(
    records: Records, principal: Principal, lesson_id: str, unit_id: str, now: dt.datetime
) -> DraftView:
    """For whoever sees the unit's attendance. Raises ``lesson_not_found``, ``forbidden``, ``unit_not_found``,
    ``sheet_not_yet`` before the roster is frozen, ``sheet_too_large``.
    """

    def load(tx: Transaction) -> DraftView:
        lesson = seen(tx, principal, lesson_id, unit_id, now)
        return _draft(tx, principal, lesson, unit_id, now)

    return await records.read(load)


def _draft(tx: Transaction, principal: Principal, lesson: Lesson, unit_id: str, now: dt.datetime) -> DraftView:
    versions = tx.sheets.versions(lesson.id, unit_id)
    last = _read(versions[-1]).body if versions else None
    plain = body_of(tx, lesson, unit_id)
    body = rules.with_reasons(plain, rules.absence_reasons(last)) if last else plain
    return DraftView(
        body=_told(tx, principal, lesson, body, now),
        digest=_digest(plain),
        changed=last is not None and last != body,
        may_confirm=rules.may_confirm(principal, _line(tx, lesson, unit_id)),
        code=_hindrance(lesson, plain),
        versions=_views(tx, lesson, versions),
    )


async def confirm_sheet(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    wish: Confirming,
    *,
    now: dt.datetime,
) -> SheetView:
    """By the unit's secretary or one above. Raises as :func:`see_draft`, ``sheet_too_early``, ``sheet_empty``,
    ``sheet_changed``, ``sheet_same``, ``sheet_needs_reason``, ``command_reused``.
    """
    asked = command(principal, command_id, "confirm_sheet", lesson_id=lesson_id, **asdict(wish))

    def work(tx: Transaction) -> SheetView:
        lesson = seen(tx, principal, lesson_id, wish.unit_id, now, lock=True)
        if not rules.may_confirm(principal, _line(tx, lesson, wish.unit_id)):
            raise Refusal("forbidden", "no secretary of it")

        def do() -> SheetView:
            sheet = _confirmed(tx, principal, lesson, wish, now)
            if not tx.sheets.add(sheet):
                raise Refusal("sheet_changed", f"version {sheet.version}")
            view = _views(tx, lesson, [sheet])[0]
            said = events.sheet_confirmed(sheet.id, view.unit.name, sheet.version, sheet.digest, principal.name)
            tx.events.append(lesson_id, [said], now, principal.account_id)
            return view

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _confirmed(
    tx: Transaction, principal: Principal, lesson: Lesson, wish: Confirming, now: dt.datetime
) -> AttendanceSheet:
    rules.check_confirmable(lesson)
    plain = body_of(tx, lesson, wish.unit_id)
    if not plain.lines:
        raise Refusal("sheet_empty", wish.unit_id)
    if _digest(plain) != wish.digest:
        raise Refusal("sheet_changed", "the record says other than what was seen")
    versions = tx.sheets.versions(lesson.id, wish.unit_id)
    last = versions[-1] if versions else None
    body = rules.with_reasons(plain, wish.reasons)
    rules.check_supersedes(_read(last).body if last else None, body, wish.why)
    previous = last.digest if last else None
    version = last.version + 1 if last else 1
    why = wish.why if last else ""
    made = Document(FORM, version, previous, why, now, principal.account_id, principal.name, body)
    content = rules.canonical(_DOCUMENT.dump_python(made, mode="json"))
    row = (str(uuid4()), lesson.id, wish.unit_id, version, content, rules.digest_of(content), previous, why)
    return AttendanceSheet(*row, confirmed_by=principal.account_id, confirmed_at=now)


async def printable_draft(
    records: Records, principal: Principal, lesson_id: str, unit_id: str, now: dt.datetime
) -> Printable:
    """Raises as :func:`see_draft`."""

    def load(tx: Transaction) -> Printable:
        draft = _draft(tx, principal, seen(tx, principal, lesson_id, unit_id, now), unit_id, now)
        return Printable(draft.body, draft.digest, None, draft.versions)

    return await records.read(load)


def printable_of_unit(
    tx: Transaction, principal: Principal, lesson: Lesson, unit_id: str, now: dt.datetime
) -> Printable:
    """What holds of a unit: as it was confirmed last, or else as it stands, then of a unit with others below it the
    own people only. The rights are the caller's to check. Raises ``sheet_too_large``.
    """
    versions = tx.sheets.versions(lesson.id, unit_id)
    views = _views(tx, lesson, versions)
    if versions:
        body = _told(tx, principal, lesson, _read(versions[-1]).body, now)
        return Printable(body, versions[-1].digest, views[-1], views)
    plain = body_of(tx, lesson, unit_id, alone=True)
    return Printable(_told(tx, principal, lesson, plain, now), _digest(plain), None, ())


async def printable_sheet(records: Records, principal: Principal, sheet_id: str, now: dt.datetime) -> Printable:
    """A confirmed one, as it was confirmed. Raises ``sheet_not_found``."""

    def load(tx: Transaction) -> Printable:
        sheet, versions = _known(tx, principal, sheet_id, now)
        view = next(each for each in versions if each.id == sheet.id)
        body = _told(tx, principal, found(tx.lessons.get(sheet.lesson_id)), _read(sheet).body, now)
        return Printable(body, sheet.digest, view, versions)

    return await records.read(load)


async def verify_sheet(records: Records, principal: Principal, sheet_id: str, now: dt.datetime) -> VerificationView:
    """Reckons the digest anew, and compares it with its copy in the log of events. Raises ``sheet_not_found``."""

    def load(tx: Transaction) -> VerificationView:
        sheet, versions = _known(tx, principal, sheet_id, now)
        told = check(tx, sheet)
        view = next(each for each in versions if each.id == sheet.id)
        return VerificationView(view, told.digest, told.computed, told.follows, told.logged, told.intact)

    return await records.read(load)


def check(tx: Transaction, sheet: AttendanceSheet) -> Verification:
    before = [each for each in tx.sheets.versions(sheet.lesson_id, sheet.unit_id) if each.version == sheet.version - 1]
    confirmed = [event.data for event in tx.events.of_kind(sheet.lesson_id, events.SHEET_CONFIRMED)]
    told = [str(said.get("digest")) for said in confirmed if said.get("sheet_id") == sheet.id]
    return rules.verified(sheet, before[0] if before else None, told)


def printable_of(sheet: AttendanceSheet) -> Printable:
    """What it said when it was confirmed; of what became of it nothing."""
    return Printable(_read(sheet).body, sheet.digest, None, ())


def _known(
    tx: Transaction, principal: Principal, sheet_id: str, now: dt.datetime
) -> tuple[AttendanceSheet, tuple[SheetView, ...]]:
    """Who may not see it learns of none. Raises ``sheet_not_found``."""
    sheet = tx.sheets.get(sheet_id)
    if sheet is None:
        raise Refusal("sheet_not_found", sheet_id)
    try:
        lesson = seen(tx, principal, sheet.lesson_id, sheet.unit_id, now)
    except Refusal:
        raise Refusal("sheet_not_found", sheet_id) from None
    return sheet, _views(tx, lesson, tx.sheets.versions(sheet.lesson_id, sheet.unit_id))


def seen(
    tx: Transaction, principal: Principal, lesson_id: str, unit_id: str, now: dt.datetime, *, lock: bool = False
) -> Lesson:
    """A room's screen sees its own people, not a unit. Raises ``sheet_not_yet``, ``unit_not_found``, ``forbidden``."""
    target = allowed_target(tx, principal, Action.BOARD, lesson_id, now, lock=lock)
    reach, on = board_reach(principal, target), report_day(tx, target.lesson)
    if reach.lesson_venue_id is not None:
        raise Refusal("forbidden", "a venue")
    units = units_below(tx, reach.unit_ids, on)
    tx.units.tree().unit(unit_id)
    if units is not None and unit_id not in units:
        raise Refusal("unit_not_found", unit_id)
    if target.lesson.opened_at is None:
        raise Refusal("sheet_not_yet", target.lesson.state)
    return target.lesson


def _told(tx: Transaction, principal: Principal, lesson: Lesson, body: Body, now: dt.datetime) -> Body:
    """Why somebody was away is told to who vouches for them, as in the list of leaves; to others, that it is known."""
    if Action.SETTLE in allowed(principal, placed(tx, lesson, now, [principal])):
        return body
    held = frozenset(grant.unit_id for grant in principal.grants if grant.role is Role.SECRETARY)
    return rules.without_reasons(body, units_below(tx, held, report_day(tx, lesson)) or ())


def _line(tx: Transaction, lesson: Lesson, unit_id: str) -> tuple[str, ...]:
    return tx.units.tree().line(unit_id, report_day(tx, lesson))


def _hindrance(lesson: Lesson, body: Body) -> str | None:
    if not body.lines:
        return "sheet_empty"
    try:
        rules.check_confirmable(lesson)
    except Refusal as refusal:
        return refusal.code
    return None


def _digest(body: Body) -> str:
    return rules.digest_of(rules.canonical(_BODY.dump_python(body, mode="json")))


def _read(sheet: AttendanceSheet) -> Document:
    return _DOCUMENT.validate_json(sheet.content)


def _views(tx: Transaction, lesson: Lesson, sheets: Sequence[AttendanceSheet]) -> tuple[SheetView, ...]:
    """Of one unit, the oldest first and whole."""
    people = tx.accounts.names({sheet.confirmed_by for sheet in sheets})
    names = tx.units.names({sheet.unit_id for sheet in sheets}, report_day(tx, lesson))
    last = max((sheet.version for sheet in sheets), default=0)
    return tuple(
        SheetView(
            id=sheet.id,
            lesson_id=sheet.lesson_id,
            unit=Named(sheet.unit_id, names[sheet.unit_id]),
            version=sheet.version,
            digest=sheet.digest,
            previous=sheet.previous,
            why=sheet.why,
            confirmed_by=PersonView(sheet.confirmed_by, people[sheet.confirmed_by]),
            confirmed_at=sheet.confirmed_at,
            superseded_by=sheet.version + 1 if sheet.version < last else None,
            redacted_at=sheet.redacted_at,
        )
        for sheet in sheets
    )
