"""The question bank (题库): listed, made, edited by versions, retired, and taken into a lesson."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import bank as rules
from server.domain.access import Principal
from server.domain.bank import (
    MOST_IN_UNIT,
    BankFilter,
    BankKind,
    BankQuestion,
    Content,
    Difficulty,
    Version,
    check_revision,
    checked,
)
from server.domain.bank_access import bank_units, require_bank
from server.domain.question_pictures import Picture
from server.domain.refusals import Refusal
from server.domain.scoring import Scoring
from server.services.commands import command, once
from server.services.finding import MOST_LISTED
from server.services.picture_naming import named_picture
from server.services.records import Records, Transaction
from server.services.views import Named

MOST_TAGS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class BankView:
    """A question as its newest version says it. ``correct``: places in ``options``, from 0; options of an ordering
    stand in the right order; ``blanks``: of each what is accepted there. ``scoring``: the number of the rule.

    ``version_id``, ``number``: of the version; ``used``: whether a lesson has it, in this version or an older one.
    ``version``: the ETag.
    """

    id: str
    unit: Named
    kind: BankKind
    text: str
    options: tuple[str, ...]
    correct: tuple[int, ...]
    blanks: tuple[tuple[str, ...], ...]
    scoring: int
    explanation: str
    source: str
    tags: tuple[str, ...]
    difficulty: Difficulty
    seconds: int
    version_id: str
    number: int
    used: bool
    changed_at: dt.datetime
    retired_at: dt.datetime | None
    version: int
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class TagSize:
    tag: str
    questions: int


@dataclass(frozen=True, slots=True)
class BankPage:
    """``total``: of everything that fits. ``tags``: of all that is in use there, the most frequent first."""

    items: tuple[BankView, ...]
    next_cursor: str | None
    total: int
    tags: tuple[TagSize, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """``by``: who wrote it."""

    number: int
    kind: BankKind
    text: str
    options: tuple[str, ...]
    correct: tuple[int, ...]
    blanks: tuple[tuple[str, ...], ...]
    scoring: int
    explanation: str
    by: str
    at: dt.datetime
    used_at: dt.datetime | None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    items: tuple[VersionView, ...]


_VIEW = TypeAdapter(BankView)


# ---- looking ---------------------------------------------------------------------------------------------


async def list_bank(
    records: Records,
    principal: Principal,
    wanted: BankFilter,
    *,
    unit_id: str | None,
    cursor: str | None,
    limit: int,
    now: dt.datetime,
) -> BankPage:
    """The newest first. ``unit_id``: of it and all below it; None: everything that the principal keeps.

    ``cursor`` is a question's id. Raises ``forbidden``, ``unit_not_found``.
    """
    most = max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> BankPage:
        units = kept_units(tx, principal, unit_id, now)
        narrowed = replace(wanted, unit_ids=units)
        rows = tx.bank.listed(narrowed, cursor, most + 1)
        tags = tuple(TagSize(*each) for each in tx.bank.tags(units, MOST_TAGS_SHOWN))
        last = rows[most - 1].id if len(rows) > most else None
        return BankPage(_views(tx, rows[:most], now), last, tx.bank.count(narrowed), tags)

    return await records.read(load)


def kept_units(tx: Transaction, principal: Principal, unit_id: str | None, now: dt.datetime) -> frozenset[str]:
    """Raises ``forbidden``, ``unit_not_found``."""
    roots, on, tree = bank_units(principal), tx.calendar.day(now), tx.units.tree()
    if unit_id is not None:
        require_bank(principal, tx.units.line(unit_id, on), "unit_not_found")
        roots = frozenset({unit_id})
    return frozenset[str]().union(*(tree.subtree(root, on) for root in roots))


def require_unit(tx: Transaction, principal: Principal, unit_id: str, now: dt.datetime) -> None:
    """Raises ``forbidden``, ``unit_not_found``."""
    bank_units(principal)
    require_bank(principal, tx.units.line(unit_id, tx.calendar.day(now)), "unit_not_found")


def check_keeps(principal: Principal) -> None:
    """Raises ``forbidden``."""
    bank_units(principal)


async def see_question(records: Records, principal: Principal, bank_id: str, now: dt.datetime) -> BankView:
    """Raises ``bank_question_not_found``, ``forbidden``."""
    return await records.read(lambda tx: bank_view(tx, kept_question(tx, principal, bank_id, now), now))


async def see_versions(records: Records, principal: Principal, bank_id: str, now: dt.datetime) -> Versions:
    """The newest first. Raises ``bank_question_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> Versions:
        question = kept_question(tx, principal, bank_id, now)
        versions = tx.bank.versions(question.id)
        names = tx.accounts.names({version.created_by for version in versions})
        return Versions(tuple(_version_view(each, names.get(each.created_by, "")) for each in versions))

    return await records.read(load)


def kept_question(
    tx: Transaction, principal: Principal, bank_id: str, now: dt.datetime, *, lock: bool = False
) -> BankQuestion:
    """Raises ``bank_question_not_found``, ``forbidden``."""
    bank_units(principal)
    question = tx.bank.lock(bank_id) if lock else tx.bank.get(bank_id)
    if question is None:
        raise Refusal("bank_question_not_found", bank_id)
    require_bank(principal, tx.units.line(question.unit_id, tx.calendar.day(now)), "bank_question_not_found")
    return question


# ---- changing --------------------------------------------------------------------------------------------


