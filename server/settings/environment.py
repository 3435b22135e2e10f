"""Settings from the environment and back, and the table of them in the documents.

An unknown key raises :class:`BadSetting`, which names it. An empty value means the default.
"""

from __future__ import annotations

import dataclasses
import os
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.settings.values import HINTS, PREFIX, BadSetting, Settings, key_of, refuse

BAR = r"\|"  # a bar inside a Markdown table cell


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Raises :class:`BadSetting`. An empty value means the default."""
    environ = os.environ if environ is None else environ
    known = {key_of(name): name for name in HINTS}
    values: dict[str, Any] = {}
    for key, text in environ.items():
        if not key.startswith(PREFIX):
            continue
        if key not in known:
            raise BadSetting(key, text, "there is no such setting (see docs/operations.md)")
        if text.strip():
            values[known[key]] = _parse(known[key], text.strip())
    return Settings(**values)


def _parse(field: str, text: str) -> object:
    hint = HINTS[field]
    if hint is bool:
        return _switch(field, text)
    if hint is int:
        return _number(field, text)
    if hint is Path or Path in typing.get_args(hint):
        return Path(text)
    if typing.get_origin(hint) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _switch(field: str, text: str) -> bool:
    if text.lower() not in {"on", "off"}:
        refuse(field, text, "must be on or off")
    return text.lower() == "on"


def _number(field: str, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,12}", text):
        refuse(field, text, "must be a whole number")
    return int(text)


def to_environment(settings: Settings) -> dict[str, str]:
    """The inverse of :func:`from_environment`, for the media process. Defaults are left out."""
    changed = (f for f in dataclasses.fields(settings) if getattr(settings, f.name) != f.default)
    return {key_of(f.name): _text(getattr(settings, f.name)) for f in changed}


def shown(settings: Settings) -> Iterator[tuple[str, str, bool]]:
    """Key, value in force and whether it differs from the default; passwords are hidden."""
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        text = "…" if field.metadata["secret"] and value else _text(value)
        yield key_of(field.name), text, value != field.default


# ---- the table -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the settings table."""

    key: str
    default: str
    doc: str


def rows() -> Iterator[Row]:
    for field in dataclasses.fields(Settings):
        yield Row(key_of(field.name), _text(field.default), field.metadata["doc"])


def markdown_table() -> str:
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for row in rows():
        default = f"`{row.default}`" if row.default else "–"
        lines.append(f"| `{row.key}` | {default} | {row.doc.replace('|', BAR)} |")
    return "\n".join(lines)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
