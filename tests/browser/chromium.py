"""Debian's (or any installed) Chromium under Playwright, one process for each fake camera."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from playwright.async_api import Browser, Playwright

from tests.browser.media import Source, capture
from tests.servers.namespaces import Network

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--no-proxy-server",
)
FAKE_DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
SCHOOLS_ZONE = "Asia/Shanghai"
NO_UDP = tuple(f"--{force}webrtc-ip-handling-policy=disable_non_proxied_udp" for force in ("", "force-"))


def executable() -> str:
    """The browser's path; ``CHROMIUM`` in the environment wins. A missing browser is an error, never a skip."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise FileNotFoundError("no Chromium: install the package `chromium`, or name one in CHROMIUM")
    return found


def arguments(source: Source | None = None, *, udp: bool = True) -> list[str]:
    args = list(QUIET)
    if source is not None:
        files = capture(source)
        args += [
            *FAKE_DEVICES,
            f"--use-file-for-fake-video-capture={files.video}",
            f"--use-file-for-fake-audio-capture={files.audio}",
        ]
    if not udp:
        args += NO_UDP
    return args


async def launch(
    playwright: Playwright, source: Source | None = None, *, udp: bool = True, program: str | Path | None = None
) -> Browser:
    """A browser of its own: its camera and microphone are ``source``'s; without ``udp`` no media by WebRTC. It lives
    in the school's zone: a page's day is the server's at every hour.

    ``program``: what is started instead (:func:`elsewhere`).
    """
    args, env = arguments(source, udp=udp), {**os.environ, "TZ": SCHOOLS_ZONE}
    return await playwright.chromium.launch(executable_path=program or executable(), args=args, env=env)


def elsewhere(network: Network, folder: Path) -> Path:
    """A program that is the browser, on another machine as far as the network goes."""
    program = folder / f"chromium-{network.name}"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(network.command(executable()))} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program
