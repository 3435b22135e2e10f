"""A real OpenID provider (npm's ``oidc-provider``) on loopback, and the walk through its pages by hand."""

import re
import shutil
import socket
import sys
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import aiohttp

from .process import Owner, ServerProcess, free_port

CLIENT = Path(__file__).resolve().parents[2] / "static"
SECRET = "a secret: with a colon"
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
_FIELD = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


class OpenId:
    """Not started before it knows where people are to be sent back to."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._folder = folder

    @contextmanager
    def running(self, redirect_uri: str):
        command = [node(), str(CLIENT / "dev" / "openid-provider.mjs"), str(self.port), redirect_uri]
        server = ServerProcess(command, self._folder, Owner(None, None), self._is_up)
        server.start()
        try:
            yield self
        finally:
            server.stop()

    def _is_up(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def node() -> str:
    """The system's, or the one that was prepared beside our Python."""
    return shutil.which("node") or str(Path(sys.executable).with_name("node"))


async def walk(browser: aiohttp.ClientSession, address: str, login: str) -> str:
    """Logs in and consents where that is asked; where the provider sends the browser back to."""
    for _ in range(12):
        async with browser.get(address, allow_redirects=False) as response:
            page, onward = await response.text(), response.headers.get("Location")
        while onward is None:
            action = urljoin(address, unescape(_FORM.search(page)[1]))
            fields = dict(_FIELD.findall(page)) | ({"login": login, "password": "any"} if "password" in page else {})
            async with browser.post(action, data=fields, allow_redirects=False) as response:
                page, onward = await response.text(), response.headers.get("Location")
        address = urljoin(address, onward)
        if "/login/provider/back" in address:
            return address
    raise AssertionError(f"no way back from {address}")
