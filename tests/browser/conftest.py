"""One Playwright for the session, one server for each test module, browsers by camera."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Playwright, async_playwright

from tests.browser.house import House


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, artifacts: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """A server of this module's own with the demonstration organisation."""
    running = House.open(tmp_path_factory.mktemp("house"))
    try:
        yield running
    finally:
        running.close(artifacts / f"server-{request.path.stem}.log")


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots and measurements stay for people to look at."""
    folder = Path(__file__).parents[2] / ".artifacts"
    (folder / "screenshots").mkdir(parents=True, exist_ok=True)
    return folder
