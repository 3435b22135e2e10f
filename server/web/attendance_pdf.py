"""The 签到表 as a PDF: set in a process of its own, one at a time."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol

from aiohttp import web

from server.domain.refusals import Refusal
from server.services.depot import Craft
from server.services.sheets import Printable
from server.web.attendance_form import form_of
from server.web.sheets import attachment

PDF = "application/pdf"
_MADE = "sheet.pdf"
_MOST_WAITING = 8
"""So many wait or are set; more are sent away."""


class Form(Protocol):
    """A dataclass of text."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class Pdf(web.Response):
    """A document."""


class Press:
    """``craft`` makes ``sheet.pdf`` of a form's JSON."""

    def __init__(self, craft: Craft) -> None:
        self._craft = craft
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def pdf(self, printable: Printable) -> Pdf:
        """Raises ``sheet_busy``, and what the craft refuses."""
        form = form_of(printable)
        body = await self.pdf_bytes(form)
        return Pdf(body=body, content_type=PDF, headers=attachment(f"{form.file}.pdf"))

    async def pdf_bytes(self, form: Form) -> bytes:
        """Raises as :meth:`pdf`."""
        if self._waiting >= _MOST_WAITING:
            raise Refusal("sheet_busy", retry_after_s=10)
        self._waiting += 1
        try:
            async with self._turn:
                return await self._set(form)
        finally:
            self._waiting -= 1

    async def _set(self, form: Form) -> bytes:
        with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
            source, into = Path(folder) / "form.json", Path(folder) / "made"
            await asyncio.to_thread(_lay_out, source, into, form)
            await self._craft(source, into, lambda _: None)
            return await asyncio.to_thread((into / _MADE).read_bytes)


def _lay_out(source: Path, into: Path, form: Form) -> None:
    into.mkdir()
    source.write_text(json.dumps(asdict(form), ensure_ascii=False), encoding="utf-8")