async def add_to_bank(
    records: Records, principal: Principal, command_id: str, *, unit_id: str, content: Content, now: dt.datetime
) -> BankView:
    """Raises ``forbidden``, ``unit_not_found``, ``invalid_body``, ``picture_not_found``, ``bank_full``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "add_to_bank", unit_id=unit_id, **asdict(content))

    def do(tx: Transaction) -> BankView:
        tidy = _pictured(tx, principal, checked(content))
        tx.units.lock(unit_id)
        check_room(tx, unit_id, 1)
        question = made(unit_id, tidy, principal.account_id, now)
        tx.bank.add([question])
        return bank_view(tx, question, now)

    def work(tx: Transaction) -> BankView:
        require_unit(tx, principal, unit_id, now)
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)


def _pictured(tx: Transaction, principal: Principal, content: Content, former: Picture | None = None) -> Content:
    return replace(content, picture=named_picture(tx, principal, content.picture, former))


def check_room(tx: Transaction, unit_id: str, more: int) -> None:
    """Raises ``bank_full``."""
    if tx.bank.count_in(unit_id) + more > MOST_IN_UNIT:
        raise Refusal("bank_full", f"{MOST_IN_UNIT} in {unit_id}")


def made(unit_id: str, content: Content, by: str, now: dt.datetime) -> BankQuestion:
    bank_id = str(uuid4())
    return BankQuestion(bank_id, unit_id, Version(str(uuid4()), bank_id, 1, content, by, now), now)


def edited(question: BankQuestion, content: Content, by: str, now: dt.datetime) -> BankQuestion:
    """Raises ``bank_retired``, ``bank_versions_full``."""
    number = question.latest.number + 1
    return rules.succeeded(question, Version(str(uuid4()), question.id, number, content, by, now))


async def edit_bank(
    records: Records,
    principal: Principal,
    bank_id: str,
    command_id: str,
    *,
    content: Content,
    version: int,
    now: dt.datetime,
) -> BankView:
    """A version more; none when nothing differs. What lessons have of it stays as it is.

    Raises ``bank_question_not_found``, ``forbidden``, ``precondition_failed``, ``invalid_body``, ``bank_retired``,
    ``picture_not_found``, ``bank_versions_full``, ``command_reused``.
    """
    asked = command(principal, command_id, "edit_bank", bank_id=bank_id, version=version, **asdict(content))

    def do(tx: Transaction, question: BankQuestion) -> BankView:
        check_revision(question, version)
        tidy = _pictured(tx, principal, checked(content), question.latest.content.picture)
        if tidy == question.latest.content:
            return bank_view(tx, question, now)
        changed = edited(question, tidy, principal.account_id, now)
        tx.bank.succeed([changed])
        return bank_view(tx, changed, now)

    def work(tx: Transaction) -> BankView:
        question = kept_question(tx, principal, bank_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: do(tx, question))

    return await records.write(work)


async def retire_question(
    records: Records, principal: Principal, bank_id: str, command_id: str, *, retired: bool, now: dt.datetime
) -> BankView:
    """Or restore it. Again is no fault. Raises ``bank_question_not_found``, ``forbidden``, ``command_reused``."""
    asked = command(principal, command_id, "retire_question", bank_id=bank_id, retired=retired)

    def do(tx: Transaction, question: BankQuestion) -> BankView:
        changed = rules.retired(question, principal.account_id, now) if retired else rules.restored(question)
        tx.bank.save(changed)
        return bank_view(tx, changed, now)

    def work(tx: Transaction) -> BankView:
        question = kept_question(tx, principal, bank_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: do(tx, question))

    return await records.write(work)


# ---- as it is seen ---------------------------------------------------------------------------------------


def bank_view(tx: Transaction, question: BankQuestion, now: dt.datetime) -> BankView:
    return _views(tx, [question], now)[0]


def _views(tx: Transaction, questions: Sequence[BankQuestion], now: dt.datetime) -> tuple[BankView, ...]:
    names = tx.units.names({question.unit_id for question in questions}, tx.calendar.day(now))
    return tuple(_view(question, names[question.unit_id]) for question in questions)


def _view(question: BankQuestion, unit: str) -> BankView:
    latest, content = question.latest, question.latest.content
    return BankView(
        id=question.id,
        unit=Named(question.unit_id, unit),
        kind=content.kind,
        text=content.text,
        options=content.options,
        correct=content.correct,
        blanks=content.blanks,
        scoring=int(content.scoring),
        explanation=content.explanation,
        source=content.source,
        tags=content.tags,
        difficulty=content.difficulty,
        seconds=content.seconds,
        version_id=latest.id,
        number=latest.number,
        used=question.used,
        changed_at=latest.created_at,
        retired_at=question.retired_at,
        version=question.revision,
        picture=content.picture,
    )


def _version_view(version: Version, by: str) -> VersionView:
    content = version.content
    return VersionView(
        number=version.number,
        kind=content.kind,
        text=content.text,
        options=content.options,
        correct=content.correct,
        blanks=content.blanks,
        scoring=int(content.scoring),
        explanation=content.explanation,
        by=by,
        at=version.created_at,
        used_at=version.used_at,
        picture=content.picture,
    )


def scoring_of(number: int | None, kind: BankKind) -> Scoring:
    """The usual one of the kind where none is said. Raises ``invalid_body``."""
    if number is None:
        return rules.SCORINGS[kind][0]
    try:
        return Scoring(number)
    except ValueError:
        raise Refusal("invalid_body", f"scoring: {number}") from None
