"""Who was there comes back by itself: a page that was reloaded, and a machine whose network was away.

How long it took is written down (`.artifacts/return.json`), not asserted: it depends on what else the machine does.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import elsewhere, launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.media import LECTURER, VENUE
from tests.browser.people import BIG_SCREEN, PHONE, control, enter, press, publishing, read, state
from tests.servers.namespaces import Network, why_not

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

MEMBER = "10021"  # of a branch that takes part by phone
PATIENCE_S = 60.0
AWAY_S = 40.0
"""Longer than a consent lives (RFC 7675): the server has let the connections go."""


@dataclass
class Lesson:
    id: str
    desk: Face
    venue: Face
    phone: Face
    venue_source: str
    networks: dict[str, Network]
    figures: dict[str, float]

    @asynccontextmanager
    async def timed(self, what: str) -> AsyncIterator[None]:
        began = time.monotonic()
        yield
        self.figures[what] = round(time.monotonic() - began, 1)

    async def slots(self) -> dict[str, Any]:
        return (await read(self.desk, f"/lessons/{self.id}/stage"))["slots"]

    async def publishes(self, source: str, *, connected: bool) -> None:
        async def look() -> bool:
            sources = (await read(self.desk, f"/lessons/{self.id}/stage"))["sources"]
            return any(one["source"] == source and one["connected"] for one in sources)

        await until(look, lambda now: now is connected, PATIENCE_S, f"{source} connected: {connected}")


@pytest.fixture(scope="module")
def networks() -> Iterator[dict[str, Network]]:
    """Lecturer's desk and phone are machines of their own."""
    if missing := why_not():
        pytest.skip(missing)
    with Network() as desk, Network() as phone:
        yield {"desk": desk, "phone": phone}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, networks: dict[str, Network], artifacts: Path) -> Iterator[House]:
    addresses = ",".join(["127.0.0.1", *(network.here for network in networks.values())])
    running = House.open(tmp_path_factory.mktemp("house"), HOST="0.0.0.0", MEDIA_ADDRESSES=addresses)
    yield running
    running.close(artifacts / "server-test_return.log")


@pytest.fixture(scope="module")
async def browsers(
    playwright: Playwright, networks: dict[str, Network], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Browser, Browser, Browser]]:
    folder = tmp_path_factory.mktemp("browsers")
    desk, phone = (elsewhere(networks[who], folder) for who in ("desk", "phone"))
    opened = await asyncio.gather(
        launch(playwright, LECTURER, program=desk), launch(playwright, VENUE), launch(playwright, program=phone)
    )
    yield opened[0], opened[1], opened[2]
    await asyncio.gather(*(browser.close() for browser in opened))


@pytest.fixture(scope="module")
async def lesson(
    house: House, networks: dict[str, Network], browsers: tuple[Browser, Browser, Browser], artifacts: Path
) -> AsyncIterator[Lesson]:
    """On the air: lecturer and venue publish, a phone watches."""
    lecturer, branch, others = browsers
    desk_house, phone_house = (house.seen_from(networks[who].here) for who in ("desk", "phone"))
    desk = await enter(lecturer, desk_house, "desk", "lecturer", "/")
    id_ = (await read(desk, "/lessons?state=scheduled"))["items"][0]["id"]
    for event in ("open", "start"):
        body = {"command_id": str(uuid.uuid4()), "event": event}
        url = f"{desk.origin}/api/v1/lessons/{id_}/transitions"
        await desk.page.request.post(url, data=body, headers={"Origin": desk.origin})
    found = await state(desk, id_, "live")
    source = next(v["source"] for v in found["venues"] if v["part"] == "branch")
    await desk.page.goto(f"{desk.origin}/desk/{id_}")
    await press(desk, "open-devices")
    await press(desk, "publish")
    venue, phone = await asyncio.gather(
        enter(branch, house, "venue", "venue1", f"/venue/{id_}", **BIG_SCREEN),
        enter(others, phone_house, "phone", MEMBER, f"/m/{id_}", **PHONE),
    )
    await expect(control(venue, "venue-start")).to_be_visible()
    await venue.page.keyboard.press("Enter")
    await asyncio.gather(publishing(desk), publishing(venue))
    await press(phone, "phone-start")
    await phone.sees(LECTURER, within=60)
    ready = Lesson(id_, desk, venue, phone, source, networks, {})
    yield ready
    (artifacts / "return.json").write_text(json.dumps(ready.figures, indent=2) + "\n")


async def test_a_desk_that_is_reloaded_publishes_again_into_its_slot(lesson: Lesson) -> None:
    before = await lesson.slots()
    async with lesson.timed("desk reloaded, on the phone again"):
        await lesson.desk.page.reload()
        await publishing(lesson.desk, 60_000)
        await lesson.phone.sees(LECTURER, within=PATIENCE_S)
    assert await lesson.slots() == before
    await lesson.phone.hears(LECTURER, within=PATIENCE_S)


async def test_a_venue_that_is_reloaded_publishes_and_watches_again(lesson: Lesson) -> None:
    async with lesson.timed("venue reloaded, publishes and watches again"):
        await lesson.venue.page.reload()
        await publishing(lesson.venue, 60_000)
        await lesson.venue.sees(LECTURER, within=PATIENCE_S)
    await lesson.publishes(lesson.venue_source, connected=True)


async def test_a_phone_that_is_reloaded_watches_again_without_a_tap(lesson: Lesson) -> None:
    async with lesson.timed("phone reloaded, sees again"):
        await lesson.phone.page.reload()
        picture = await lesson.phone.sees(LECTURER, within=PATIENCE_S)
    assert picture.live


async def test_machines_whose_network_was_away_are_back_soon_after_it(lesson: Lesson) -> None:
    """Without a word: no packet passes, of no protocol, and nobody tells the browsers."""
    before = await lesson.slots()
    for who in ("desk", "phone"):
        lesson.networks[who].block("meta l4proto { tcp, udp }")
    await asyncio.sleep(AWAY_S)
    await lesson.publishes("main", connected=False)
    lesson.networks["desk"].lose(0.0)
    async with lesson.timed(f"desk {AWAY_S:.0f} s without a network, publishes again after it"):
        await publishing(lesson.desk, 60_000)
        await lesson.publishes("main", connected=True)
    lesson.networks["phone"].lose(0.0)
    async with lesson.timed(f"phone longer than {AWAY_S:.0f} s without a network, sees again after it"):
        await lesson.phone.sees(LECTURER, within=PATIENCE_S)
    assert await lesson.slots() == before
