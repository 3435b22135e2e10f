"""What somebody is handed of their own data: a ZIP of JSON per data class, CSV per table and a page to read it by."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import IO, Any

from server.domain.cells import safe_cell
from server.domain.personal_data import WORDS, DataClass, Person
from server.domain.personal_inventory import INVENTORY
from server.domain.refusals import Refusal

Row = Mapping[str, Any]
MOST_SHOWN = 200
MOST_BYTES = 64 << 20
"""Of the packed file, which is kept in the record."""
_IN_MEMORY_BYTES = 4 << 20
SHEETS = "attendance_sheets"
_SECRETS = (
    "不包含密码、动态口令密钥、登录令牌等凭据，也不包含其他人的信息（例如由谁审批）。",
    "Passwords, secrets and tokens are left out, and so is what speaks of others (who decided, for instance).",
)
_STYLE = (
    "body{font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;margin:24px;color:#1F2329}"
    "table{border-collapse:collapse;margin:8px 0 24px}td,th{border:1px solid #E3E6EB;padding:4px 8px;text-align:left;"
    "vertical-align:top;font-size:14px}small{color:#5C6470}div{overflow-x:auto}"
)


@dataclass(frozen=True, slots=True)
class Paper:
    """``tables``: the person's rows by table, some at a time, each read once while the file is written.
    ``titles``: of lessons, by id.
    """

    person: Person
    tables: Mapping[str, Iterable[Sequence[Row]]]
    titles: Callable[[frozenset[str]], Mapping[str, str]]
    made_at: dt.datetime


@dataclass(slots=True)
class _Shown:
    """Of a table what the page shows of it."""

    count: int = 0
    rows: list[Row] = field(default_factory=list)


def zipped(paper: Paper, heard: Callable[[int], None] = lambda _percent: None) -> bytes:
    """Deterministic but for what it says. Never more of it in memory than some rows and the packed file.

    Rows are read once, for JSON and CSV: the CSVs are packed beside, then poured in. ``heard`` is told the percentage,
    often, and may raise. Raises ``export_too_large``.
    """
    shown = {name: _Shown() for name in paper.tables}
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file, tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as by:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, zipfile.ZipFile(by, "w") as tables:
            done = 0
            for kind, names in _classes(paper.tables):
                with archive.open(_entry(paper, f"{kind.value}.json"), "w") as out:
                    for text in _class(paper, kind, names, shown, tables):
                        out.write(text.encode("utf-8", "replace"))
                        heard(99 * done // len(paper.tables))
                        if file.tell() + by.tell() > MOST_BYTES:
                            raise Refusal("export_too_large", paper.person.account_id)
                done += len(names)
            archive.writestr(_entry(paper, "index.html"), _index(paper, shown).encode("utf-8", "replace"))
            tables.close()
            _pour(by, archive)
        file.seek(0)
        return file.read()


def _pour(source: IO[bytes], archive: zipfile.ZipFile) -> None:
    """Every file of the ZIP ``source``."""
    with zipfile.ZipFile(source) as packed:
        for info in packed.infolist():
            with packed.open(info) as given, archive.open(_again(info), "w") as taken:
                shutil.copyfileobj(given, taken)


def _again(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(info.filename, info.date_time)
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def _class(
    paper: Paper, kind: DataClass, names: Sequence[str], shown: Mapping[str, _Shown], tables: zipfile.ZipFile
) -> Iterator[str]:
    """JSON, in pieces of some rows; the same rows go to a CSV for each table among ``tables``."""
    words = WORDS[kind]
    said = {"class": kind.value, "title": words.title, "title_en": words.title_en}
    yield f'{json.dumps(said, ensure_ascii=False)[:-1]}, "tables": {{'
    for at, name in enumerate(names):
        yield f'{"," if at else ""}\n "{name}": ['
        with tables.open(_entry(paper, f"csv/{name}.csv"), "w") as out:
            for some in paper.tables[name]:
                rows = list(_titled(paper, some))
                out.write(_lines(rows, first=shown[name].count == 0))
                yield _pieces(rows, shown[name])
        yield "]"
    yield "}}\n"


def _pieces(rows: Iterable[Row], shown: _Shown) -> str:
    lines = []
    for row in rows:
        lines.append(f"{',' if shown.count else ''}\n  {json.dumps(row, ensure_ascii=False, default=_plain)}")
        shown.count += 1
        if len(shown.rows) < MOST_SHOWN:
            shown.rows.append(row)
    return "".join(lines)


def _lines(rows: Sequence[Row], *, first: bool) -> bytes:
    """CSV as spreadsheets read it (RFC 4180): UTF-8 with a byte order mark, a title line, formulas neutralised. Lists
    and objects are JSON. All rows of a table have the columns of its first, and of lessons the title beside the id.
    """
    if not rows:
        return b""
    titles = [key for key in rows[0] if key != _TITLE]
    titles += [_TITLE] if "lesson_id" in rows[0] else []
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    if first:
        out.write("\ufeff")
        lines.writerow(titles)
    lines.writerows([safe_cell(_cell(row.get(key))) for key in titles] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


_TITLE = "lesson_title"


def _titled(paper: Paper, rows: Sequence[Row]) -> Iterator[Row]:
    titles = paper.titles(frozenset(str(row["lesson_id"]) for row in rows if row.get("lesson_id")))
    for row in rows:
        title = titles.get(str(row.get("lesson_id")))
        yield {**row, _TITLE: title} if title is not None else dict(row)


def _index(paper: Paper, shown: Mapping[str, _Shown]) -> str:
    parts = [
        "<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>我的数据 My data</title>",
        f"<style>{_STYLE}</style><h1>我的数据 <small>My data</small></h1>",
        f"<p>{escape(paper.person.name)}（{escape(paper.person.number)}） · {_plain(paper.made_at)}</p>",
        f"<p>{_SECRETS[0]}<br><small>{_SECRETS[1]}</small></p>",
        *(_section(kind, {name: shown[name] for name in names}) for kind, names in _classes(paper.tables)),
        "<h2>未包含的内容 <small>What is left out</small></h2><ul>",
        *_left_out(),
        "</ul></html>",
    ]
    return "\n".join(parts)


def _section(kind: DataClass, tables: Mapping[str, _Shown]) -> str:
    words = WORDS[kind]
    head = f"<h2>{words.title} <small>{words.title_en} · {kind.value}.json · csv/</small></h2>"
    about = f"<p>{words.about}<br><small>{words.about_en}</small></p>"
    return "\n".join((head, about, *(_table(name, shown) for name, shown in tables.items())))


def _table(name: str, shown: _Shown) -> str:
    head = f"<h3>{name} <small>{shown.count}</small></h3>"
    if not shown.rows:
        return f"{head}<p>没有记录 <small>nothing</small></p>"
    titles = "".join(f"<th>{escape(key)}</th>" for key in shown.rows[0])
    lines = ("".join(f"<td>{escape(_cell(value))}</td>" for value in row.values()) for row in shown.rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    more = f"<p>其余 {shown.count - MOST_SHOWN} 条见 JSON <small>the rest is in the JSON</small></p>"
    return f"{head}<div><table><tr>{titles}</tr>{body}</table></div>{more if shown.count > MOST_SHOWN else ''}"


def _left_out() -> list[str]:
    reasons = {(held.kind, held.why, held.why_en) for held in INVENTORY.values() if held.why and not held.given_out}
    return [
        f"<li>{WORDS[kind].title} <small>{WORDS[kind].title_en}</small>：{why} <small>{why_en}</small></li>"
        for kind, why, why_en in sorted(reasons)
    ]


def _classes(tables: Iterable[str]) -> list[tuple[DataClass, list[str]]]:
    found = [(kind, [name for name in tables if INVENTORY[name].kind is kind]) for kind in DataClass]
    return [(kind, names) for kind, names in found if names]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_plain).strip('"')


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)


def _entry(paper: Paper, name: str) -> zipfile.ZipInfo:
    at = paper.made_at
    info = zipfile.ZipInfo(name, (max(1980, at.year), at.month, at.day, at.hour, at.minute, at.second))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
