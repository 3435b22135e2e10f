"""How many have answered a quiz, towards a desk: by the clock of whoever sends, however many answer."""

import asyncio
import itertools
from types import SimpleNamespace

import pytest

from server.live import tally
from server.live.tally import Tally
from server.services.quizzes import RunningCount

ANSWERS = 200
SECOND = 1000


class Clock:
    """Milliseconds that pass when a test says so; ``sleep`` stands in for asyncio's."""

    def __init__(self):
        self.now, self._sleepers = 0, []

    async def sleep(self, seconds):
        woken = asyncio.Event()
        self._sleepers.append((self.now + round(seconds * 1000), woken))
        await woken.wait()

    async def pass_(self, milliseconds):
        self.now += milliseconds
        for due, woken in self._sleepers:
            if due <= self.now:
                woken.set()
        self._sleepers = [each for each in self._sleepers if each[0] > self.now]
        for _ in range(10):  # whoever woke does what it can
            await asyncio.sleep(0)


class Desk:
    """Somebody of staff, and when it was shown what."""

    wants_count = sees_answers = True

    def __init__(self, clock):
        self.clock, self.shown = clock, []

    def show(self, picture):
        assert picture.name == "quiz"
        self.shown.append((self.clock.now, picture.data["answered"]))


class Hall:
    """A quiz that runs, whose answers each hint at the count."""

    def __init__(self, clock):
        self.answered, self.desk = 0, Desk(clock)
        self.tally = Tally(SimpleNamespace(records=None), "lesson", lambda: (self.desk,), self._give)

    async def _give(self, _client, work):
        work()

    async def count(self, _records, lesson_id):
        assert lesson_id == "lesson"
        return RunningCount("quiz", self.answered, ANSWERS, {"right": self.answered})

    def answer(self):
        self.answered += 1
        self.tally.hint()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(tally, "asyncio", SimpleNamespace(Event=asyncio.Event, sleep=clock.sleep))
    return clock


@pytest.fixture
async def hall(clock, monkeypatch):
    hall = Hall(clock)
    monkeypatch.setattr(tally, "running_count", hall.count)
    task = asyncio.create_task(hall.tally.run())
    hall.tally.hint()
    await clock.pass_(0)
    assert hall.desk.shown == [(0, 0)]
    yield hall
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_while_time_stands_a_burst_shows_nothing_more_and_then_its_sum(hall, clock):
    for _ in range(ANSWERS):
        hall.answer()
        await clock.pass_(0)
    assert hall.desk.shown == [(0, 0)]
    await clock.pass_(SECOND)
    assert hall.desk.shown == [(0, 0), (SECOND, ANSWERS)]
    await clock.pass_(SECOND)
    assert len(hall.desk.shown) == 2  # nothing changed


@pytest.mark.parametrize("every_ms", [1, 10, 70])
async def test_a_burst_is_one_count_a_second_and_none_is_left_out(hall, clock, every_ms):
    """docs/protocol.md, section 5: ``quiz`` is coalesced to one a second."""
    for _ in range(ANSWERS):
        hall.answer()
        await clock.pass_(every_ms)
    for _ in range(2):
        await clock.pass_(SECOND)
    times = [at for at, _ in hall.desk.shown]
    assert all(later - earlier >= SECOND for earlier, later in itertools.pairwise(times))
    assert hall.desk.shown[-1][1] == ANSWERS
    assert len(times) <= 2 + (ANSWERS * every_ms + SECOND) // SECOND
