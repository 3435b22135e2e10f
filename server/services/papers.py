"""Papers (试卷): kept like the bank that they are made of; drawn for a lesson, with the evidence of the draw."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import papers as rules
from server.domain.access import Principal
from server.domain.bank import BankKind, Difficulty
from server.domain.bank_access import bank_units, require_bank
from server.domain.lessons import Lesson
from server.domain.papers import MOST_PAPERS, Drawn, Paper, Plan
from server.domain.refusals import Refusal
from server.services.bank import kept_units, require_unit
from server.services.commands import command, once
from server.services.questions import prepared_lesson, put_questions
from server.services.records import Records, Transaction
from server.services.views import Named, QuestionView

_SEED_BYTES = 16


@dataclass(frozen=True, slots=True)
class PaperQuestionView:
    """``version_id``: of the bank; ``outdated``: its question has a newer one, or is retired."""

    version_id: str
    bank_id: str
    number: int
    kind: BankKind
    text: str
    outdated: bool


@dataclass(frozen=True, slots=True)
class DrawView:
    """``available``: how many questions there are to be drawn from, now."""

    count: int
    tag: str
    kind: BankKind | None
    difficulty: Difficulty | None
    available: int


@dataclass(frozen=True, slots=True)
class PaperView:
    """``questions``: how many it comes to. ``version``: the ETag."""

    id: str
    unit: Named
    name: str
    fixed: tuple[PaperQuestionView, ...]
    draws: tuple[DrawView, ...]
    mixed: bool
    questions: int
    changed_at: dt.datetime
    retired_at: dt.datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class DrawnView:
    """The evidence of a draw; ``holds``: it was drawn again just now, with the same outcome."""

    id: str
    paper: Named
    seed: str
    fixed: tuple[str, ...]
    counts: tuple[int, ...]
    candidates: tuple[tuple[str, ...], ...]
    mixed: bool
    version_ids: tuple[str, ...]
    by: Named
    at: dt.datetime
    holds: bool


@dataclass(frozen=True, slots=True)
class TakenView:
    """The lesson's questions that came of a paper, and the evidence."""

    drawn_id: str
    seed: str
    items: tuple[QuestionView, ...]


_VIEW = TypeAdapter(PaperView)
_TAKEN = TypeAdapter(TakenView)


async def list_papers(
    records: Records, principal: Principal, *, unit_id: str | None, retired: bool, now: dt.datetime
) -> tuple[PaperView, ...]:
    """By name, of the units in the principal's keeping. Raises ``forbidden``, ``unit_not_found``."""

    def load(tx: Transaction) -> tuple[PaperView, ...]:
        units = kept_units(tx, principal, unit_id, now)
        return tuple(_view(tx, paper, now) for paper in tx.papers.of_units(units, retired=retired))

    return await records.read(load)


async def see_paper(records: Records, principal: Principal, paper_id: str, now: dt.datetime) -> PaperView:
    """Raises ``paper_not_found``, ``forbidden``."""
    return await records.read(lambda tx: _view(tx, _kept(tx, principal, paper_id, now), now))


async def add_paper(
    records: Records, principal: Principal, command_id: str, *, unit_id: str, plan: Plan, now: dt.datetime
) -> PaperView:
    """Raises ``forbidden``, ``unit_not_found``, ``invalid_body``, ``bank_question_not_found``, ``papers_full``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "add_paper", unit_id=unit_id, plan=asdict(plan))

    def do(tx: Transaction) -> PaperView:
        tidy = rules.checked(plan)
        _check_versions(tx, principal, tidy, now)
        tx.units.lock(unit_id)
        if tx.papers.count_in(unit_id) >= MOST_PAPERS:
            raise Refusal("papers_full", f"{MOST_PAPERS} in {unit_id}")
        paper = Paper(str(uuid4()), unit_id, tidy, principal.account_id, now, now)
        tx.papers.put(paper)
        return _view(tx, paper, now)

    def work(tx: Transaction) -> PaperView:
        require_unit(tx, principal, unit_id, now)
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)


async def edit_paper(
    records: Records,
    principal: Principal,
    paper_id: str,
    command_id: str,
    *,
    plan: Plan,
    version: int,
    now: dt.datetime,
) -> PaperView:
    """What lessons took of it stays. Raises ``paper_not_found``, ``forbidden``, ``precondition_failed``,
    ``paper_retired``, ``bank_question_not_found``, ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "edit_paper", paper_id=paper_id, version=version, plan=asdict(plan))

    def do(tx: Transaction, paper: Paper) -> PaperView:
        changed = rules.edited(paper, plan, version, now)
        _check_versions(tx, principal, changed.plan, now)
        tx.papers.put(changed)
        return _view(tx, changed, now)

    def work(tx: Transaction) -> PaperView:
        paper = _kept(tx, principal, paper_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: do(tx, paper))

    return await records.write(work)


async def retire_paper(
    records: Records, principal: Principal, paper_id: str, command_id: str, *, retired: bool, now: dt.datetime
) -> PaperView:
    """Or offer it again; twice is no fault. Raises ``paper_not_found``, ``forbidden``, ``command_reused``."""
    asked = command(principal, command_id, "retire_paper", paper_id=paper_id, retired=retired)

    def do(tx: Transaction, paper: Paper) -> PaperView:
        changed = rules.retired(paper, now if retired else None)
        tx.papers.put(changed)
        return _view(tx, changed, now)

    def work(tx: Transaction) -> PaperView:
        paper = _kept(tx, principal, paper_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: do(tx, paper))

    return await records.write(work)


# ---- for a lesson ----------------------------------------------------------------------------------------


