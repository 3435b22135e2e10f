"""Papers and what was drawn of them, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.bank import BankFilter, BankKind, Difficulty, Version
from server.domain.paper_runs import HandIn, HandInKey, PaperRun
from server.domain.papers import Draw, Drawn, Paper, Plan
from server.store.bank import content_of, matching
from server.store.schema import bank_questions, bank_versions, paper_draws, paper_hand_ins, paper_runs, papers
from server.store.upserts import insert, padded


class SqlPapers:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, paper_id: str, *, lock: bool = False) -> Paper | None:
        query = sa.select(papers).where(papers.c.id == paper_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _paper(row)

    def of_units(self, unit_ids: Collection[str], *, retired: bool) -> tuple[Paper, ...]:
        state = papers.c.retired_at.is_not(None) if retired else papers.c.retired_at.is_(None)
        query = sa.select(papers).where(papers.c.unit_id.in_(padded(sorted(unit_ids))), state)
        return tuple(_paper(row) for row in self._connection.execute(query.order_by(papers.c.name, papers.c.id)))

    def count_in(self, unit_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(papers).where(papers.c.unit_id == unit_id)
        return self._connection.execute(query).scalar_one()

    def put(self, paper: Paper) -> None:
        row = {**asdict(paper), "name": paper.plan.name, "plan": _plan_row(paper.plan)}
        changed = {name: value for name, value in row.items() if name != "id"}
        added = insert(self._connection, papers).values(row)
        self._connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=changed))

    def draws(self, lesson_id: str) -> tuple[Drawn, ...]:
        query = sa.select(paper_draws).where(paper_draws.c.lesson_id == lesson_id)
        rows = self._connection.execute(query.order_by(paper_draws.c.at, paper_draws.c.id))
        return tuple(_drawn(row) for row in rows)

    def keep(self, drawn: Drawn) -> None:
        facts = asdict(drawn)
        row = {name: facts.pop(name) for name in ("id", "paper_id", "lesson_id", "by", "at")}
        self._connection.execute(sa.insert(paper_draws).values({**row, "facts": facts}))

    def runs(self, lesson_id: str) -> tuple[PaperRun, ...]:
        query = sa.select(paper_runs).where(paper_runs.c.lesson_id == lesson_id)
        rows = self._connection.execute(query.order_by(paper_runs.c.launched_at, paper_runs.c.id))
        return tuple(PaperRun(**{**row._mapping, "quiz_ids": tuple(row.quiz_ids)}) for row in rows)

    def keep_run(self, run: PaperRun) -> None:
        self._connection.execute(sa.insert(paper_runs).values({**asdict(run), "quiz_ids": list(run.quiz_ids)}))

    def hand_in(self, one: HandIn) -> bool:
        added = insert(self._connection, paper_hand_ins).values(asdict(one))
        return self._connection.execute(added.on_conflict_do_nothing()).rowcount == 1

    def handed_in(self, run_ids: Collection[str], member_ids: Collection[str]) -> dict[HandInKey, dt.datetime]:
        its = paper_hand_ins.c
        mine = its.run_id.in_(padded(run_ids)), its.member_id.in_(padded(member_ids))
        rows = self._connection.execute(sa.select(its.run_id, its.member_id, its.round, its.at).where(*mine))
        return {(row.run_id, row.member_id, row.round): row.at for row in rows}

    def hand_ins(self, run_id: str, number: int) -> dict[str, dt.datetime]:
        its = paper_hand_ins.c
        query = sa.select(its.member_id, its.at).where(its.run_id == run_id, its.round == number)
        return {row.member_id: row.at for row in self._connection.execute(query)}

    def versions(self, version_ids: Collection[str]) -> dict[str, tuple[Version, str]]:
        joined = sa.select(bank_versions, bank_questions.c.unit_id).join(
            bank_questions, bank_questions.c.id == bank_versions.c.question_id
        )
        rows = self._connection.execute(joined.where(bank_versions.c.id.in_(padded(sorted(version_ids)))))
        return {row.id: (_version(dict(row._mapping)), row.unit_id) for row in rows}

    def candidates(self, unit_ids: Collection[str], draw: Draw) -> tuple[str, ...]:
        wanted = BankFilter(frozenset(unit_ids), tag=draw.tag, kind=draw.kind, difficulty=draw.difficulty)
        query = sa.select(bank_questions.c.latest_id).where(*matching(wanted))
        return tuple(self._connection.execute(query.order_by(bank_questions.c.latest_id)).scalars())


def _paper(row: sa.Row[Any]) -> Paper:
    kept = {name: value for name, value in row._mapping.items() if name != "name"}
    return Paper(**{**kept, "plan": _plan(row.plan)})


def _plan(kept: Mapping[str, Any]) -> Plan:
    draws = tuple(
        Draw(
            each["count"],
            each["tag"],
            BankKind(each["kind"]) if each["kind"] else None,
            Difficulty(each["difficulty"]) if each["difficulty"] else None,
        )
        for each in kept["draws"]
    )
    return Plan(kept["name"], tuple(kept["version_ids"]), draws, kept["mixed"])


def _plan_row(plan: Plan) -> dict[str, Any]:
    draws = [
        {
            **{"count": draw.count, "tag": draw.tag, "kind": draw.kind.value if draw.kind else None},
            "difficulty": draw.difficulty.value if draw.difficulty else None,
        }
        for draw in plan.draws
    ]
    return {"name": plan.name, "version_ids": list(plan.version_ids), "draws": draws, "mixed": plan.mixed}


def _drawn(row: sa.Row[Any]) -> Drawn:
    facts = row.facts
    lists = {name: tuple(facts[name]) for name in ("fixed", "counts", "version_ids")}
    candidates = tuple(tuple(each) for each in facts["candidates"])
    known = {name: row._mapping[name] for name in ("id", "paper_id", "lesson_id", "by", "at")}
    return Drawn(**{**facts, **lists, "candidates": candidates, **known})


def _version(row: Mapping[str, Any]) -> Version:
    kept = {name: row[name] for name in Version.__dataclass_fields__}
    return Version(**{**kept, "content": content_of(row["content"])})
