"""``kill -9`` while answers come in, at the points where it hurts and at any moment: none that was acknowledged is
lost, none counts twice, and whoever sends again what he got no word about is heard once.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.access import AccountKind
from server.domain.accounts import Account
from server.domain.members import Member, MemberKind, Membership
from server.domain.quiz import Option, Question, QuestionKind, Terms, launched
from server.domain.roster import RosterEntry
from server.store.database import Database
from server.store.records import SqlRecords
from server.store.schema import answers
from tests.store.samples import DAWN, NOW, a_lesson, populate

pytestmark = pytest.mark.process

CROWD = 160
POINTS = ("put", "commit", "deliver", "", "")
OPTIONS = tuple(Option(name, name) for name in "abcd")
QUESTION = Question("p", "l1", 1, QuestionKind.MULTIPLE, "?", OPTIONS, ("a", "c"), "", 60)
MEMBERS = [f"k{n}" for n in range(CROWD)]


def fill(tx):
    populate(tx)
    tx.lessons.add(a_lesson("l1"))
    tx.members.add([Member(m, m, MemberKind.FULL) for m in MEMBERS], [Membership(m, "b1", DAWN) for m in MEMBERS])
    tx.accounts.add([Account(f"a-{m}", m, m, AccountKind.PERSON, member_id=m) for m in MEMBERS], [])
    tx.roster.add("l1", [RosterEntry(m, m, MemberKind.FULL, "b1", None) for m in MEMBERS])


class Zygote:
    """The program that forks a process for each order."""

    def __init__(self, process):
        self._process = process

    @classmethod
    @contextlib.asynccontextmanager
    async def started(cls):
        command = (sys.executable, "-m", "tests.store.answering_process")
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20
        )
        try:
            yield cls(process)
        finally:
            process.stdin.close()
            await process.wait()

    async def carry_out(self, order, *, kill_after=None):
        """What was acknowledged, by command. ``kill_after``: that many acknowledgements, then ``kill -9``."""
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        word, pid = (await self._line()).split()
        assert word == "pid"
        acknowledged = {}
        if kill_after == 0:
            _kill(int(pid))
        while (line := await self._line()) != "ended":
            _, command, received_at = line.split()
            acknowledged[command] = received_at
            if len(acknowledged) == kill_after:
                _kill(int(pid))
        return acknowledged

    async def _line(self):
        async with asyncio.timeout(60):
            line = (await self._process.stdout.readline()).decode().strip()
        assert line, "the program ended"
        return line


def _kill(pid):
    with contextlib.suppress(ProcessLookupError):  # with the last acknowledgements it may have ended by itself
        os.kill(pid, signal.SIGKILL)


async def test_kill_9_loses_no_acknowledged_answer_and_doubles_none(database_url, soak_seed, crash_rounds):
    chance = random.Random(soak_seed)
    database = await Database.open(database_url)
    await SqlRecords(database).write(fill)
    await database.close()
    async with Zygote.started() as zygote:
        for number in range(1, crash_rounds + 1):
            await _round(zygote, database_url, number, chance)


async def _round(zygote, url, number, chance):
    quiz = launched(QUESTION, f"q{number}", number, by="teacher", terms=Terms(grace_ms=0), now=NOW)
    await _with(url, lambda tx: tx.quizzes.add(replace(quiz, lesson_id="l1")))
    papers = [[f"a-{m}", m, str(uuid.UUID(int=chance.getrandbits(128))), chance.sample("abcd", 2)] for m in MEMBERS]
    # Each tenth is sent twice, as a phone does that got no word.
    sent = papers + [papers[n] for n in range(0, CROWD, 10)]
    chance.shuffle(sent)
    point = POINTS[number % len(POINTS)]
    order = {"url": url, "quiz": quiz.id, "papers": sent, "point": point, "nth": chance.randint(1, 6)}
    kill_after = None if point else chance.randint(0, CROWD)
    acknowledged = await zygote.carry_out(order, kill_after=kill_after)
    assert not point or len(acknowledged) < CROWD, "nobody was killed"
    rows = await _rows(url, quiz.id)
    assert acknowledged.keys() <= rows.keys(), f"lost in round {number} ({point or 'any moment'})"

    again = await zygote.carry_out({**order, "papers": papers, "point": ""})
    assert again.keys() == {paper[2] for paper in papers}
    assert {command: again[command] for command in acknowledged} == acknowledged
    rows = await _rows(url, quiz.id)
    assert rows == {command: (member, set(choice)) for _, member, command, choice in papers}
    outcome = await _with(url, lambda tx: tx.quizzes.close(quiz, NOW))
    assert (outcome.answered, outcome.expected) == (CROWD, CROWD)


async def _with(url, work):
    database = await Database.open(url)
    try:
        return await SqlRecords(database).write(work)
    finally:
        await database.close()


async def _rows(url, quiz_id):
    """Member and choice by command: as many rows as there are commands, as many commands as members."""
    query = sa.select(answers).where(answers.c.quiz_id == quiz_id)
    found = await _with(url, lambda tx: tx._connection.execute(query).all())
    assert len({row.member_id for row in found}) == len(found)
    return {row.command_id: (row.member_id, set(row.choice)) for row in found}
