"""Credit from outside: proofs, entries and their confirmation, and tables of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import Field, StringConstraints

from server.domain.outside import (
    MEDIA_TYPES,
    MOST_AT_ONCE,
    MOST_HUNDREDTHS,
    MOST_PROOF_BYTES,
    TITLE_LENGTH,
    OutsideState,
)
from server.domain.outside_sheet import DAY, HOURS, NAME, NUMBER, ORGANISER, REQUIRED, TITLE, TITLES
from server.domain.refusals import Refusal
from server.domain.stewards import held
from server.services import outside, outside_imports, outside_proofs
from server.services.depot import ORIGINAL
from server.services.outside import Decided, Said
from server.services.outside_imports import OutsideImportView, OutsideUpload
from server.services.outside_proofs import ProofView
from server.services.outside_views import OutsideView
from server.services.tables import MOST_FILE_BYTES
from server.web.bodies import pieces
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Day, Paged, Query
from server.web.sheets import Sheet, Xlsx, xlsx_response

calls = Endpoints()

_BYTES = "application/octet-stream"
_LONGEST_UPLOAD_S = 600.0
_OF_ONE = ("outside_not_found", "forbidden", "command_reused")
_WIDTHS = (14, 14, 36, 28, 14, 10)
_EXPLAINED = {
    NUMBER: "登录用的工号；同名时必填，其他情况可不填",
    NAME: "与名册一致",
    TITLE: "学了什么，如“安全生产管理培训班”",
    ORGANISER: "由哪里举办、证明由谁出具",
    DAY: "写成 2026-01-31，跨多天写最后一天；只能登记去年和今年的",
    HOURS: "折算后的学时，最多两位小数，如 4 或 4.5",
}
_EXAMPLE = ("10001", "张三", "安全生产管理培训班", "市安全生产培训中心", "2026-03-18", "8")
FileName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f/\\]*$"),
]
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
]

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NewProof(Query):
    command_id: UUID
    name: FileName


class NewOutside(Command):
    member_id: UUID | None = None
    title: Words
    organiser: Words
    held_on: Day
    hundredths: Annotated[int, Field(ge=1, le=MOST_HUNDREDTHS)]
    proof_id: UUID | None = None


class NamedProof(Command):
    proof_id: UUID


class Plain(Command):
    pass


class Decisions(Command):
    outside_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_AT_ONCE, strict=False)]
    confirm: bool
    answer: Reason = ""
    seen: Annotated[dict[UUID, Digest], Field(max_length=MOST_AT_ONCE)] = Field(default_factory=dict)


class Correction(Command):
    hundredths: Annotated[int, Field(ge=0, le=MOST_HUNDREDTHS)]
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class OwnListing(Query):
    year: Annotated[int, Field(ge=2000, le=2200)] | None = None


class OutsideListing(Paged):
    unit: UUID | None = None
    state: OutsideState | None = None
    year: Annotated[int, Field(ge=2000, le=2200)] | None = None


class NewImport(Query):
    command_id: UUID
    unit_id: UUID
    name: FileName
    plan: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    proof_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OwnOutside:
    items: tuple[OutsideView, ...]


@dataclass(frozen=True, slots=True)
class OutsidePage:
    items: tuple[OutsideView, ...]
    next_cursor: str | None


@calls.on(
    "POST",
    "/api/v1/outside-proofs",
    status=201,
    upload=True,
    refusals=(
        *("forbidden", "proofs_used", "file_too_large", "proof_type_wrong", "unsupported_media_type"),
        *("upload_broken", "disk_full", "storage_unavailable", "command_reused"),
    ),
)
async def post_outside_proof(call: Call, query: NewProof) -> ProofView:
    """A PDF, JPEG or PNG of 10 MiB at most, as the body; to be named by an outside credit within a day."""
    if call.request.content_type != _BYTES:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    if (call.request.content_length or 0) > MOST_PROOF_BYTES:
        raise Refusal("file_too_large")
    call.site.pace.upload(call.principal.account_id)
    with call.site.uploads.place(call.principal.account_id):
        return await outside_proofs.bring_proof(
            *(call.site.house, call.principal, str(query.command_id)),
            name=query.name,
            chunks=pieces(call, _LONGEST_UPLOAD_S),
            now=call.now,
        )


@calls.on("GET", "/api/v1/outside-proofs/{proof_id}/file", refusals=("proof_not_found",), audited=True)
async def get_outside_proof_file(call: Call, proof_id: UUID) -> web.StreamResponse:
    """The file as it was brought."""
    house = call.site.house
    proof = await outside_proofs.readable_proof(house, call.principal, str(proof_id), call.now)
    try:
        path = await house.outside_proofs.file(proof.id, ORIGINAL)
    except Refusal:
        raise Refusal("proof_not_found", f"no file of {proof.id}") from None
    headers = {
        hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{quote(proof.name)}",
        hdrs.CONTENT_TYPE: MEDIA_TYPES[proof.kind],
        hdrs.CACHE_CONTROL: "private, no-store",
    }
    return web.FileResponse(path, headers=headers)


@calls.on("GET", "/api/v1/outside-credits/mine")
async def get_own_outside(call: Call, query: OwnListing) -> OwnOutside:
    """The caller's own outside credit of a year, decided or not."""
    return OwnOutside(await outside.own_outside(call.site.house.records, call.principal, query.year, call.now))


