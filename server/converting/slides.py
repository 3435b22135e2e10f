"""A PDF becomes pictures: every page in two sizes and as a thumbnail, and its words.

PDFium draws; it is built without JavaScript and XFA, and attachments are never opened. What comes in is judged before
it is drawn: the number of pages, and the size of each.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pypdfium2 as pdfium

from server.converting.cage import allow_cpu
from server.converting.child import Refused
from server.domain.materials import MOST_PAGES, TITLE_LENGTH

SIZES = {"screen": 1920, "phone": 1280, "thumb": 320}
"""Longest side in pixels, largest first: the smaller ones are made of the largest."""
_LEAST_POINTS, _MOST_POINTS = 36.0, 14_400.0  # half an inch; the format's own limit (ISO 32000-1, annex C)
_MOST_RATIO = 8.0
_PAGE_CPU_S = 20
_MOST_TEXT = 4000
_TITLE_BOXES = 40
_QUALITY = {"screen": 82, "phone": 80, "thumb": 70}
_PASSWORD = 4  # FPDF_ERR_PASSWORD


def convert(source: Path, into: Path, progress: Callable[[int], None]) -> Mapping[str, Any]:
    document = _open(source)
    count = len(document)
    if count > MOST_PAGES:
        raise Refused("pdf_too_many_pages")
    if count == 0:
        raise Refused("pdf_broken")
    sizes = [_size(document, number) for number in range(count)]
    words: list[str] = []
    titles: list[str] = []
    for number in range(count):
        allow_cpu(_PAGE_CPU_S)
        text, title = _draw(document, number, into)
        words.append(text)
        titles.append(title)
        progress(100 * (number + 1) // count)
    (into / "words.json").write_text(json.dumps(words, ensure_ascii=False))
    return {"pages": count, "titles": titles, "sizes": sizes}


def _open(source: Path) -> pdfium.PdfDocument:
    """Raises :class:`Refused`."""
    try:
        return pdfium.PdfDocument(source)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower()
        raise Refused("pdf_encrypted" if locked else "pdf_broken") from None


def _size(document: pdfium.PdfDocument, number: int) -> tuple[int, int]:
    """Of the page's largest picture, in pixels, without loading the page. Raises :class:`Refused`."""
    try:
        width, height = document.get_page_size(number)
    except pdfium.PdfiumError:
        raise Refused("pdf_broken") from None
    usual = all(math.isfinite(side) and _LEAST_POINTS <= side <= _MOST_POINTS for side in (width, height))
    if not usual or max(width, height) / min(width, height) > _MOST_RATIO:
        raise Refused("pdf_page_wrong")
    scale = SIZES["screen"] / max(width, height)
    return max(2, round(width * scale)), max(2, round(height * scale))


def _draw(document: pdfium.PdfDocument, number: int, into: Path) -> tuple[str, str]:
    """Its words and its title."""
    try:
        page = document[number]
        scale = SIZES["screen"] / max(page.get_size())
        bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=False)
        picture = bitmap.to_numpy()
        textpage = page.get_textpage()
        text = textpage.get_text_range(0, min(_MOST_TEXT, textpage.count_chars()))
        title = _title(textpage)
    except pdfium.PdfiumError:
        raise Refused("pdf_broken") from None
    frame = _frame(picture)
    for name, longest in SIZES.items():
        _write(frame, longest, into / f"{name}-{number + 1:03}.webp", _QUALITY[name])
    textpage.close()
    bitmap.close()
    page.close()
    return text, title


def _frame(picture: np.ndarray[Any, Any]) -> av.VideoFrame:
    """PDFium's rows: blue, green, red, and a fourth byte or none."""
    kind = "bgr24" if picture.shape[2] == 3 else "bgra"
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=kind)
    return frame.reformat(format="bgra") if kind == "bgr24" else frame


def _write(frame: av.VideoFrame, longest: int, path: Path, quality: int) -> None:
    scale = min(1.0, longest / max(frame.width, frame.height))
    width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    small = frame.reformat(width=width, height=height, interpolation="AREA") if scale < 1 else frame
    codec = av.CodecContext.create("libwebp", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "bgra"
    codec.time_base = Fraction(1, 25)
    codec.thread_count = 1
    codec.options = {"quality": str(quality), "preset": "text"}
    packets = [*codec.encode(small), *codec.encode(None)]
    path.write_bytes(b"".join(bytes(packet) for packet in packets))


def _title(textpage: pdfium.PdfTextPage) -> str:
    """What stands in the largest letters among its first lines, else its first line; "" where there are no words."""
    boxes = [textpage.get_rect(index) for index in range(min(_TITLE_BOXES, textpage.count_rects()))]
    heights = sorted(top - bottom for _, bottom, _, top in boxes)
    if not heights:
        return ""
    stands_out = heights[-1] > 1.15 * heights[len(heights) // 2]
    least = 0.85 * heights[-1] if stands_out else 0.0
    found: list[str] = []
    for box in boxes:
        if box[3] - box[1] >= least:
            found.append(textpage.get_text_bounded(*box))
        elif found:
            break
        if not stands_out:
            break
    return one_line(" ".join(found))


def one_line(text: str) -> str:
    """Fonts name some of their signs by what nobody can read, or what turns the rest of a line about."""
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())[:TITLE_LENGTH]
