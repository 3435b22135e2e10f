"""What a person is given of the own data: every row that the inventory calls theirs, and nothing of anybody else."""

import csv
import io
import json
import zipfile

import pytest
import sqlalchemy as sa

from server.domain.cells import active, safe_cell
from server.domain.personal_inventory import INVENTORY
from server.domain.refusals import Refusal
from server.services import data_paper
from server.services.data_exports import paper_of
from server.services.data_paper import zipped
from server.store import personal
from server.store.personal import GIVEN_OUT, shown
from server.store.schema import metadata
from tests.store.people import ANNA, BERT, connect, lesson_of, mark, populate, transaction
from tests.store.samples import NOW


@pytest.fixture(scope="module")
def files():
    with connect() as connection:
        populate(connection, ANNA, BERT)
        content = zipped(paper_of(transaction(connection), ANNA, NOW))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("name", GIVEN_OUT)
def test_every_value_of_a_persons_rows_is_given_out(files, name):
    held = INVENTORY[name]
    (row,) = json.loads(files[f"{held.kind}.json"])["tables"][name]
    words = [column.name for column in shown(metadata.tables[name], held) if isinstance(column.type, sa.String)]
    known = {ANNA.name, ANNA.number, ANNA.account_id, ANNA.member_id, "person", lesson_of(ANNA)}
    assert [column for column in words if row[column] not in {*known, mark(ANNA, name, column)}] == []


@pytest.mark.parametrize("name", [*GIVEN_OUT, "attendance_sheets"])
def test_a_tables_csv_has_every_value_that_its_json_has(files, name):
    kind = INVENTORY[name].kind
    rows = json.loads(files[f"{kind}.json"])["tables"][name]
    text = files[f"csv/{name}.csv"]
    assert text.startswith("\ufeff"), "or a spreadsheet takes it for another encoding"
    assert rows
    read = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [set(row) for row in read] == [{*row, *(("lesson_title",) if "lesson_id" in row else ())} for row in rows]
    for told, row in zip(read, rows, strict=True):
        for column, value in row.items():
            assert told[column] == safe_cell("" if value is None else value if isinstance(value, str) else plain(value))


def plain(value):
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("said", ["=1+1", "+86", "@SUM(A1)", 'a,"b"\r\nc', "\t=1"])
def test_words_are_words_in_a_csv_and_no_formula(said):
    with connect() as connection:
        populate(connection, ANNA)
        connection.execute(sa.update(metadata.tables["chat_lines"]).values(text=said))
        content = zipped(paper_of(transaction(connection), ANNA, NOW))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("csv/chat_lines.csv").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["text"] == safe_cell(said)
    assert not active(row["text"])


def test_nothing_of_another_person_is_given_out(files):
    theirs = (BERT.name, BERT.number, BERT.account_id, BERT.member_id)
    assert [name for name, text in files.items() if any(word in text for word in theirs)] == []


def test_no_secret_is_given_out(files):
    secrets = [mark(ANNA, name, column) for name, held in INVENTORY.items() for column in held.secrets]
    assert [secret for secret in secrets if any(secret in text for text in files.values())] == []


def test_who_acted_on_it_is_not_given_out(files):
    acted = [mark(ANNA, name, column) for name, held in INVENTORY.items() for column in held.by]
    assert [word for word in acted if any(word in text for text in files.values())] == []


def given_out(connection):
    with zipfile.ZipFile(io.BytesIO(zipped(paper_of(transaction(connection), ANNA, NOW)))) as archive:
        return json.loads(archive.read("answers.json"))["tables"]


def test_of_a_paper_that_is_not_handed_in_and_of_an_open_quiz_nobody_is_told_what_is_right():
    asked = {"id": "q", "text": "?", "options": [{"id": "a", "text": "x"}]}
    paper = [{**asked, "correct": ["a"], "blanks": [["x"]], "explanation": "since"}]
    tables = metadata.tables
    with connect() as connection:
        populate(connection, ANNA, BERT)
        for name in ("make_up_attempts", "micro_attempts"):
            connection.execute(sa.update(tables[name]).values(paper=paper, submitted_at=None))
        found = given_out(connection)
        assert [found[name][0]["paper"] for name in ("make_up_attempts", "micro_attempts")] == [[asked], [asked]]
        assert "right" not in found["make_up_marks"][0]
        (answer,) = found["answers"]
        quiz = sa.update(tables["quizzes"]).where(tables["quizzes"].c.number == 1)
        connection.execute(quiz.values(id=answer["quiz_id"], closed_at=None))
        assert given_out(connection).get("answers", []) == []


def test_of_a_sheet_the_own_line_is_given_out(files):
    (line,) = json.loads(files["sheets.json"])["tables"]["attendance_sheets"]
    assert line["line"]["reason"] == mark(ANNA, "attendance_sheets", "reason")


def test_words_are_words_on_the_page_and_no_markup():
    with connect() as connection:
        populate(connection, ANNA)
        connection.execute(sa.update(metadata.tables["chat_lines"]).values(text="<script>alert(1)</script>"))
        content = zipped(paper_of(transaction(connection), ANNA, NOW))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        page = archive.read("index.html").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_more_rows_than_are_read_at_once_are_all_there(monkeypatch):
    monkeypatch.setattr(personal, "_BATCH", 2)
    table = metadata.tables["chat_lines"]
    with connect() as connection:
        populate(connection, ANNA)
        row = dict(connection.execute(sa.select(table)).one()._mapping)
        unique = [column.name for column in table.columns if column.primary_key or column.name == "command_id"]
        for at in range(4):
            connection.execute(sa.insert(table).values({**row, **dict.fromkeys(unique, f"more {at}")}))
        content = zipped(paper_of(transaction(connection), ANNA, NOW))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        talk = json.loads(archive.read("talk.json"))
        page = archive.read("index.html").decode()
        lines = archive.read("csv/chat_lines.csv").decode("utf-8-sig").splitlines()
    assert len(talk["tables"]["chat_lines"]) == 5
    assert len(lines) == 1 + 5, "one title line, however many are read at once"
    assert "<h3>chat_lines <small>5</small></h3>" in page


def test_a_file_beyond_the_limit_is_not_made(monkeypatch):
    monkeypatch.setattr(data_paper, "MOST_BYTES", 1000)
    with connect() as connection:
        populate(connection, ANNA)
        with pytest.raises(Refusal) as refused:
            zipped(paper_of(transaction(connection), ANNA, NOW))
    assert refused.value.code == "export_too_large"
