"""The 签到表 as bytes, in the formats it is loaded down in: for archives of many."""

from __future__ import annotations

import asyncio

from server.domain.sheet_bundles import SheetFormat
from server.services.sheets import Printable
from server.web.attendance_form import form_of
from server.web.attendance_pdf import Press
from server.web.attendance_xlsx import xlsx_of


class SheetFiles:
    """A :class:`~server.services.sheet_bundles.SheetMaker`."""

    def __init__(self, press: Press) -> None:
        self._press = press

    async def __call__(self, shown: Printable, form: SheetFormat) -> bytes:
        """Raises ``sheet_busy``, and what the craft of the press refuses."""
        if form is SheetFormat.PDF:
            return await self._press.pdf_bytes(form_of(shown))
        return await asyncio.to_thread(lambda: xlsx_of(form_of(shown)))
