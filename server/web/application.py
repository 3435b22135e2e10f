"""The aiohttp application: every route and what it passes through. Socket.IO attaches to the same one."""

from __future__ import annotations

import json

from aiohttp import web

from server.web import (
    api,
    films,
    health,
    hls,
    ical,
    openapi,
    paper,
    providers,
    scans,
    streamheaders,
    streams,
    tus,
    views,
)
from server.web.guards import add_headers, identified, paced, same_origin
from server.web.pages import Pages
from server.web.site import SITE, Site


def build(site: Site) -> web.Application:
    app = web.Application(middlewares=[identified, paced, same_origin], client_max_size=site.settings.body_bytes)
    app[SITE] = site
    app.on_response_prepare.append(add_headers)
    app.on_response_prepare.append(streamheaders.add)
    for calls in api.ALL:
        app.add_routes(calls.routes())
    app.add_routes([web.get("/api/openapi.json", Document(site.version).serve)])
    app.add_routes(
        [
            *streams.routes(),
            *views.routes(),
            *hls.routes(),
            *films.routes(),
            *paper.routes(),
            *scans.routes(),
            *providers.routes(),
            *ical.routes(),
            *tus.routes(),
            *health.routes(),
        ]
    )
    return app


def add_pages(app: web.Application, site: Site) -> None:
    """Last of all, because it takes every path that is left."""
    app.router.add_get("/{path:.*}", Pages(site.client).serve)


class Document:
    """The OpenAPI document, made at its first reading: a start needs none."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._body: bytes | None = None

    async def serve(self, _request: web.Request) -> web.Response:
        if self._body is None:
            document = openapi.document(api.endpoints(), self._version)
            self._body = json.dumps(document, ensure_ascii=False).encode()
        return web.Response(body=self._body, content_type="application/json")
