"""One's own data: given out, and asked to be erased."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import hdrs, web

from server.services import data_exports, erasures
from server.services.data_exports import DataExportView
from server.services.erasures import ErasureView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Prose

calls = Endpoints()


@dataclass(frozen=True, slots=True)
class MyData:
    """``exports``: newest first. ``erasure``: the newest request to be erased."""

    exports: tuple[DataExportView, ...]
    erasure: ErasureView | None


class Wish(Command):
    note: Prose = ""


@calls.on("GET", "/api/v1/my-data")
async def get_my_data(call: Call) -> MyData:
    """What was asked for of one's own data."""
    house, who = call.site.house, call.principal
    return MyData(await data_exports.list_own(house, who), await erasures.own_erasure(house, who))


@calls.on("POST", "/api/v1/my-data/erasure", status=201, refusals=("forbidden", "command_reused"))
async def post_my_data_erasure(call: Call, body: Wish) -> ErasureView:
    """Ask to be erased; the security administrator decides."""
    call.site.pace.probe(call.principal.account_id)
    return await erasures.ask_erasure(call.site.house, call.principal, body.command, note=body.note, now=call.now)


@calls.on("POST", "/api/v1/my-data/erasure/withdraw", refusals=("erasure_over", "command_reused"))
async def post_my_data_erasure_withdraw(call: Call, body: Command) -> ErasureView:
    """Take the request back."""
    return await erasures.withdraw_erasure(call.site.house, call.principal, body.command, call.now)


@calls.on("POST", "/api/v1/my-data/exports", status=202, refusals=("forbidden", "too_fast", "command_reused"))
async def post_my_data_export(call: Call, body: Command) -> DataExportView:
    """Have one's own data put together as a file; three a day."""
    return await data_exports.ask_own(call.site.house, call.principal, body.command, call.now)


@calls.on("POST", "/api/v1/data-exports/{data_export_id}/cancel", refusals=("job_not_found", "job_over"))
async def post_data_export_cancel(call: Call, data_export_id: UUID) -> DataExportView:
    """End it."""
    return await data_exports.cancel_export(call.site.house, call.principal, str(data_export_id), call.now)


@calls.on(
    "GET",
    "/api/v1/data-exports/{data_export_id}/file",
    refusals=("job_not_found", "export_not_ready", "export_gone"),
    audited=True,
)
async def get_data_export_file(call: Call, data_export_id: UUID) -> web.Response:
    """The file, a ZIP, for a week."""
    content = await data_exports.file_of(call.site.house, call.principal, str(data_export_id), call.now)
    headers = {
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="my-data-{call.now:%Y%m%d}.zip"',
        hdrs.CACHE_CONTROL: "no-store",
    }
    return web.Response(body=content, content_type="application/zip", headers=headers)
