"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload).

Core, creation, expiration, checksum and termination.
"""

from __future__ import annotations

import base64
import binascii
import email.utils
from collections.abc import Mapping

from aiohttp import web
from multidict import CIMultiDict

from server.domain.refusals import Refusal
from server.domain.uploads import MOST_BYTES, check_name, read_number
from server.services.micro_uploads import Standing
from server.web.call import Call

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
_MOST_METADATA = 4096
_DIGEST_BYTES = 32


def check_version(call: Call) -> None:
    """Raises ``upload_version``."""
    if call.request.headers.get("Tus-Resumable") != VERSION:
        raise Refusal("upload_version", "Tus-Resumable")


def length(call: Call) -> int:
    """Of the whole file. Raises ``invalid_body``."""
    return read_number(call.request.headers.get("Upload-Length"), "Upload-Length")


def offset(call: Call) -> int:
    """Where the piece begins. Raises ``invalid_body``."""
    return read_number(call.request.headers.get("Upload-Offset"), "Upload-Offset")


def metadata(call: Call) -> Mapping[str, str]:
    """What was said of the file. Raises ``invalid_body``, ``upload_name``."""
    text = call.request.headers.get("Upload-Metadata", "")
    if len(text) > _MOST_METADATA:
        raise Refusal("invalid_body", "Upload-Metadata: too long")
    said: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = pair.partition(" ")
        said[key] = _word(value)
    if "filename" in said:
        check_name(said["filename"])
    return said


def _word(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refusal("invalid_body", "Upload-Metadata: base64 of UTF-8") from None


def checksum(call: Call) -> bytes | None:
    """The piece's SHA-256, when it was announced. Raises ``invalid_body``."""
    text = call.request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm != "sha256" or len(digest) != _DIGEST_BYTES:
        raise Refusal("invalid_body", "Upload-Checksum: sha256 and its base64")
    return digest


def tell(headers: CIMultiDict[str], standing: Standing) -> None:
    headers["Tus-Resumable"] = VERSION
    headers["Upload-Offset"] = str(standing.offset)
    headers["Upload-Length"] = str(standing.size_bytes)
    headers["Upload-Expires"] = email.utils.format_datetime(standing.expires_at, usegmt=True)


async def options(_request: web.Request) -> web.Response:
    """What is spoken here."""
    headers = {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,expiration,checksum,termination",
        "Tus-Checksum-Algorithm": "sha256",
        "Tus-Max-Size": str(MOST_BYTES),
    }
    return web.Response(status=204, headers=headers)


def routes() -> list[web.RouteDef]:
    paths = ("/api/v1/micro-videos/{video_id}/uploads", "/api/v1/uploads/{upload_id}")
    return [web.options(path, options) for path in paths]
