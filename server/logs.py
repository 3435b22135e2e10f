"""Structured logs: one JSON object a line with request, lesson and account ids, and never a secret.

A leaf. ``configure`` is called once per process; everybody else calls ``structlog.get_logger``. Standard-library
loggers (aiohttp, alembic) end in the same stream.
"""

from __future__ import annotations

import functools
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from server.settings import LogFormat, LogLevel

# Names whose values must never be written, wherever they come from.
_SECRET_NAMES = re.compile(r"pass(word)?|secret|token|ticket|cookie|authorization|grant|credential", re.IGNORECASE)
# Shapes that give a secret away inside a text: bearer headers, JWTs, our cookie, paths that are capabilities.
_SECRET_SHAPES = re.compile(
    r"(?i)(bearer\s+)\S+"
    r"|(__Host-[\w-]+=)[^;\s]+"
    r"|()eyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|()\bkit_[\w-]{20,}"
    r"|(/(?:hls|pages)/[^/\s]+/)[^/\s]+"
    r"|(/(?:s|calendar)/)[\w-]{20,}"
    r"|(/whi?e?p/resource/)[^/\s\"']+"
    r"|(://[^:/@\s]*:)[^@/\s]+(?=@)"
)
# A word without any of these holds no such shape: ids, the most of what is written, are not searched.
_OPEN = re.compile(r"[\s_./]")
_HIDDEN = "…"


def configure(level: LogLevel, form: LogFormat, stream: TextIO | None = None, *, process: str = "control") -> None:
    """Idempotent; the last call wins."""
    stream = sys.stderr if stream is None else stream
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)
    _standard_library(level, shared, renderer, stream)


def without_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The processor that hides secrets by name and by shape."""
    for name, value in event.items():
        if _is_secret(name):
            event[name] = _HIDDEN
        elif isinstance(value, str):
            event[name] = masked(value)
    return event


@functools.lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def masked(text: str) -> str:
    """The text with everything that looks like a secret hidden."""
    if _OPEN.search(text) is None:
        return text
    return _SECRET_SHAPES.sub(lambda found: "".join(group or "" for group in found.groups()) + _HIDDEN, text)


def _standard_library(
    level: LogLevel, shared: list[structlog.typing.Processor], renderer: structlog.typing.Processor, stream: TextIO
) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries are heard when something is wrong; our own lines carry the level that was asked for.
    root.setLevel(max(logging.getLevelNamesMapping()[level.upper()], logging.WARNING))
