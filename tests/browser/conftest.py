"""One Playwright for the session, one server for each test module, browsers by camera."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.async_api import Playwright, async_playwright, expect

from tests.browser.house import House

expect.set_options(timeout=60_000)  # what is there comes at once; a starved machine is no failure


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


class Houses:
    """Servers for one module after the other: the next one starts, and the last one ends, while a module runs.

    Their threads stay until the end: the kernel ends a child with the thread that started it.
    """

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._threads = ThreadPoolExecutor(2)
        self._next: Future[House] | None = None
        self._ending: list[Future[None]] = []

    def take(self, more: bool) -> House:
        """``more``: another module will take one."""
        coming, self._next = self._next or self._start(), None  # one that did not start is no later module's fault
        taken = coming.result()
        if more:
            self._next = self._start()
        return taken

    def _start(self) -> Future[House]:
        return self._threads.submit(House.open, self._folders.mktemp("house"))

    def give_back(self, house: House, log: Path) -> None:
        self._ending.append(self._threads.submit(house.close, log))

    def close(self) -> None:
        try:
            if self._next is not None:
                self._next.result().close()
            for ending in self._ending:
                ending.result()
        finally:
            self._threads.shutdown()


@pytest.fixture(scope="session")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    opened = Houses(tmp_path_factory)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def house(houses: Houses, artifacts: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """A server of this module's own with the demonstration organisation."""
    running = houses.take(_comes_again(request))
    yield running
    houses.give_back(running, artifacts / f"server-{request.path.stem}.log")


def _comes_again(request: pytest.FixtureRequest) -> bool:
    """Whether a later module takes such a server, and has none of its own making."""
    takers = [item.path for item in request.session.items if "houses" in getattr(item, "fixturenames", ())]
    return takers[-1] != request.path


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots and measurements stay for people to look at."""
    folder = Path(__file__).parents[2] / ".artifacts"
    (folder / "screenshots").mkdir(parents=True, exist_ok=True)
    return folder
