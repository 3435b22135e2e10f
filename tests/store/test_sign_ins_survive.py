"""``kill -9`` while a hall signs in, at the points where it hurts and at any moment: no sign-in that was acknowledged
is lost or moved to another time, none counts twice, and whoever tries again is signed in once.
"""

import datetime as dt
import random
import uuid

import pytest
import sqlalchemy as sa

from server.domain.lessons import LessonState
from server.domain.members import MemberKind
from server.domain.roster import RosterEntry
from server.store.database import Database
from server.store.records import SqlRecords
from server.store.schema import sign_ins
from tests.store.samples import NOW, a_lesson
from tests.store.test_answers_survive import CROWD, MEMBERS, POINTS, ROUNDS, fill
from tests.store.zygote import Zygote, carried_out

pytestmark = pytest.mark.process

LATER = NOW + dt.timedelta(minutes=1)


async def test_kill_9_loses_no_acknowledged_sign_in_and_doubles_none(database_url, soak_seed):
    chance = random.Random(soak_seed)
    database = await Database.open(database_url)
    await SqlRecords(database).write(fill)
    await database.close()
    async with Zygote.started() as zygote:
        for number in range(1, ROUNDS + 1):
            await _round(zygote, database_url, number, chance)


async def _round(zygote, url, number, chance):
    lesson_id = f"s{number}"
    await carried_out(url, lambda tx: _open(tx, lesson_id))
    # Each tenth is sent twice, as a phone does that got no word.
    papers = [[f"a-{m}", m, str(uuid.UUID(int=chance.getrandbits(128))), f"phone of {m}"] for m in MEMBERS]
    sent = papers + [papers[n] for n in range(0, CROWD, 10)]
    chance.shuffle(sent)
    point = POINTS[number % len(POINTS)]
    order = {"url": url, "lesson": lesson_id, "at": NOW.isoformat(), "papers": sent, "point": point}
    kill_after = None if point else chance.randint(0, CROWD)
    nth = chance.randint(1, 6 if point == "commit" else 60)  # those that wait together are committed together
    acknowledged = await zygote.carry_out({**order, "nth": nth}, kill_after=kill_after)
    assert not point or len(acknowledged) < CROWD, "nobody was killed"
    kept = await _rows(url, lesson_id)
    assert acknowledged.keys() <= kept.keys(), f"lost in round {number} ({point or 'any moment'})"

    # A minute later everybody tries again: who was signed in before the kill, acknowledged or not, stays so.
    again = await zygote.carry_out({**order, "at": LATER.isoformat(), "papers": papers, "point": "", "nth": 0})
    assert again == {paper[2]: (NOW if paper[2] in kept else LATER).isoformat() for paper in papers}
    rows = await _rows(url, lesson_id)
    assert rows == {command: member for _, member, command, _ in papers}


def _open(tx, lesson_id):
    tx.lessons.add(a_lesson(lesson_id, state=LessonState.OPEN, venues=()))
    tx.roster.add(lesson_id, [RosterEntry(m, m, MemberKind.FULL, "b1", None) for m in MEMBERS])


async def _rows(url, lesson_id):
    """Member by command: as many rows as there are members."""
    query = sa.select(sign_ins).where(sign_ins.c.lesson_id == lesson_id)
    found = await carried_out(url, lambda tx: tx._connection.execute(query).all())
    assert len({row.member_id for row in found}) == len(found)
    return {row.command_id: row.member_id for row in found}
