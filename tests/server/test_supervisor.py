"""Media processes serve and one stands by for all of them, whoever dies or hangs."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from server.link import children
from server.link.children import Backoff, Child
from server.link.pulse import Limits
from server.link.spare import Patience
from server.link.workers import MediaWorkers

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
AT_ONCE = Patience(calm_s=0.0, backoff=Backoff(first_s=0.01, most_s=0.05))
NEVER = Patience(calm_s=3600.0)


class Supervised:
    """All of them, and the first as if it were the only one."""

    def __init__(self, workers):
        self.workers = workers
        self.first, *self.others = workers.supervisors

    pid = property(lambda self: self.first.pid)
    ready = property(lambda self: self.first.ready)
    restarts = property(lambda self: self.workers.restarts)
    spare_pid = property(lambda self: self.workers.spare_pid)


@contextlib.asynccontextmanager
async def supervised(folder, patience=AT_ONCE, *, number=1, limits=None, **environment):
    command = (sys.executable, "-m", "tests.server.child")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    sockets = [folder / f"m{each}.sock" for each in range(number)]
    ours = [Child(command, environment, socket, (str(socket),)) for socket in sockets]
    workers = MediaWorkers(ours, patience=patience, limits=limits)
    running = asyncio.create_task(workers.run())
    try:
        await workers.started()
        yield Supervised(workers)
    finally:
        await workers.stop()
        await workers.stop()  # stopping twice is harmless
        await running


async def until(look, timeout_s=60.0):
    async with asyncio.timeout(timeout_s):
        while not (found := look()):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.01)
    return found


async def spare(supervisor, other_than=None):
    return await until(lambda: supervisor.spare_pid != other_than and supervisor.spare_pid)


async def serving(supervisor, other_than):
    await until(lambda: supervisor.ready.is_set() and supervisor.pid != other_than)
    return supervisor.pid


def running(*pids):
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


async def test_the_one_that_stands_by_takes_over_and_another_stands_by(tmp_path):
    async with supervised(tmp_path) as supervisor:
        first, second = supervisor.pid, await spare(supervisor)
        os.kill(first, signal.SIGKILL)
        assert await serving(supervisor, first) == second
        assert await spare(supervisor, second) not in {first, second}
        assert supervisor.restarts == 1


async def test_one_that_dies_standing_by_is_replaced_and_the_serving_one_goes_on(tmp_path):
    async with supervised(tmp_path) as supervisor:
        first, second = supervisor.pid, await spare(supervisor)
        os.kill(second, signal.SIGKILL)
        assert await spare(supervisor, second)
        assert (supervisor.pid, supervisor.restarts) == (first, 0)


async def test_when_both_die_one_is_started_anew(tmp_path):
    async with supervised(tmp_path) as supervisor:
        first, second = supervisor.pid, await spare(supervisor)
        os.kill(second, signal.SIGKILL)
        os.kill(first, signal.SIGKILL)
        third = await serving(supervisor, first)
        if third == second:  # the word went to one that was dying already
            third = await serving(supervisor, second)
        assert third not in {first, second}
        assert running(third) == [third]


async def test_without_one_that_stands_by_a_new_one_is_started(tmp_path):
    async with supervised(tmp_path, NEVER) as supervisor:
        first = supervisor.pid
        assert supervisor.spare_pid is None
        os.kill(first, signal.SIGKILL)
        assert await serving(supervisor, first)


async def test_one_that_cannot_stand_by_disturbs_nobody(tmp_path):
    async with supervised(tmp_path, CHILD_FAILS="1") as supervisor:
        first = supervisor.pid
        os.kill(first, signal.SIGKILL)
        assert await serving(supervisor, first)
        assert supervisor.spare_pid is None


async def test_a_stop_ends_both(tmp_path):
    async with supervised(tmp_path) as supervisor:
        pids = (supervisor.pid, await spare(supervisor))
    assert running(*pids) == []


async def test_a_stop_ends_one_that_is_still_getting_ready_to_stand_by(tmp_path):
    async with supervised(tmp_path):
        ours = psutil.Process()
        started = await until(lambda: [c.pid for c in ours.children() if "--standby" in c.cmdline()])
    assert running(*started) == []


async def test_one_spare_stands_by_for_several(tmp_path):
    async with supervised(tmp_path, number=2) as supervisor:
        one, two = (each.pid for each in supervisor.workers.supervisors)
        stood_by = await spare(supervisor)
        os.kill(two, signal.SIGKILL)
        await until(lambda: supervisor.others[0].pid == stood_by and supervisor.others[0].ready.is_set())
        assert supervisor.pid == one
        next_one = await spare(supervisor, stood_by)
        os.kill(one, signal.SIGKILL)
        assert await serving(supervisor, one) == next_one
        assert supervisor.restarts == 2


async def test_one_that_is_stopped_is_killed_and_replaced(tmp_path):
    async with supervised(tmp_path, limits=Limits(silent=3)) as supervisor:
        first, second = supervisor.pid, await spare(supervisor)
        os.kill(first, signal.SIGSTOP)
        assert await serving(supervisor, first) == second
        assert running(first) == []


async def test_one_that_never_says_that_it_lives_is_killed(tmp_path):
    async with supervised(tmp_path, limits=Limits(silent=2), CHILD_MUTE="1") as supervisor:
        first = supervisor.pid
        assert await serving(supervisor, first)
        assert running(first) == []


async def test_one_that_is_stopped_while_it_stands_by_is_not_waited_for_long(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "PROMOTION_S", 0.2)
    async with supervised(tmp_path) as supervisor:
        first, second = supervisor.pid, await spare(supervisor)
        os.kill(second, signal.SIGSTOP)
        os.kill(first, signal.SIGKILL)
        assert await serving(supervisor, first)
        third = await until(lambda: supervisor.ready.is_set() and supervisor.pid)
        assert third not in {first, second}
        assert running(first, second) == []
