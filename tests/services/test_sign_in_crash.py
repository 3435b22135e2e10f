"""`kill -9` while a hall signs in: what was acknowledged is there, once, after the restart."""

import asyncio
import subprocess
import sys
from collections import Counter

import pytest

from server.services.demo import demo_id
from server.store.database import Database
from server.store.records import SqlRecords
from tests.services.conftest import make_lesson, make_stagehand

POINTS = ("random", "in_transaction", "before_commit", "before_answer")
NUMBERS = [str(number) for number in range(10001, 10121)]


@pytest.fixture
async def opened_url(database_url):
    """A lesson that is open, and nobody else at its database."""
    database = await Database.open(database_url)
    try:
        records = SqlRecords(database)
        stage = make_stagehand(records, await make_lesson(records))
        await stage.step("open")
    finally:
        await database.close()
    return database_url, stage.lesson_id


async def acknowledged(program, *words):
    """Of one round: whoever was told that they are signed in."""
    program.stdin.write((" ".join(words) + "\n").encode())
    await program.stdin.drain()
    found = []
    while (line := (await program.stdout.readline()).decode()) != "\n":
        assert line, "the program ended"
        found.append(line.strip())
    return found


@pytest.mark.timeout(900)
async def test_kill_9_loses_and_doubles_no_acknowledged_sign_in(opened_url, crash_rounds, soak_seed):
    """Every round goes on where the last one died: with whoever was not told yet, and some who were."""
    url, lesson_id = opened_url
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.services.crashing_register", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    told, deaths, acknowledgements = set(), Counter(), 0
    try:
        for round_ in range(crash_rounds):
            if len(told) == len(NUMBERS):
                await emptied(url, lesson_id)
                told = set()
            still = [number for number in NUMBERS if demo_id(f"member {number}") not in told]
            point = POINTS[round_ % len(POINTS)]
            known = NUMBERS[: round_ % 7]  # some come again after the restart
            answers = await acknowledged(program, url, lesson_id, point, str(soak_seed * 1000 + round_), *known, *still)
            told |= set(answers)
            acknowledgements += len(answers)
            deaths[point] += len(still) > len(answers)
            rows = Counter(row.member_id for row in await signed_in(url, lesson_id))
            assert told <= rows.keys()
            assert set(rows.values()) <= {1}
    finally:
        program.stdin.close()
        await program.wait()
    assert acknowledgements  # the last round may have begun anew and died at once
    assert deaths["in_transaction"]


async def signed_in(url, lesson_id):
    database = await Database.open(url)
    try:
        return await SqlRecords(database).read(lambda tx: tx.sign_ins.of(lesson_id))
    finally:
        await database.close()


async def emptied(url, lesson_id):
    """Everybody has signed in: the next rounds begin anew."""
    from server.store.schema import sign_ins

    database = await Database.open(url)
    try:
        await database.write(lambda c: c.execute(sign_ins.delete().where(sign_ins.c.lesson_id == lesson_id)))
    finally:
        await database.close()
