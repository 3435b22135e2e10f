"""What the control process does when its media process comes back at a bad moment."""

import asyncio

import pytest

from server.app import duties
from server.domain.refusals import Refusal
from server.services.following import restore_media

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
        await asyncio.wait_for(restored.wait(), 20)
    assert len(tries) == 3
