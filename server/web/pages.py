"""The built web client: hashed files cached for ever, every other path is the app's one page."""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

from server.domain.refusals import Refusal
from server.web.call import CALL
from server.web.guards import content_policy, problem_response

_HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_WITHIN = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_COMPRESSIBLE = (".html", ".js", ".css", ".svg", ".json", ".map", ".txt", ".webmanifest", ".wasm")
_SMALL = 1024
_OURS = ("/api/", "/whip/", "/whep/", "/hls/", "/socket.io/", "/s/")
_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2", ".wasm": "application/wasm"}
_MISSING = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>党校</title>
<h1>网页尚未构建</h1><p>服务器已启动，但网页客户端还没有构建。
请运行 <code>script/serve</code>，或先构建 <code>static/</code>。</p>
<h2>The web client is not built</h2><p>The server runs, but its pages are not built yet.
Run <code>script/serve</code>, or build <code>static/</code> first.</p></html>
"""


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    packed: bytes | None  # gzip
    content_type: str
    cache: str
    etag: str
    scripts: str  # those inside a page, as its policy names them


def built_client() -> Path | None:
    """Where the built client is: inside an installed package, else in the source tree."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_client", package.parent / "static" / "dist"):
        if (folder / "index.html").is_file():
            return folder
    return None


class Pages:
    """Serves exactly the files that were there at the start, from memory: no path can lead elsewhere."""

    def __init__(self, folder: Path | None) -> None:
        self._paths = {} if folder is None else _listed(folder)
        self._assets: dict[str, Asset] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(_OURS):
            return problem_response(Refusal("no_such_page"), request[CALL].request_id)
        asset = self._asset(request.path)
        if asset is None and "." in request.path.rpartition("/")[2]:
            return problem_response(Refusal("no_such_page"), request[CALL].request_id)
        asset = asset or self._asset("/index.html")
        if asset is None:
            return web.Response(text=_MISSING, content_type="text/html", status=503)
        return _response(request, asset)

    def _asset(self, path: str) -> Asset | None:
        if path not in self._paths:
            return None
        if path not in self._assets:
            self._assets[path] = _load(self._paths[path])
        return self._assets[path]


def _listed(folder: Path) -> dict[str, Path]:
    return {"/" + path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _load(path: Path) -> Asset:
    body = path.read_bytes()
    packs = path.suffix in _COMPRESSIBLE and len(body) > _SMALL
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(
        body=body,
        packed=gzip.compress(body, 6, mtime=0) if packs else None,
        content_type=kind,
        cache=_FOR_EVER if path.parent.name == "assets" and _HASHED.search(path.name) else "no-cache",
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        scripts=_hashes(body) if path.suffix == ".html" else "",
    )


def _hashes(page: bytes) -> str:
    """Content Security Policy 3, section 6.7.3: what exactly these bytes may do, no other script inside a page may."""
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _WITHIN.findall(page))
    return "".join(f" 'sha256-{digest}'" for digest in digests)


def _response(request: web.Request, asset: Asset) -> web.Response:
    headers = {hdrs.CACHE_CONTROL: asset.cache, hdrs.ETAG: asset.etag, hdrs.VARY: hdrs.ACCEPT_ENCODING}
    if asset.scripts:  # said again with a 304, which replaces what the browser has kept
        headers[hdrs.CONTENT_SECURITY_POLICY] = content_policy(request, asset.scripts)
    if request.headers.get(hdrs.IF_NONE_MATCH) == asset.etag:
        return web.Response(status=304, headers=headers)
    headers[hdrs.CONTENT_TYPE] = asset.content_type
    if asset.content_type.startswith("text/"):
        headers[hdrs.CONTENT_TYPE] += "; charset=utf-8"
    if asset.packed is not None and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        return web.Response(body=asset.packed, headers={**headers, hdrs.CONTENT_ENCODING: "gzip"})
    return web.Response(body=asset.body, headers=headers)
