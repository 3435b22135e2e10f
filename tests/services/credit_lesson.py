"""A lesson of the demo organisation with people in it who reached, or missed, what its rule asks."""

import datetime as dt
import json

import sqlalchemy as sa

from server.domain.lessons import LessonStep
from server.domain.presence import Channel, Span
from server.domain.sign_ins import SignIn, Way
from server.services.demo import demo_id
from server.services.lessons import move_lesson
from server.store.schema import answers, quizzes
from tests.services.conftest import command_id
from tests.store.samples import NOW

MINUTE = dt.timedelta(minutes=1)
BEGINS = NOW + 15 * MINUTE  # as the demo lesson is planned
ENDS = BEGINS + 90 * MINUTE

PASSES, AT_VENUE, LEFT_EARLY, SILENT, ABSENT = "10001", "10061", "10002", "10003", "10004"
PEOPLE = (PASSES, AT_VENUE, LEFT_EARLY, SILENT, ABSENT)


def member(number):
    return demo_id(f"member {number}")


async def move(stage, step, at, by="admin", command=None):
    who = await stage.who(by)
    return await move_lesson(stage.house, who, stage.lesson_id, command or command_id(), step=LessonStep(step), now=at)


async def held(stage, database):
    """The lesson is over: five people of whom something is known, two questions asked."""
    await move(stage, "open", NOW)
    await sign_in(stage, PASSES, LEFT_EARLY, SILENT)
    await sign_in(stage, AT_VENUE, venue=await venue_id(stage, "venue1"))
    await move(stage, "start", BEGINS)
    await seen(stage, PASSES, until=ENDS)
    await seen(stage, LEFT_EARLY, until=BEGINS + 71 * MINUTE)  # 78.9 %
    await seen(stage, SILENT, until=ENDS)
    await venue_seen(stage, await venue_id(stage, "venue1"))
    await ask(stage, database, {PASSES: [True], AT_VENUE: [True, False], LEFT_EARLY: [True, True]})
    await move(stage, "end", ENDS)
    return stage


async def venue_id(stage, number):
    venue = (await stage.who(number)).venue_id
    return next(each.id for each in (await stage.lesson()).venues if each.venue_id == venue)


async def sign_in(stage, *numbers, venue=None, at=BEGINS - 5 * MINUTE):
    way = Way.QR if venue else Way.PHONE
    made = [SignIn(member(n), at, way, venue, demo_id(n), command_id()) for n in numbers]
    await stage.records.write(lambda tx: [tx.sign_ins.add(stage.lesson_id, each) for each in made])


async def seen(stage, number, *, until, since=BEGINS - 5 * MINUTE):
    span = Span(f"phone of {number}", since, until, Channel.SOCKET, member_id=member(number))
    await stage.records.write(lambda tx: tx.spans.checkpoint(stage.lesson_id, [span]))


async def venue_seen(stage, venue, until=ENDS):
    span = Span("screen", NOW, until, Channel.VENUE, lesson_venue_id=venue)
    await stage.records.write(lambda tx: tx.spans.checkpoint(stage.lesson_id, [span]))


async def ask(stage, database, given):
    """Two closed quizzes and one that nobody closed; ``given``: by number, right or wrong of the first ones."""
    ids = [f"quiz {number}" for number in (1, 2, 3)]
    asked = [
        {
            **{"id": quiz_id, "lesson_id": stage.lesson_id, "number": number, "question_id": "q", "kind": "single"},
            **{"text": "?", "options": [], "correct": [], "explanation": "", "seconds": 60},
            **{"launched_by": demo_id("lecturer"), "launched_at": BEGINS, "deadline_at": BEGINS + MINUTE},
            "closed_at": BEGINS + MINUTE if number < 3 else None,
        }
        for number, quiz_id in enumerate(ids, 1)
    ]
    answered = [
        {
            **{"quiz_id": ids[n], "member_id": member(number), "command_id": command_id(), "choice": []},
            **{
                "right": right,
                "marks": 100 * right,
                "received_at": BEGINS,
                "account_id": demo_id(number),
                "channel": "https",
            },
        }
        for number, each in given.items()
        for n, right in enumerate(each)
    ]
    await database.write(lambda c: (c.execute(sa.insert(quizzes), asked), c.execute(sa.insert(answers), answered)))


def facts(text):
    return json.loads(text)
