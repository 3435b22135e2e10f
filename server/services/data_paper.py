"""What somebody is handed of their own data: a ZIP of JSON per data class and a page to read it by."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from server.domain.personal_data import WORDS, DataClass, Person
from server.domain.personal_inventory import INVENTORY

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
MOST_SHOWN = 200
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
    """``tables``: the person's rows by table. ``lessons``: titles by id."""

    person: Person
    tables: Rows
    lessons: Mapping[str, str]
    made_at: dt.datetime


def zipped(paper: Paper) -> bytes:
    """Deterministic but for what it says."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, paper, "index.html", index(paper))
        for kind, names in _classes(paper.tables):
            words = WORDS[kind]
            said = {"class": kind.value, "title": words.title, "title_en": words.title_en}
            tables = {name: [_with_title(row, paper.lessons) for row in paper.tables[name]] for name in names}
            text = json.dumps({**said, "tables": tables}, ensure_ascii=False, indent=1, default=_plain)
            _write(archive, paper, f"{kind.value}.json", text)
    return file.getvalue()


def index(paper: Paper) -> str:
    parts = [
        "<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>我的数据 My data</title>",
        f"<style>{_STYLE}</style><h1>我的数据 <small>My data</small></h1>",
        f"<p>{escape(paper.person.name)}（{escape(paper.person.number)}） · {_plain(paper.made_at)}</p>",
        f"<p>{_SECRETS[0]}<br><small>{_SECRETS[1]}</small></p>",
        *(_section(paper, kind, names) for kind, names in _classes(paper.tables)),
        "<h2>未包含的内容 <small>What is left out</small></h2><ul>",
        *_left_out(),
        "</ul></html>",
    ]
    return "\n".join(parts)


def _section(paper: Paper, kind: DataClass, names: Iterable[str]) -> str:
    words = WORDS[kind]
    head = f"<h2>{words.title} <small>{words.title_en} · {kind.value}.json</small></h2>"
    about = f"<p>{words.about}<br><small>{words.about_en}</small></p>"
    return "\n".join((head, about, *(_table(name, paper) for name in names)))


def _table(name: str, paper: Paper) -> str:
    rows = [_with_title(row, paper.lessons) for row in paper.tables[name]]
    head = f"<h3>{name} <small>{len(rows)}</small></h3>"
    if not rows:
        return f"{head}<p>没有记录 <small>nothing</small></p>"
    titles = "".join(f"<th>{escape(key)}</th>" for key in rows[0])
    lines = ("".join(f"<td>{escape(_cell(value))}</td>" for value in row.values()) for row in rows[:MOST_SHOWN])
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    more = f"<p>其余 {len(rows) - MOST_SHOWN} 条见 JSON <small>the rest is in the JSON</small></p>"
    return f"{head}<div><table><tr>{titles}</tr>{body}</table></div>{more if len(rows) > MOST_SHOWN else ''}"


def _left_out() -> list[str]:
    reasons = {(held.kind, held.why, held.why_en) for held in INVENTORY.values() if held.why and not held.given_out}
    return [
        f"<li>{WORDS[kind].title} <small>{WORDS[kind].title_en}</small>：{why} <small>{why_en}</small></li>"
        for kind, why, why_en in sorted(reasons)
    ]


def _classes(tables: Rows) -> list[tuple[DataClass, list[str]]]:
    found = [(kind, [name for name in tables if INVENTORY[name].kind is kind]) for kind in DataClass]
    return [(kind, names) for kind, names in found if names]


def _with_title(row: Mapping[str, Any], lessons: Mapping[str, str]) -> dict[str, Any]:
    title = lessons.get(str(row.get("lesson_id")))
    return {**row, "lesson_title": title} if title is not None else dict(row)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_plain).strip('"')


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)


def _write(archive: zipfile.ZipFile, paper: Paper, name: str, text: str) -> None:
    at = paper.made_at
    info = zipfile.ZipInfo(name, (max(1980, at.year), at.month, at.day, at.hour, at.minute, at.second))
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, text.encode("utf-8", "replace"))
