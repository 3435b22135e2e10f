"""A unit's year of credit as it is printed: the workbook and the pages say the same, and nothing is reckoned with."""

import datetime as dt
import io
import json
from dataclasses import asdict, replace

import pypdfium2
import pytest
import python_calamine

from server.converting.attendance import PDF
from server.converting.year import convert
from server.domain.ledger import EntryKind
from server.domain.refusals import Refusal
from server.domain.year_rules import TYPES, Position
from server.domain.year_standing import Place, StandingState, Tally, TypeSum
from server.services.standing import StandingPage, StandingView
from server.services.views import Named, RuleNameView
from server.web.year_form import MOST_LINES, TITLES, year_form
from server.web.year_xlsx import xlsx_of

AT = dt.datetime(2026, 12, 31, 16, 5)  # noqa: DTZ001 - the school's own
ON = dt.date(2026, 12, 31)
BRANCH = Named("b", "一车间党支部")


def one(name="张小明", earned=2850, **changed):
    types = tuple(TypeSum(kind, amount := earned if kind is EntryKind.LESSON else 0, amount, None) for kind in TYPES)
    view = StandingView(
        *(2026, ON, Named(name, name), BRANCH, None, Place.COUNTED, True, Position.FULL, StandingState.SHORT),
        *(3200, 12, earned, earned, 0, earned, 3200 - earned, types, RuleNameView("r", "年度学时", 2)),
    )
    return replace(view, **changed)


def page(*items, **tally):
    return StandingPage(2026, ON, BRANCH, Tally(**tally), items, None)


def rows_of(form):
    book = python_calamine.load_workbook(io.BytesIO(xlsx_of(form)))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_both_files_say_the_same_with_totals_rule_versions_and_lines_to_sign(tmp_path):
    form = year_form(page(one(), one("李小红", 3200, state=StandingState.MET), met=3, short=3), AT)
    rows = rows_of(form)
    head = next(at for at, row in enumerate(rows) if tuple(row) == TITLES)
    assert [row[1] for row in rows[head + 1 : head + 4]] == ["张小明", "李小红", "合计"]
    assert rows[head + 3][4:] == [64.0, 60.5, 0.0, 0.0, 0.0, 0.0, 0.0, 60.5, 3.5, ""]
    (tmp_path / "form.json").write_text(json.dumps(asdict(form), ensure_ascii=False))
    convert(tmp_path / "form.json", tmp_path, lambda _percent: None)
    document = pypdfium2.PdfDocument(tmp_path / PDF)
    text = document[0].get_textpage().get_text_range()
    document.close()
    for said in ("一车间党支部", "年度学时（第 2 版）", "3 / 6 人（50.0%）", "60.50", "党组织负责人（签字）"):
        assert said in text
        assert said in "".join(str(cell) for row in (*rows, *form.rows) for cell in row)


def test_who_is_listed_in_two_units_is_in_the_sum_of_one():
    host, beside = Named("h", "二车间党支部"), StandingState.SHORT
    lent = one("借出的人", 1000, place=Place.LENT, loan=host, state=beside)
    borrowed = one("借入的人", 700, place=Place.BORROWED, in_total=False, state=beside)
    rows = year_form(page(one(), lent, borrowed, short=1, lent=1, borrowed=1), AT).rows
    assert [row[-1] for row in rows] == ["未达标", "借出", "借入，不计入合计", ""]
    assert rows[-1][3:6] == ("2 人", "64.00", "38.50")  # 28.50 + 10.00


def test_a_name_that_looks_like_a_formula_is_text():
    rows = rows_of(year_form(page(one("=HYPERLINK(1)")), AT))
    assert "'=HYPERLINK(1)" in {cell for row in rows for cell in row}


def test_the_digest_is_of_what_is_said_and_not_of_when_it_was_printed():
    form = year_form(page(one()), AT)
    assert form.foot == year_form(page(one()), AT + dt.timedelta(days=1)).foot
    assert form.foot != year_form(page(one(earned=2851)), AT).foot


def test_a_unit_without_people_has_a_table_too_and_one_that_is_too_large_is_refused():
    assert rows_of(year_form(page(), AT))
    with pytest.raises(Refusal) as found:
        year_form(page(*[one()] * (MOST_LINES + 1)), AT)
    assert found.value.code == "sheet_too_large"
