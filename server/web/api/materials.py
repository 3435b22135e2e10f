"""Materials of a lesson (资料), and the long work on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import StringConstraints

from server.domain.materials import LONGEST_UPLOAD, NAME_LENGTH, TAKEN, MaterialKind, Release
from server.domain.refusals import Refusal
from server.services import jobs, materials
from server.services.depot import ORIGINAL
from server.services.jobs import JobView
from server.services.materials import MaterialView, Upload
from server.web.bodies import pieces
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query

calls = Endpoints()

_BYTES = "application/octet-stream"
_COMMAND = ("forbidden", "command_reused")
_OF_ONE = ("forbidden", "material_not_found")
_OF_FILE = (
    "file_too_large",
    "file_type_wrong",
    "clip_not_video",
    "upload_broken",
    "disk_full",
    "unsupported_media_type",
)
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH, pattern=r"^[^\x00-\x1f\x7f/\\]*$"),
]


class NewMaterial(Query):
    command_id: UUID
    kind: MaterialKind
    name: Name
    release: Release = Release.STAFF


class MaterialChange(Command):
    name: Name | None = None
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class Materials:
    items: tuple[MaterialView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/materials")
async def get_materials(call: Call, lesson_id: UUID) -> Materials:
    """Everything to who prepares the lesson, to others what they may read, oldest first."""
    site = call.site
    items = await materials.list_materials(
        site.house, site.pages, call.principal, str(lesson_id), call.now, login=call.login
    )
    return Materials(items)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/materials",
    status=201,
    upload=True,
    refusals=(*_COMMAND, *_OF_FILE, "materials_used", "materials_closed", "storage_unavailable"),
)
async def post_material(call: Call, lesson_id: UUID, query: NewMaterial) -> MaterialView:
    """Upload a file as the body; it is converted afterwards, by a job."""
    if call.request.content_type != _BYTES:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    if (call.request.content_length or 0) > TAKEN[query.kind].most_bytes:
        raise Refusal("file_too_large")
    call.site.pace.upload(call.principal.account_id)
    with call.site.uploads.place(call.principal.account_id):
        return await materials.upload(
            call.site.house,
            call.principal,
            str(lesson_id),
            str(query.command_id),
            said=Upload(query.kind, query.name, query.release),
            chunks=pieces(call, LONGEST_UPLOAD.total_seconds()),
            now=call.now,
        )


@calls.on("PATCH", "/api/v1/materials/{material_id}", refusals=(*_OF_ONE, "materials_closed", "command_reused"))
async def patch_material(call: Call, material_id: UUID, body: MaterialChange) -> MaterialView:
    """Another name, or other readers."""
    order = call.order(material_id, body)
    return await materials.change_material(*order, name=body.name, release=body.release, now=call.now)


@calls.on(
    "DELETE",
    "/api/v1/materials/{material_id}",
    status=204,
    refusals=(*_OF_ONE, "materials_closed", "material_on_stage", "clip_playing"),
)
async def delete_material(call: Call, material_id: UUID) -> None:
    """With its files; a conversion that runs is ended."""
    await materials.delete_material(call.site.house, call.principal, str(material_id), call.now)


@calls.on("GET", "/api/v1/materials/{material_id}/file", refusals=(*_OF_ONE, "material_not_ready"))
async def get_material_file(call: Call, material_id: UUID) -> web.StreamResponse:
    """The file as it was uploaded."""
    house = call.site.house
    material = await materials.readable_file(house, call.principal, str(material_id), call.now)
    path = await house.depot.file(material.id, ORIGINAL)
    film = material.kind is MaterialKind.CLIP
    name = material.name if film or material.name.lower().endswith(".pdf") else f"{material.name}.pdf"
    headers = {
        hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{quote(name)}",
        hdrs.CONTENT_TYPE: _BYTES if film else "application/pdf",
        hdrs.CACHE_CONTROL: "private, no-store",
    }
    return web.FileResponse(path, headers=headers)


@calls.on("GET", "/api/v1/jobs/{job_id}", refusals=("job_not_found",))
async def get_job(call: Call, job_id: UUID) -> JobView:
    """How far a job is."""
    return await jobs.see_job(call.site.house, call.principal, str(job_id), call.now)


@calls.on("POST", "/api/v1/jobs/{job_id}/cancel", refusals=("job_not_found", "job_over"))
async def post_job_cancel(call: Call, job_id: UUID) -> JobView:
    """End it; the material stays, failed."""
    return await jobs.cancel_job(call.site.house, call.principal, str(job_id), call.now)
