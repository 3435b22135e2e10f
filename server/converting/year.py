"""A unit's year of credit becomes a PDF, set by Typst as the 签到表 is: what stands in it is data, never markup."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from server.converting.attendance import PDF, breakable, set_pages

_TEMPLATE = Path(__file__).with_name("year.typ")


def convert(source: Path, into: Path, progress: Callable[[int], None]) -> Mapping[str, Any]:
    made = set_pages(_TEMPLATE, breakable(json.loads(source.read_bytes())))
    progress(90)
    (into / PDF).write_bytes(made)
    return {"bytes": len(made)}
