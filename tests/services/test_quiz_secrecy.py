"""What is right in a quiz that runs again reaches nobody, whatever way it is asked for."""

import pytest

from server.domain.scoring import Key
from server.services.events import events_since, latest_events
from server.services.quiz_times import reopen_quiz
from server.services.remarking import remark_quiz
from tests.services.conftest import command_id
from tests.services.test_quizzes import Classroom, after

TELLING = ("quiz.closed", "quiz.remarked")
SOLUTION = {"correct", "blanks", "explanation", "distribution", "right", "marks"}


@pytest.fixture
async def room(live):
    return await Classroom(live).enrol()


@pytest.fixture
async def again(room):
    """Closed, marked again, and opened again."""
    quiz = await room.launch(seconds=20)
    await room.close(quiz)
    who, key = await room.stage.who("lecturer"), Key((quiz.options[0].id,))
    await remark_quiz(room.house, who, quiz.id, command_id(), key=key, reason="答案标错", after=0, now=after(20).at)
    await reopen_quiz(room.house, who, quiz.id, command_id(), seconds=60, reason="二车间断网", now=after(30))
    return quiz


def telling(page):
    return [event for event in page.events if event.kind in TELLING]


async def test_what_was_told_at_closing_and_at_remarking_is_kept_back_from_whoever_reads_the_log(room, again):
    member = await room.stage.who("10002")

    async def since(seq, who=member):
        page = await events_since(room.records, room.house.fanout, who, room.lesson_id, seq, now=after(31).at)
        return telling(page)

    closed, remarked = await since(0)
    assert [event.kind for event in await since(closed.seq)] == ["quiz.remarked"], "a page without the closing"
    newest = telling(
        await latest_events(room.records, member, room.lesson_id, nouns=("quiz",), last=10, now=after(31).at)
    )
    assert len(newest) == 2
    for event in (closed, remarked, *await since(closed.seq), *newest):
        assert not SOLUTION & event.data.keys()
    assert all(event.data.keys() >= SOLUTION for event in await since(0, await room.stage.who("lecturer")))
    await room.close(again, now=after(40))
    assert all(event.data.keys() >= SOLUTION for event in await since(0))
