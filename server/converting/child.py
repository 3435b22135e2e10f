"""What runs in the confined process: one craft on one file.

Standard input brings one JSON object, ``{"craft", "source", "into", "limits", "options"}``; standard output
carries JSON lines:
``{"walls": […]}`` first, ``{"progress": 0…100}`` now and then, at the end ``{"result": {…}}`` or ``{"refused": code}``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from server.converting import cage

_CRAFTS = {
    name: f"server.converting.{name}"
    for name in (
        *("slides", "clip", "film", "contact", "picture", "tables"),
        *("attendance", "certificate", "year", "printed"),
    )
}
_TOO_HEAVY = "conversion_too_heavy"


class Refused(Exception):
    """The file is not what it should be: the message is a refusal's code."""


class CraftModule(Protocol):
    def convert(
        self, source: Path, into: Path, progress: Callable[[int], None], **options: int
    ) -> Mapping[str, Any]: ...


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    limits = cage.Limits(**order["limits"])
    cage.lower(limits)
    try:
        craft: CraftModule = importlib.import_module(_CRAFTS[order["craft"]])
        source, into = Path(order["source"]), Path(order["into"])
        walls = cage.shut(limits, readable=(*_libraries(), source), folder=into)
        _say(walls=walls)
        _say(result=craft.convert(source, into, lambda percent: _say(progress=percent), **order["options"]))
    except Refused as refused:
        _say(refused=str(refused))
    except MemoryError:
        _say(refused=_TOO_HEAVY)


def _libraries() -> tuple[Path, ...]:
    """What an import or a font may still have to be read from."""
    ours = Path(__file__).parents[2]
    return (*map(Path, {sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64"}), ours / "server")


def _say(**what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")
