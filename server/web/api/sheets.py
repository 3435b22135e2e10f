"""签到表: seen, confirmed, superseded, verified, and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import Field, StringConstraints

from server.domain.attendance_sheets import MOST_REASONS
from server.domain.sheet_bundles import SheetFormat
from server.services import sheet_bundles, sheets
from server.services.sheet_bundles import SheetBundleView
from server.services.sheet_units import SheetUnitView, list_sheet_units
from server.services.sheets import Confirming, DraftView, Printable, SheetView, VerificationView
from server.web.attendance_pdf import Pdf
from server.web.attendance_xlsx import attendance_xlsx
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Query, Text
from server.web.sheets import Xlsx

calls = Endpoints()

_SEEN = ("forbidden", "unit_not_found", "sheet_not_yet", "sheet_too_large")
_PRINTED = ("sheet_busy", "conversion_failed", "conversion_too_heavy")
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Wanted(Query):
    format: SheetFormat = SheetFormat.XLSX


class NewBundle(Command):
    format: SheetFormat


@dataclass(frozen=True, slots=True)
class SheetBundles:
    items: tuple[SheetBundleView, ...]


class AbsenceReason(Form):
    member_id: UUID
    reason: Text


class Confirmation(Command):
    digest: Digest
    reasons: Annotated[tuple[AbsenceReason, ...], Field(max_length=MOST_REASONS, strict=False)] = ()
    why: Why = ""


@dataclass(frozen=True, slots=True)
class SheetUnits:
    items: tuple[SheetUnitView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/sheets", refusals=("forbidden", "sheet_not_yet"))
async def get_sheets(call: Call, lesson_id: UUID) -> SheetUnits:
    """Units whose attendance the caller sees, and which of them have a confirmed sheet."""
    return SheetUnits(await list_sheet_units(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on("GET", "/api/v1/lessons/{lesson_id}/sheets/{unit_id}", refusals=_SEEN)
async def get_sheet_draft(call: Call, lesson_id: UUID, unit_id: UUID) -> DraftView:
    """A unit's sheet as it stands now, with all that was confirmed before."""
    return await sheets.see_draft(call.site.house.records, call.principal, str(lesson_id), str(unit_id), call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/sheets/{unit_id}",
    status=201,
    refusals=(
        *(*_SEEN, "sheet_too_early", "sheet_empty", "sheet_changed", "sheet_same", "sheet_needs_reason"),
        "command_reused",
    ),
    large=True,
)
async def post_sheet(call: Call, lesson_id: UUID, unit_id: UUID, body: Confirmation) -> SheetView:
    """The secretary confirms what was seen; a later version supersedes the former, which stays."""
    return await sheets.confirm_sheet(
        *call.order(lesson_id, body),
        Confirming(str(unit_id), body.digest, {str(each.member_id): each.reason for each in body.reasons}, body.why),
        now=call.now,
    )


@calls.on("GET", "/api/v1/lessons/{lesson_id}/sheets/{unit_id}/file", refusals=(*_SEEN, *_PRINTED), audited=True)
async def get_sheet_draft_file(call: Call, lesson_id: UUID, unit_id: UUID, query: Wanted) -> Xlsx | Pdf:
    """The same as a file, marked as not confirmed."""
    records = call.site.house.records
    shown = await sheets.printable_draft(records, call.principal, str(lesson_id), str(unit_id), call.now)
    return await _file(call, shown, query)


@calls.on("GET", "/api/v1/sheets/{sheet_id}/file", refusals=("sheet_not_found", *_PRINTED), audited=True)
async def get_sheet_file(call: Call, sheet_id: UUID, query: Wanted) -> Xlsx | Pdf:
    """A confirmed sheet as a file; one that is superseded says so."""
    shown = await sheets.printable_sheet(call.site.house.records, call.principal, str(sheet_id), call.now)
    return await _file(call, shown, query)


async def _file(call: Call, shown: Printable, query: Wanted) -> Xlsx | Pdf:
    if query.format is SheetFormat.PDF:
        return await call.site.press.pdf(shown)
    return await attendance_xlsx(shown)


@calls.on("GET", "/api/v1/sheets/{sheet_id}/verification", refusals=("sheet_not_found",))
async def get_sheet_verification(call: Call, sheet_id: UUID) -> VerificationView:
    """The digest, reckoned anew from what is kept."""
    return await sheets.verify_sheet(call.site.house.records, call.principal, str(sheet_id), call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/sheets/{unit_id}/bundles",
    status=202,
    refusals=("forbidden", "unit_not_found", "sheet_not_yet", "sheet_empty", "too_fast", "command_reused"),
)
async def post_sheet_bundle(call: Call, lesson_id: UUID, unit_id: UUID, body: NewBundle) -> SheetBundleView:
    """Have the sheets of a unit and of all below it made, a file for each, in one archive."""
    return await sheet_bundles.ask_bundle(
        *call.order(lesson_id, body), unit_id=str(unit_id), form=body.format, now=call.now
    )


@calls.on(
    "GET",
    "/api/v1/lessons/{lesson_id}/sheets/{unit_id}/bundles",
    refusals=("forbidden", "unit_not_found", "sheet_not_yet"),
)
async def get_sheet_bundles(call: Call, lesson_id: UUID, unit_id: UUID) -> SheetBundles:
    """Those that the caller asked for, how far they are, newest first."""
    return SheetBundles(
        await sheet_bundles.list_bundles(call.site.house, call.principal, str(lesson_id), str(unit_id), call.now)
    )


@calls.on("POST", "/api/v1/sheet-bundles/{bundle_id}/cancel", refusals=("job_not_found", "job_over"))
async def post_sheet_bundle_cancel(call: Call, bundle_id: UUID) -> SheetBundleView:
    """End it."""
    return await sheet_bundles.cancel_bundle(call.site.house, call.principal, str(bundle_id), call.now)


@calls.on(
    "GET",
    "/api/v1/sheet-bundles/{bundle_id}/file",
    refusals=("job_not_found", "export_not_ready", "export_gone"),
    audited=True,
)
async def get_sheet_bundle_file(call: Call, bundle_id: UUID) -> web.Response:
    """The archive, a ZIP, for a day."""
    content = await sheet_bundles.bundle_file(call.site.house, call.principal, str(bundle_id), call.now)
    headers = {
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="sheets-{call.now:%Y%m%d}.zip"',
        hdrs.CACHE_CONTROL: "no-store",
    }
    return web.Response(body=content, content_type="application/zip", headers=headers)