async def take_paper(
    records: Records, principal: Principal, lesson_id: str, command_id: str, *, paper_id: str, now: dt.datetime
) -> TakenView:
    """Drawn once, by a new seed; its questions come after the lesson's last one. All of them or none.

    Raises as adding a question, and ``paper_not_found``, ``paper_retired``, ``paper_too_few``, ``forbidden``.
    """
    asked = command(principal, command_id, "take_paper", lesson_id=lesson_id, paper_id=paper_id)

    def do(tx: Transaction, lesson: Lesson) -> TakenView:
        paper = _kept(tx, principal, paper_id, now)
        rules.check_in_use(paper)
        made = _draw(tx, principal, paper, lesson_id, now)
        known = tx.papers.versions(made.version_ids)
        versions = [known[each][0] for each in made.version_ids]
        items = put_questions(tx, lesson, versions)
        tx.bank.use(made.version_ids, now)
        tx.papers.keep(made)
        return TakenView(made.id, made.seed, items)

    def work(tx: Transaction) -> TakenView:
        lesson = prepared_lesson(tx, principal, lesson_id, now, lock=True)
        return once(tx, asked, now, _TAKEN, lambda: do(tx, lesson))

    return await records.write(work)


def _draw(tx: Transaction, principal: Principal, paper: Paper, lesson_id: str, now: dt.datetime) -> Drawn:
    """From what its unit, and those below it, keep; never from what the principal does not."""
    plan, seed = paper.plan, secrets.token_hex(_SEED_BYTES)
    units = kept_units(tx, principal, paper.unit_id, now)
    candidates = tuple(tx.papers.candidates(units, draw) for draw in plan.draws)
    counts = tuple(draw.count for draw in plan.draws)
    version_ids = rules.drawn(seed, plan.version_ids, candidates, counts, mixed=plan.mixed)
    return Drawn(
        id=str(uuid4()),
        paper_id=paper.id,
        revision=paper.revision,
        lesson_id=lesson_id,
        seed=seed,
        fixed=plan.version_ids,
        counts=counts,
        candidates=candidates,
        mixed=plan.mixed,
        version_ids=version_ids,
        by=principal.account_id,
        at=now,
    )


async def see_draws(
    records: Records, principal: Principal, paper_id: str, lesson_id: str, now: dt.datetime
) -> tuple[DrawnView, ...]:
    """Of a paper for a lesson, the first one first. Raises ``paper_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[DrawnView, ...]:
        paper = _kept(tx, principal, paper_id, now)
        draws = [one for one in tx.papers.draws(lesson_id) if one.paper_id == paper.id]
        names = tx.accounts.names({one.by for one in draws}) if draws else {}
        return tuple(_drawn_view(one, paper, names.get(one.by, "")) for one in draws)

    return await records.read(load)


# ---- as it is seen ---------------------------------------------------------------------------------------


def _kept(tx: Transaction, principal: Principal, paper_id: str, now: dt.datetime, *, lock: bool = False) -> Paper:
    """Raises ``paper_not_found``, ``forbidden``."""
    bank_units(principal)
    paper = tx.papers.get(paper_id, lock=lock)
    if paper is None:
        raise Refusal("paper_not_found", paper_id)
    require_bank(principal, tx.units.line(paper.unit_id, tx.calendar.day(now)), "paper_not_found")
    return paper


def _check_versions(tx: Transaction, principal: Principal, plan: Plan, now: dt.datetime) -> None:
    """Only what the principal keeps. Raises ``bank_question_not_found``."""
    known, units = tx.papers.versions(plan.version_ids), kept_units(tx, principal, None, now)
    for version_id in plan.version_ids:
        if version_id not in known or known[version_id][1] not in units:
            raise Refusal("bank_question_not_found", version_id)


def _view(tx: Transaction, paper: Paper, now: dt.datetime) -> PaperView:
    plan, day, tree = paper.plan, tx.calendar.day(now), tx.units.tree()
    units = tree.subtree(paper.unit_id, day)
    draws = (DrawView(**asdict(draw), available=len(tx.papers.candidates(units, draw))) for draw in plan.draws)
    return PaperView(
        id=paper.id,
        unit=Named(paper.unit_id, tx.units.names({paper.unit_id}, day)[paper.unit_id]),
        name=plan.name,
        fixed=_fixed(tx, plan.version_ids),
        draws=tuple(draws),
        mixed=plan.mixed,
        questions=plan.questions,
        changed_at=paper.changed_at,
        retired_at=paper.retired_at,
        version=paper.revision,
    )


def _fixed(tx: Transaction, version_ids: Sequence[str]) -> tuple[PaperQuestionView, ...]:
    if not version_ids:
        return ()
    known = tx.papers.versions(version_ids)
    found: list[PaperQuestionView] = []
    for version_id in version_ids:
        version, _ = known[version_id]
        question = tx.bank.get(version.question_id)
        outdated = question is None or question.retired_at is not None or question.latest.id != version_id
        content = version.content
        view = PaperQuestionView(version_id, version.question_id, version.number, content.kind, content.text, outdated)
        found.append(view)
    return tuple(found)


def _drawn_view(one: Drawn, paper: Paper, by: str) -> DrawnView:
    return DrawnView(
        id=one.id,
        paper=Named(paper.id, paper.plan.name),
        seed=one.seed,
        fixed=one.fixed,
        counts=one.counts,
        candidates=one.candidates,
        mixed=one.mixed,
        version_ids=one.version_ids,
        by=Named(one.by, by),
        at=one.at,
        holds=rules.redrawn(one),
    )
