"""The README pages against the settings, the scripts and the files they name."""

import re
from pathlib import Path

import pytest

from server import settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
ROWS = [line for line in settings.markdown_table().splitlines() if line.startswith("| `DANGXIAO_")]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def table(page: Path) -> list[str]:
    return [line for line in page.read_text().splitlines() if line.startswith("| `DANGXIAO_")]


def test_the_configuration_table_says_what_the_settings_say() -> None:
    assert table(PAGES[0])
    assert [row for row in table(PAGES[0]) if row not in ROWS] == []


def test_the_chinese_table_has_the_same_settings_and_defaults() -> None:
    assert [cells(row)[:2] for row in table(PAGES[1])] == [cells(row)[:2] for row in table(PAGES[0])]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_named_exists(page: Path) -> None:
    known = {row.key for row in settings.rows()}
    assert set(re.findall(r"\bDANGXIAO_[A-Z_]+", page.read_text())) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_script_named_exists(page: Path) -> None:
    text = page.read_text()
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    scripts = re.findall(r"\bscript/[a-z-]+", text)
    assert linked
    assert [name for name in {*linked, *scripts} if not (ROOT / name).exists()] == []


def test_the_operations_page_has_every_setting_and_no_other() -> None:
    assert table(ROOT / "docs" / "operations.md") == ROWS


def test_the_index_of_decisions_names_each_once_in_order_under_its_plane() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    pages = sorted(path for path in folder.glob("[0-9]*.md"))
    assert pages
    parts = [re.findall(r"^\| \[\d{4}\]\(([^)]+)\)", part, re.MULTILINE) for part in index.split("| | **")]
    assert sorted(name for part in parts for name in part) == [page.name for page in pages]
    assert all(part == sorted(part) for part in parts)
    for page in pages:
        number = page.name[:4]
        assert page.read_text().startswith(f"# {number} ")
        assert f"[{number}]({page.name})" in index
