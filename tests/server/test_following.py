"""A control process's own work: when its media process comes back at a bad moment, and at the end."""

import asyncio

import pytest

from server.app import duties
from server.domain.refusals import Refusal
from server.services.following import restore_media
from server.store.database import Database
from server.tasks import Tasks

from .conftest import open_school

pytestmark = pytest.mark.process


async def test_rooms_are_restored_as_soon_as_the_database_is_back(tmp_path, monkeypatch):
    tries = []
    restored = asyncio.Event()

    async def away_at_first(house, now):
        tries.append(now)
        if len(tries) < 3:
            raise Refusal("unavailable")
        await restore_media(house, now)
        restored.set()

    monkeypatch.setattr(duties, "restore_media", away_at_first)
    monkeypatch.setattr(duties, "_SWEEP_S", 0.01)
    async with open_school(tmp_path / "data"):
        await asyncio.wait_for(restored.wait(), 60)
    assert len(tries) == 3


async def test_whatever_reads_and_writes_has_ended_when_the_database_is_closed(tmp_path, monkeypatch):
    others, working, still = asyncio.all_tasks(), [], []
    close = Database.close

    def ours():
        names = [task.get_coro().__qualname__ for task in asyncio.all_tasks() - others]
        return [name for name in names if name.startswith(("Duties.", "Live.", "keep_time", "watch"))]

    async def closing(database):
        still.extend(ours())
        await close(database)

    monkeypatch.setattr(Database, "close", closing)
    async with open_school(tmp_path / "data"):
        working.extend(ours())
    assert {"Duties._sweep", "keep_time", "Live.run"} <= set(working)
    assert still == []


async def test_who_owns_tasks_hears_of_those_that_end_earlier():
    async def fails():
        raise LookupError("of a duty")

    async with Tasks() as tasks:
        async with Tasks(within=tasks) as duties:
            duties.start(fails())
            with pytest.raises(LookupError):
                await tasks.failed()
        assert not asyncio.all_tasks() & duties._running
