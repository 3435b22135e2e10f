"""Pictures of what people saw, and what is wrong with their pages."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Locator

from tests.browser.eyes import Face
from tests.browser.inspection import defects
from tests.browser.people import DESK, PHONE


class Album:
    """``defects`` gathers what a careful reviewer finds; the pictures are called ``<series>-<name>-<width>``."""

    def __init__(self, folder: Path, series: str) -> None:
        self._folder = folder / "screenshots"
        self._series = series
        self.defects: list[str] = []

    async def keep(self, face: Face, name: str) -> None:
        """The page as it stands."""
        width = (face.page.viewport_size or {"width": 0})["width"]
        await face.page.screenshot(path=self._folder / f"{self._series}-{name}-{width}.png")
        self.defects += [f"{name}: {each}" for each in await defects(face)]

    async def study(self, face: Face, name: str, about: Locator | None = None) -> None:
        """The page dark at a desk and light on a phone; then as before. ``about``: what the picture is to show."""
        size = face.page.viewport_size
        for screen, look in ((DESK, "dark"), (PHONE, "light")):
            await face.page.set_viewport_size(screen["viewport"])
            await face.page.emulate_media(color_scheme=look)
            if about is not None:
                await about.evaluate("it => it.scrollIntoView({ block: 'center' })")
            await self.keep(face, f"{name}-{look}")
        await face.page.emulate_media(color_scheme="light")
        if size:
            await face.page.set_viewport_size(size)
