"""Data protection (数据保护), for the security administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

from server.services import data_exports
from server.services.data_exports import DataExportView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Text

calls = Endpoints()

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


@dataclass(frozen=True, slots=True)
class DataExports:
    items: tuple[DataExportView, ...]


class OfSomebody(Command):
    """``number``: of the account."""

    number: Number
    reason: Text


@calls.on("GET", "/api/v1/data-exports", refusals=("forbidden",))
async def get_data_exports(call: Call) -> DataExports:
    """Those that administrators asked for, newest first."""
    return DataExports(await data_exports.list_asked(call.site.house, call.principal, call.now))


@calls.on(
    "POST",
    "/api/v1/data-exports",
    status=202,
    refusals=("forbidden", "account_not_found", "too_fast", "command_reused"),
)
async def post_data_export(call: Call, body: OfSomebody) -> DataExportView:
    """Have somebody's data put together as a file, with a reason."""
    return await data_exports.ask_of(
        *(call.site.house, call.principal, body.command), number=body.number, reason=body.reason, now=call.now
    )
