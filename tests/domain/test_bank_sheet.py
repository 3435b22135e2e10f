"""Questions as a table: each cell that is wrong is named, and what is written down is read as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.bank import SCORINGS, BankKind, Content, Difficulty, gaps_in
from server.domain.bank_sheet import FAULTS, MOST_QUESTIONS, TITLES, read_bank, row_of
from server.domain.cells import safe_cell
from server.domain.matching import normalised
from server.domain.quiz import TRUE_FALSE
from server.domain.scoring import Scoring
from server.domain.tables import Table

HEAD = ["题型*", "题干*", "选项A", "选项B", "选项C", "选项D", "答案", "计分方式", "难度", "标签", "限时（秒）"]


def read(*rows, head=HEAD):
    return read_bank(Table("题目", [["年度题库"], head, *rows]))


def faults(*rows, head=HEAD):
    return [(issue.cell, issue.fault) for issue in read(*rows, head=head).issues]


def only(*row):
    sheet = read(list(row))
    assert sheet.issues == ()
    return sheet.entries[0].content


def test_each_kind_is_read():
    assert only("单选", "火警？", "110", "119", "", "", "b").correct == (1,)
    several = only("多选题", "灭火器？", "干粉", "水基", "汽油", "", "A、B", "漏选得一半", "难", "消防、器材", "９０秒")
    assert (several.correct, several.scoring, several.difficulty) == ((0, 1), Scoring.HALF, Difficulty.HARD)
    assert (several.tags, several.seconds) == (("消防", "器材"), 90)
    assert only("判断", "先断电", "", "", "", "", "√").correct == (0,)
    assert only("填空", "火警__急救__", "", "", "", "", "119|一一九；120").blanks == (("119", "一一九"), ("120",))
    assert only("排序", "步骤", "拔", "提", "握", "", "BAC").options == ("提", "拔", "握")
    assert only("排序", "步骤", "提", "拔", "握").options == ("提", "拔", "握")
    assert only("意见征集", "建议？").scoring is Scoring.NONE
    assert only("词云", "一个词").kind is BankKind.WORD_CLOUD


def test_true_or_false_means_what_was_written_in_whatever_order_the_options_stand():
    turned = only("判断", "先断电", "错误", "正确", "", "", "正确")
    assert (turned.options, turned.correct) == (("正确", "错误"), (0,))
    assert only("判断", "先断电", "错", "对", "", "", "×").correct == (1,)
    by_column = only("判断", "先断电", "错", "对", "", "", "A")
    assert by_column.options[by_column.correct[0]] == "错"
    kept = Content(BankKind.TRUE_FALSE, "先断电", ("错误", "正确"), (1,), scoring=Scoring.EXACT)
    [again] = read_bank(Table("题目", [TITLES, row_of(kept)])).entries
    assert again.content.options[again.content.correct[0]] == "正确"
    usual = only("判断", "先断电", "对", "错", "", "", "错")
    assert (usual.options, usual.correct) == (("对", "错"), (1,))


def test_without_titles_it_is_no_table_of_questions():
    assert read_bank(Table("名单", [["工号", "姓名"], ["1", "甲"]])) is None


@pytest.mark.parametrize(
    ("row", "cell", "fault"),
    [
        (["填空", "多少？", "", "", "", "", "1" * 5000 + "万"], "G3", "words_length"),
        (["选择", "火警？", "110", "119", "", "", "B"], "A3", "kind_unknown"),
        (["", "火警？", "110", "119", "", "", "B"], "A3", "empty"),
        (["单选", " ", "110", "119", "", "", "B"], "B3", "empty"),
        (["单选", "火警？", "110", "119", "", "", "C"], "G3", "answer_letters"),
        (["单选", "火警？", "110", "119", "", "", ""], "G3", "answer_letters"),
        (["单选", "火警？", "110", "119", "", "", "AB"], "G3", "correct_one"),
        (["多选", "火警？", "110", "119", "", "", "AA"], "G3", "answer_letters"),
        (["单选", "火警？", "110", "", "119", "", "A"], "E3", "option_gap"),
        (["单选", "火警？", "110", "110", "", "", "A"], "C3", "options_alike"),
        (["判断", "先断电", "", "", "", "", "也许"], "G3", "answer_true_false"),
        (["排序", "步骤", "提", "拔", "握", "", "AB"], "G3", "answer_order"),
        (["填空", "火警__", "", "", "", "", ""], "G3", "blanks_count"),
        (["填空", "火警__", "", "", "", "", "119；"], "G3", "blanks_accepted"),
        (["填空", "火警____急救____", "", "", "", "", "119"], "G3", "blanks_differ"),
        (["词云", "一个词", "", "", "", "", "A"], "G3", "correct_none"),
        (["单选", "火警？", "110", "119", "", "", "B", "漏选得一半"], "H3", "scoring_kind"),
        (["单选", "火警？", "110", "119", "", "", "B", "随便"], "H3", "scoring_unknown"),
        (["单选", "火警？", "110", "119", "", "", "B", "", "很难"], "I3", "difficulty_unknown"),
        (["单选", "火警？", "110", "119", "", "", "B", "", "", "长" * 21], "J3", "tags_count"),
        (["单选", "火警？", "110", "119", "", "", "B", "", "", "", "一分钟"], "K3", "seconds_number"),
        (["单选", "火警？", "110", "119", "", "", "B", "", "", "", "3"], "K3", "seconds_range"),
        (["单选", "火\x00警？", "110", "119", "", "", "B"], "B3", "control"),
        (["单选", "长" * 501, "110", "119", "", "", "B"], "B3", "text_length"),
    ],
)
def test_a_wrong_cell_is_named_with_its_reason(row, cell, fault):
    found = faults(row)
    assert (cell, fault) in found
    assert all(each in FAULTS for _, each in found)


def test_a_row_with_a_fault_keeps_no_other_row_from_being_read():
    good = ["单选", "火警？", "110", "119", "", "", "B"]
    sheet = read(["单选", "急救？", "120", "", "", "", "A"], [""], good)
    assert [entry.content.text for entry in sheet.entries] == ["火警？"]
    assert sheet.rows == 2
    assert len(sheet.issues) == 1


def test_the_same_question_twice_is_a_fault():
    row = ["单选", "火警？", "110", "119", "", "", "B"]
    assert faults(row, row) == [("B4", "question_twice")]


def test_a_title_twice_ends_the_reading():
    assert faults(["单选", "火警？"], head=[*HEAD, "答案"]) == [("L2", "column_twice")]


def test_a_table_has_an_end():
    rows = [["词云", f"第{at}个词"] for at in range(MOST_QUESTIONS + 3)]
    sheet = read(*rows)
    assert [issue.fault for issue in sheet.issues] == ["too_many"]
    assert len(sheet.entries) == MOST_QUESTIONS


# ---- there and back --------------------------------------------------------------------------------------


plain = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)
rogue = st.builds(str.__add__, st.sampled_from(["", "=", "-", "＠", "+"]), plain)
several = st.lists(rogue, min_size=2, max_size=10, unique=True).map(tuple)
answers = st.lists(plain.filter(normalised), min_size=1, max_size=4, unique=True).map(tuple)


@st.composite
def contents(draw):
    kind = draw(st.sampled_from(BankKind))
    options, correct, blanks = (), (), ()
    if kind in {BankKind.SINGLE, BankKind.MULTIPLE, BankKind.ORDERING}:
        options = draw(several)
    if kind is BankKind.TRUE_FALSE:
        options = TRUE_FALSE
    if kind in {BankKind.SINGLE, BankKind.TRUE_FALSE}:
        correct = (draw(st.integers(0, len(options) - 1)),)
    if kind is BankKind.MULTIPLE:
        correct = tuple(sorted(draw(st.sets(st.integers(0, len(options) - 1), min_size=1))))
    if kind is BankKind.FILL_IN:
        blanks = tuple(draw(st.lists(answers, min_size=1, max_size=4)))
    return Content(
        kind=kind,
        text=draw(rogue.filter(lambda text: not gaps_in(text))),
        options=options,
        correct=correct,
        blanks=blanks,
        scoring=draw(st.sampled_from(SCORINGS[kind])),
        explanation=draw(st.just("") | rogue),
        source=draw(st.just("") | rogue),
        tags=tuple(draw(st.lists(plain, max_size=3, unique=True))),
        difficulty=draw(st.sampled_from(Difficulty)),
        seconds=draw(st.integers(5, 3600)),
    )


@given(contents())
def test_what_is_exported_is_imported_as_it_was(content):
    """Through the apostrophe that a table's cells get on their way out."""
    sheet = read_bank(Table("题目", [TITLES, [safe_cell(cell) for cell in row_of(content)]]))
    assert sheet.issues == ()
    assert [entry.content for entry in sheet.entries] == [content]
