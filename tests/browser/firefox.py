"""Debian's (or any installed) Firefox by WebDriver BiDi (W3C): Playwright drives only a Firefox of its own making.

A page here knows the few things of a Playwright page that our tests use: ``goto``, ``evaluate``, ``screenshot``.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

NAMES = ("firefox-esr", "firefox")
LISTENING = "WebDriver BiDi listening on "
START_SECONDS = 60
COMMAND_SECONDS = 60
PREFERENCES: dict[str, bool | int | str] = {
    # Devices that are always there.
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    # As on an intranet: no OpenH264 plug-in is fetched.
    "media.gmp-manager.url": "",
    "media.gmp-manager.updateEnabled": False,
    "media.gmp-gmpopenh264.enabled": False,
    # It asks nobody outside for anything.
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    # Other tests make and remove networks on this machine: no request of ours is to be dropped for it.
    "network.manage-offline-status": False,
    "network.notify.changed": False,
    "services.settings.server": "data:,#none",
    "toolkit.telemetry.server": "",
    # A page that does not answer is the test's business.
    "dom.max_script_run_time": 0,
    "intl.accept_languages": "zh-CN, zh",
}


def executable() -> str:
    """The browser's path; ``FIREFOX`` in the environment wins. A missing browser is an error, never a skip."""
    found = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise FileNotFoundError("no Firefox: install the package `firefox-esr`, or name one in FIREFOX")
    return found


class FirefoxError(AssertionError):
    """The browser refused a command, or the page's script threw; the message is theirs."""


class Firefox:
    """One browser with a profile of its own. Open it with :meth:`launch`."""

    def __init__(self, process: asyncio.subprocess.Process, profile: Path) -> None:
        self._process = process
        self._profile = profile
        self._pages: list[FirefoxPage] = []
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._session: ClientSession | None = None
        self._socket: ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._draining: asyncio.Task[None] | None = None

    @classmethod
    async def launch(cls) -> Self:
        profile = Path(tempfile.mkdtemp(prefix="firefox-"))
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            executable(), "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile),
            "about:blank",
            env={**os.environ, "HOME": str(profile), "MOZ_HEADLESS": "1", "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        browser = cls(process, profile)
        try:
            await browser._connect(await asyncio.wait_for(browser._address(), START_SECONDS))
        except BaseException:
            await browser.close()
            raise
        return browser

    async def _address(self) -> str:
        assert self._process.stdout is not None
        said: list[str] = []
        while line := (await self._process.stdout.readline()).decode(errors="replace"):
            said.append(line)
            if LISTENING in line:
                return line.partition(LISTENING)[2].strip()
        raise FirefoxError(f"Firefox ended before it listened:\n{''.join(said)[-2000:]}")

    async def _connect(self, address: str) -> None:
        self._draining = asyncio.create_task(self._drain())
        self._session = ClientSession()
        self._socket = await self._session.ws_connect(f"{address}/session", max_msg_size=0)
        self._reading = asyncio.create_task(self._read())
        await self.command("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})

    async def _drain(self) -> None:
        """What it goes on to say is of no interest, but a full pipe would stop it."""
        assert self._process.stdout is not None
        while await self._process.stdout.read(65_536):
            pass

    async def _read(self) -> None:
        assert self._socket is not None
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            told = json.loads(message.data)
            future = self._waiting.pop(told.get("id", 0), None)
            if future is not None and not future.done():
                future.set_result(told)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(FirefoxError("Firefox is gone"))

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """One BiDi command, and its result."""
        assert self._socket is not None
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        told = await asyncio.wait_for(future, COMMAND_SECONDS)
        if told["type"] != "success":
            raise FirefoxError(f"{method}: {told.get('error')}: {told.get('message')}")
        result: dict[str, Any] = told["result"]
        return result

    async def page(self, url: str, *, width: int = 1440, height: int = 900) -> FirefoxPage:
        """A new window, when the page there has loaded."""
        made = await self.command("browsingContext.create", type="window")
        page = FirefoxPage(self, made["context"])
        await self.command(
            "browsingContext.setViewport", context=page.context, viewport={"width": width, "height": height}
        )
        self._pages.append(page)
        await page.goto(url)
        return page

    async def close_pages(self) -> None:
        """All of them: a page that goes on encoding takes the next test's cores."""
        for page in self._pages:
            with contextlib.suppress(FirefoxError):
                await page.close()
        self._pages.clear()

    async def close(self) -> None:
        """Idempotent; the profile goes with it."""
        with contextlib.suppress(Exception):
            if self._socket is not None and not self._socket.closed:
                await asyncio.wait_for(self.command("browser.close"), 10)
        if self._process.returncode is None:
            try:
                await asyncio.wait_for(self._process.wait(), 10)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()
        tasks = [task for task in (self._reading, self._draining) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        shutil.rmtree(self._profile, ignore_errors=True)


class FirefoxPage:
    """One window: a tab behind another one would draw no pictures."""

    def __init__(self, browser: Firefox, context: str) -> None:
        self._browser = browser
        self.context = context

    async def goto(self, url: str) -> None:
        await self._browser.command("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def evaluate(self, function: str, argument: Any = None) -> Any:
        """What ``function(argument)`` returns or resolves to; both are what JSON can say."""
        called = await self._browser.command(
            "script.callFunction",
            functionDeclaration=f"async text => JSON.stringify((await ({function})(JSON.parse(text))) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(argument)}],
            target={"context": self.context},
            awaitPromise=True,
            userActivation=True,
        )
        if called["type"] != "success":
            raise FirefoxError(called["exceptionDetails"]["text"])
        return json.loads(called["result"]["value"])

    async def click(self, test_id: str) -> None:
        """The one thing with this test id, by the page's own handler."""
        await self.evaluate("id => document.querySelector(`[data-testid='${id}']`).click()", test_id)

    async def text(self, selector: str = "body") -> str:
        """What is to be read there; empty when there is no such thing."""
        return str(await self.evaluate("one => document.querySelector(one)?.innerText ?? ''", selector))

    async def screenshot(self, path: Path) -> None:
        shot = await self._browser.command("browsingContext.captureScreenshot", context=self.context)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def close(self) -> None:
        await self._browser.command("browsingContext.close", context=self.context)


__all__ = ["Firefox", "FirefoxError", "FirefoxPage", "executable"]