@calls.on("GET", "/api/v1/outside-credits", refusals=("forbidden", "unit_not_found"))
async def get_outside(call: Call, query: OutsideListing) -> OutsidePage:
    """Outside credit of the members whom the caller looks after, newest first."""
    page = await outside.list_outside(
        *(call.site.house.records, call.principal),
        unit_id=str(query.unit) if query.unit else None,
        state=query.state,
        year=query.year,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )
    return OutsidePage(page.items, page.next_cursor)


@calls.on(
    "POST",
    "/api/v1/outside-credits",
    status=201,
    refusals=(
        *("forbidden", "member_not_found", "proof_not_found", "outside_day_wrong", "outside_twice"),
        *("outside_too_many", "command_reused"),
    ),
)
async def post_outside(call: Call, body: NewOutside) -> OutsideView:
    """Enter one's own, or that of a member whom one looks after."""
    return await outside.enter_outside(
        *(call.site.house.records, call.principal, body.command),
        said=Said(body.title, body.organiser, body.held_on, body.hundredths),
        proof_id=str(body.proof_id) if body.proof_id else None,
        member_id=str(body.member_id) if body.member_id else None,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/outside-credits/{outside_id}/proof",
    refusals=(*_OF_ONE, "proof_not_found", "outside_decided"),
)
async def post_outside_named_proof(call: Call, outside_id: UUID, body: NamedProof) -> OutsideView:
    """Give it a proof that the caller has brought."""
    records, proof_id = call.site.house.records, str(body.proof_id)
    order = (records, call.principal, str(outside_id), body.command)
    return await outside.prove_outside(*order, proof_id=proof_id, now=call.now)


@calls.on("POST", "/api/v1/outside-credits/{outside_id}/withdraw", refusals=(*_OF_ONE, "outside_decided"))
async def post_outside_withdraw(call: Call, outside_id: UUID, body: Plain) -> OutsideView:
    """Before it is decided."""
    records = call.site.house.records
    return await outside.withdraw_outside(records, call.principal, str(outside_id), body.command, call.now)


@calls.on(
    "POST",
    "/api/v1/outside-credits/decisions",
    refusals=(*_OF_ONE, "outside_own", "outside_decided", "outside_no_proof", "outside_changed", "outside_no_reason"),
)
async def post_outside_decisions(call: Call, body: Decisions) -> Decided:
    """Confirm, which enters them into the ledger, or refuse with a reason; all of them or none."""
    return await outside.decide_outside(
        *(call.site.house.records, call.principal, body.command),
        outside_ids=[str(each) for each in body.outside_ids],
        confirm=body.confirm,
        answer=body.answer,
        seen={str(outside_id): digest for outside_id, digest in body.seen.items()},
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/outside-credits/{outside_id}/correction",
    refusals=(*_OF_ONE, "outside_own", "outside_not_confirmed", "outside_same"),
)
async def post_outside_correction(call: Call, outside_id: UUID, body: Correction) -> OutsideView:
    """Another number than was confirmed, by an entry more; 0 takes all of it back."""
    return await outside.correct_outside(
        *(call.site.house.records, call.principal, str(outside_id), body.command),
        hundredths=body.hundredths,
        reason=body.reason,
        now=call.now,
    )


@calls.on("GET", "/api/v1/outside-template", refusals=("forbidden",))
async def get_outside_template(call: Call) -> Xlsx:
    """The empty table, with a sheet of an example and one of explanations."""
    held(call.principal)
    titles = [f"{title}*" if title in REQUIRED else title for title in TITLES]
    notes = {at: _EXPLAINED[title] for at, title in enumerate(TITLES)}
    sheets = [
        Sheet("校外学时", [titles], _WIDTHS, {}, notes),
        Sheet("示例", [TITLES, _EXAMPLE], _WIDTHS),
        Sheet("填写说明", [("列", "怎么填"), *_EXPLAINED.items()], (14, 80)),
    ]
    return await xlsx_response(sheets, "校外学时登记表.xlsx")


@calls.on(
    "POST",
    "/api/v1/outside-imports",
    status=201,
    upload=True,
    refusals=(
        *("forbidden", "unit_not_found", "unsupported_media_type", "file_too_large", "table_broken"),
        *("table_too_large", "table_no_titles", "conversion_failed", "conversion_too_heavy", "command_reused"),
        *("proof_not_found", "outside_import_has_errors", "outside_import_outdated", "outside_too_many"),
    ),
)
async def post_outside_import(call: Call, query: NewImport) -> OutsideImportView:
    """A table as the body: what it would enter, and every cell that is wrong; with the `plan` of that, enter it."""
    if call.request.content_type != _BYTES:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    site, unit_id = call.site, str(query.unit_id)
    await outside_imports.check_may_import(site.house.records, call.principal, unit_id, call.now)
    site.pace.upload(call.principal.account_id)
    with site.checks.place(call.principal.account_id):
        content = await call.read(MOST_FILE_BYTES, "file_too_large")
        return await outside_imports.import_outside(
            *(site.house.records, site.tables, call.principal, str(query.command_id)),
            unit_id=unit_id,
            upload=OutsideUpload(query.name, content, query.plan, str(query.proof_id) if query.proof_id else None),
            now=call.now,
        )
