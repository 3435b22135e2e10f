"""One page as the person in front of it knows it: what it shows, what it plays aloud, what it complained about."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request

from tests.browser.media import SOURCES, Source

EYES = Path(__file__).with_name("eyes.js").read_text(encoding="utf-8")
POLL_SECONDS = 0.1
NO_PICTURE = 2  # the width that Chromium gives a track from which nothing has come yet
LISTEN_MS = 1200  # three beeps of any source
HEARD_DBFS = -45  # a beep of ours arrives at about -26
SILENT_DBFS = -65  # nothing at all is below -90; between the two it is still rising or fading
T = TypeVar("T")


class Waited(AssertionError):
    """Something didn't come true in time; the message says what, and what was seen last."""


async def until(
    look: Callable[[], Awaitable[T]], good: Callable[[T], Any], within: float, what: str, poll: float = POLL_SECONDS
) -> T:
    """The first ``look()`` that is ``good``. Raises :class:`Waited` after ``within`` seconds."""
    deadline = time.monotonic() + within
    while True:
        seen = await look()
        if good(seen):
            return seen
        if time.monotonic() > deadline:
            raise Waited(f"{what}: not within {within:g} s; last seen {seen!r}")
        await asyncio.sleep(poll)


@dataclass(frozen=True, slots=True)
class Picture:
    """One video element now, ``name`` its test id. ``frames``: decoded and not dropped (none while it is scrolled out).

    ``box``: left, top, width, height on the page.
    """

    name: str
    shown: bool
    box: tuple[int, int, int, int]
    size: tuple[int, int]
    frames: int
    live: bool
    paused: bool
    time: float
    failure: str | None
    rgb: tuple[int, int, int] | None
    number: int | None

    @property
    def area(self) -> int:
        return self.box[2] * self.box[3] if self.shown else 0

    @property
    def source(self) -> Source | None:
        """Whose colour this is: none when the picture is empty, a slate, or nobody's."""
        return nearest_source(self.rgb) if self.rgb else None


def nearest_source(rgb: tuple[int, int, int]) -> Source | None:
    near = min(SOURCES, key=lambda source: _distance(rgb, source.rgb))
    return near if _distance(rgb, near.rgb) < 60 else None


def _distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


def _picture(seen: dict[str, Any]) -> Picture:
    return Picture(**{k: tuple(v) if isinstance(v, list) else v for k, v in seen.items()})


@dataclass
class Face:
    """A page with `eyes.js` in it. ``complaints``: console errors, uncaught errors, CSP breaches, foreign requests."""

    name: str
    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def open(cls, name: str, context: BrowserContext, origin: str, path: str) -> Face:
        """A new page in a new context."""
        await context.add_init_script(EYES)
        return await cls._at(name, context, origin, origin + path)

    @classmethod
    async def beside(cls, other: Face, name: str) -> Face:
        """The same person opens the same page once more."""
        return await cls._at(name, other.page.context, other.origin, other.page.url)

    @classmethod
    async def _at(cls, name: str, context: BrowserContext, origin: str, url: str) -> Face:
        face = cls(name, await context.new_page(), origin)
        face.page.set_default_timeout(60_000)
        face.page.on("console", face._on_console)
        face.page.on("pageerror", lambda error: face.complaints.append(f"uncaught {error}"))
        face.page.on("request", face._on_request)
        await face.page.goto(url)
        return face

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"data", "blob", "about"}:
            return
        if f"{parts.scheme}://{parts.netloc}".replace("wss://", "https://") != self.origin:
            self.complaints.append(f"request to another host: {request.url}")

    async def pictures(self) -> list[Picture]:
        """Every video of the page, the largest on the screen first."""
        seen = [_picture(each) for each in await self.page.evaluate("eyes.pictures()")]
        return sorted(seen, key=lambda p: p.area, reverse=True)

    async def largest(self) -> Picture | None:
        return next((p for p in await self.pictures() if p.shown), None)

    async def sees(self, source: Source, within: float, *, frames: int = 15) -> Picture:
        """Until the largest picture is ``source``'s and has moved on by ``frames``."""
        first = await until(
            self.largest,
            lambda p: p is not None and p.source == source and p.number is not None,
            within,
            f"{self.name} sees {source.name}",
        )
        start = first.frames if first else 0
        moved = await until(
            self.largest,
            # A player that was replaced starts to count at zero again.
            lambda p: (
                p is not None and p.source == source and (p.frames >= start + frames or frames <= p.frames < start)
            ),
            within,
            f"{self.name} sees {source.name} move",
        )
        assert moved is not None
        return moved

    async def shows(self, source: Source, within: float) -> Picture:
        """Until any picture of the page (a tile of the wall, a preview) is ``source``'s."""

        async def look() -> list[Picture]:
            return [p for p in await self.pictures() if p.shown and p.source == source]

        return (await until(look, bool, within, f"{self.name} shows {source.name}"))[0]

    async def sees_screen(self, within: float) -> Picture:
        """Until the shared screen is there and moves."""

        async def look() -> Picture | None:
            return next((p for p in await self.pictures() if p.name == "video-screen" and p.size[0] > NO_PICTURE), None)

        first = await until(look, lambda p: p and p.shown, within, f"{self.name} sees a shared screen")
        assert first is not None
        more = await until(look, lambda p: p and p.frames > first.frames, within, f"{self.name}: the screen moves")
        assert more is not None
        return more

    async def levels(self, listen_ms: int = LISTEN_MS) -> dict[str, int]:
        """The loudest each source was heard within the time, in dBFS."""
        found = await self.page.evaluate(
            "([frequencies, time]) => eyes.hear(frequencies, time)", [[s.beep_hz for s in SOURCES], listen_ms]
        )
        return {source.name: level for source, level in zip(SOURCES, found, strict=True)}

    async def hears(self, *sources: Source, within: float) -> dict[str, int]:
        """Until exactly these sources are heard."""
        wanted = {source.name for source in sources}

        def exactly(levels: dict[str, int]) -> bool:
            loud = all(levels[name] > HEARD_DBFS for name in wanted)
            return loud and all(level < SILENT_DBFS for name, level in levels.items() if name not in wanted)

        try:
            return await until(self.levels, exactly, within, f"{self.name} hears {sorted(wanted) or 'nobody'}")
        except Waited as failure:
            raise Waited(f"{failure}; players: {await self.page.evaluate('eyes.players()')}") from failure

    async def peers_made(self) -> int:
        return int(await self.page.evaluate("eyes.peersMade()"))

    async def first_frame_ms(self) -> float | None:
        """From the first WHEP request to the first frame on the screen after it."""
        return await self.page.evaluate("""() => {
            const post = eyes.posts.find((p) => p.url.includes("/whep/"));
            const frame = post && eyes.firstFrames.find((f) => f.at > post.at);
            return frame ? frame.at - post.at : null;
        }""")

    async def breaches(self) -> list[str]:
        return list(await self.page.evaluate("eyes.breaches"))
