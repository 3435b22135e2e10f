"""The REST part as an OpenAPI 3.1 document, made from the endpoints and their models: it cannot disagree with them."""

from __future__ import annotations

import http
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pydantic
from aiohttp import web

from server.domain.refusals import MEANINGS
from server.web.attendance_pdf import PDF, Pdf
from server.web.call import COOKIE
from server.web.endpoint import Endpoint, adapter
from server.web.sheets import XLSX, Xlsx

_REF = "#/components/schemas/{model}"
_EVERYWHERE = ("too_fast", "busy", "unavailable", "internal")
_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def document(endpoints: Iterable[Endpoint], version: str) -> dict[str, Any]:
    listed = tuple(endpoints)
    schemas, refs = _schemas(listed)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in listed:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "dangxiao 党校", "version": version, "description": "See docs/protocol.md."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _PROBLEM},
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": COOKIE}},
        },
    }


_TEXT = {"type": "string"}
_FILE = {"type": "string", "format": "binary"}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; the sentences are for people.",
    "required": ["type", "status", "code", "title", "title_en", "detail", "detail_en"],
    "properties": {
        "type": _TEXT,
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(MEANINGS)},
        "title": _TEXT,
        "title_en": _TEXT,
        "detail": _TEXT,
        "detail_en": _TEXT,
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": _TEXT, "message": _TEXT}},
        },
    },
}

# What is answered as it is.
_PLAIN: dict[Any, dict[str, Any]] = {
    web.Response: {"text/csv": {"schema": _TEXT}},
    Xlsx: {XLSX: {"schema": _FILE}},
    web.Response | Xlsx: {"text/csv": {"schema": _TEXT}, XLSX: {"schema": _FILE}},
    Pdf: {PDF: {"schema": _FILE}},
    Xlsx | Pdf: {XLSX: {"schema": _FILE}, PDF: {"schema": _FILE}},
    web.StreamResponse: {"application/pdf": {"schema": _FILE}},
}
Refs = dict[tuple[str, Any], dict[str, Any]]


def _schemas(endpoints: tuple[Endpoint, ...]) -> tuple[dict[str, Any], Refs]:
    inputs: list[tuple[Any, Any, Any]] = []
    for endpoint in endpoints:
        if endpoint.body is not None:
            inputs.append((("in", endpoint.body), "validation", pydantic.TypeAdapter(endpoint.body)))
        if not endpoint.bare and endpoint.answer not in _PLAIN:
            inputs.append((("out", endpoint.answer), "serialization", adapter(endpoint.answer)))
    unique = {(key, mode): (key, mode, each) for key, mode, each in inputs}
    found, shared = pydantic.TypeAdapter.json_schemas(unique.values(), ref_template=_REF)
    return shared.get("$defs", {}), {key: schema for (key, _), schema in found.items()}


def _operation(endpoint: Endpoint, refs: Refs) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": {str(endpoint.status): _answer(endpoint, refs), **_problems(endpoint)},
    }
    if endpoint.access == "session":
        operation["security"] = [{"session": []}]
    if endpoint.body is not None:
        content = {"application/json": {"schema": refs["in", endpoint.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.upload:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": _FILE}}}
    return operation


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    schemas = {UUID: {"type": "string", "format": "uuid"}}
    return [
        {"name": name, "in": "path", "required": True, "schema": schemas.get(hint, _TEXT)}
        for name, hint in endpoint.parts.items()
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema(ref_template=_REF)
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": each}
        for name, each in schema["properties"].items()
    ]


def _answer(endpoint: Endpoint, refs: Refs) -> dict[str, Any]:
    description = http.HTTPStatus(endpoint.status).phrase
    if endpoint.bare:
        return {"description": description}
    if endpoint.answer in _PLAIN:
        return {"description": description, "content": _PLAIN[endpoint.answer]}
    return {
        "description": description,
        "content": {"application/json": {"schema": refs["out", endpoint.answer]}},
    }


def _problems(endpoint: Endpoint) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in sorted(codes_of(endpoint)):
        by_status.setdefault(MEANINGS[code].status, []).append(code)
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {
        str(status): {"description": ", ".join(f"`{code}`" for code in codes), "content": content}
        for status, codes in by_status.items()
    }


def codes_of(endpoint: Endpoint) -> frozenset[str]:
    """Every refusal that this endpoint may answer with."""
    codes = {*endpoint.refusals, *_EVERYWHERE}
    if endpoint.access == "session":
        codes.add("not_logged_in")
    if endpoint.method in _UNSAFE:
        codes.add("origin_refused")
    if endpoint.body is not None:
        codes |= {"invalid_body", "body_too_large", "unsupported_media_type"}
    if endpoint.query is not None:
        codes.add("invalid_body")
    if "lesson_id" in endpoint.parts:
        codes.add("lesson_not_found")
    return frozenset(codes)
