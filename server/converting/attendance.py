"""A 签到表 becomes a PDF, set by Typst: the template is ours, what stands in it comes in as data, never as markup.

In a process of its own, since what Typst remembers of a large document stays in memory for as long as the process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as fonts
import typst

PDF = "sheet.pdf"
_TEMPLATE = Path(__file__).with_name("attendance.typ")
_LONG_WORD = re.compile(r"([!-~]{16})(?=[!-~])")


def convert(source: Path, into: Path, progress: Callable[[int], None]) -> Mapping[str, Any]:
    form = json.loads(source.read_bytes())
    made = pdf_of(form)
    progress(90)
    (into / PDF).write_bytes(made)
    return {"bytes": len(made)}


def pdf_of(form: Mapping[str, Any]) -> bytes:
    """``form``: the fields of ``server.web.attendance_form``."""
    return set_pages(_TEMPLATE, breakable(form))


def set_pages(template: Path, form: Mapping[str, Any]) -> bytes:
    """As a PDF. Our fonts, the system's for rare characters only."""
    said = json.dumps(form, ensure_ascii=False)
    folder = fonts.sans_path().parent
    known = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[folder])
    compiler = typst.Compiler(template, root=template.parent, font_paths=known, sys_inputs={"form": said})
    made = compiler.compile(format="pdf", timestamp=0, pdf_tags=False)
    assert isinstance(made, bytes)
    return made


def breakable(said: Any) -> Any:  # noqa: ANN401 - JSON
    """A long word without a blank would run over its cell."""
    if isinstance(said, str):
        return _LONG_WORD.sub("\\1\u200b", said)
    if isinstance(said, dict):
        return {name: value if name == "foot" else breakable(value) for name, value in said.items()}
    return [breakable(each) for each in said] if isinstance(said, list | tuple) else said
