"""Reports on quizzes: of a lesson by question, unit and member, as pages and files; of a question of the bank."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from server.domain.bank import BankKind
from server.domain.bank_sheet import KIND_WORDS
from server.domain.quiz_figures import Hint
from server.domain.scoring import FULL
from server.services.bank_figures import BankReport, bank_report
from server.services.helped_answers import HelpedAnswers, helped_answers
from server.services.opinions import Approved, approved_opinions
from server.services.paper_ends import PaperEnd
from server.services.quiz_reports import (
    MOST_MEMBERS,
    MemberRow,
    MemberRows,
    QuestionRow,
    QuizReport,
    UnitRow,
    quiz_members,
    quiz_report,
)
from server.services.unanswered import Unanswered, unanswered
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Query
from server.web.sheets import Sheet, Xlsx, csv_response, xlsx_response

calls = Endpoints()

Offset = Annotated[int, Field(ge=0, le=10_000_000)]
_REFUSALS = ("lesson_not_found", "forbidden", "quiz_report_too_large")
HINTS = {
    Hint.CHECK_KEY: "请核对答案：总体答得好的人反而答错",
    Hint.TELLS_LITTLE: "区分度偏低",
    Hint.TOO_EASY: "偏易",
    Hint.TOO_HARD: "偏难",
}
_QUESTIONS = (
    "题号",
    "题型",
    "题目",
    "作答人数",
    "其中协助作答",
    "得满分人数",
    "难度P(平均得分率)",
    "区分度D(高低各27%)",
    "提示",
)
_UNITS = ("党组织", "上级", "应到", "参加答题人数", "平均得分率")
_OPINIONS = ("题号", "题目", "内容（已审核）", "人数")
_MEMBERS = ("姓名", "工号", "党组织", "作答题数", "其中协助作答", "得满分题数", "得分", "满分")


class ReportPart(enum.StrEnum):
    QUESTION = "question"
    UNIT = "unit"
    MEMBER = "member"
    OPINION = "opinion"


class WantedMembers(Query):
    unit: UUID | None = None
    cursor: Offset = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class WantedPage(Query):
    cursor: Offset = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class WantedQuizFile(Query):
    """``by``: of CSV, which holds one table."""

    format: Annotated[str, Field(pattern="^(xlsx|csv)$")] = "xlsx"
    by: ReportPart = ReportPart.QUESTION


@calls.on("GET", "/api/v1/lessons/{lesson_id}/quiz-report", refusals=_REFUSALS)
async def get_quiz_report(call: Call, lesson_id: UUID) -> QuizReport:
    """The closed quizzes of a lesson: each question's difficulty and discrimination, and what units reached."""
    return await quiz_report(call.site.house.records, call.principal, str(lesson_id), call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/quiz-report/members", refusals=(*_REFUSALS, "unit_not_found"))
async def get_quiz_members(call: Call, lesson_id: UUID, query: WantedMembers) -> MemberRows:
    """What each member reached, by tree and name."""
    return await quiz_members(
        *(call.site.house.records, call.principal, str(lesson_id)),
        unit_id=str(query.unit) if query.unit else None,
        offset=query.cursor,
        limit=query.limit,
        now=call.now,
    )


@calls.on("GET", "/api/v1/lessons/{lesson_id}/quiz-report/assisted", refusals=_REFUSALS)
async def get_assisted_answers(call: Call, lesson_id: UUID, query: WantedPage) -> HelpedAnswers:
    """Which answers somebody else put in, for whom, by whom and why."""
    page = {"offset": query.cursor, "limit": query.limit}
    return await helped_answers(call.site.house.records, call.principal, str(lesson_id), **page, now=call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/quiz-report/export", refusals=_REFUSALS, audited=True)
async def get_quiz_export(call: Call, lesson_id: UUID, query: WantedQuizFile) -> web.Response | Xlsx:
    """The report as a file: a workbook of three sheets, with opinions of four, or one of them as CSV."""
    records, lesson = call.site.house.records, str(lesson_id)
    report = await quiz_report(records, call.principal, lesson, call.now)
    members = await quiz_members(records, call.principal, lesson, limit=MOST_MEMBERS, now=call.now)
    zone = await call.site.house.records.read(lambda tx: tx.calendar.zone)
    approved = await approved_opinions(records, call.principal, lesson, call.now)
    tables = {
        ReportPart.QUESTION: [_QUESTIONS, *map(_question, report.questions), (_note(report),)],
        ReportPart.UNIT: [_UNITS, *_units(report)],
        ReportPart.OPINION: [_OPINIONS, *_opinions(approved), ("只列出审核通过的内容，不代替组织表决。",)],
        ReportPart.MEMBER: [
            (*_MEMBERS, *_paper_heads(members)),
            *((*_member(row, members.scored), *_ends(row, zone)) for row in members.items),
            *_rest(members),
        ],
    }
    name = f"答题统计-{report.lesson.name}-{call.now:%Y%m%d}.{query.format}"
    if query.format == "csv":
        return csv_response(tables[query.by], name)
    sheets = [
        Sheet("按题目", tables[ReportPart.QUESTION], (8, 10, 48, 10, 12, 12, 18, 18, 32)),
        Sheet("按党组织", tables[ReportPart.UNIT], (28, 28, 10, 14, 12)),
        Sheet("按学员", tables[ReportPart.MEMBER], (12, 12, 28, 10, 12, 12, 10, 10, *[26] * len(members.papers))),
        *([Sheet("意见与词云", tables[ReportPart.OPINION], (8, 48, 60, 10))] if approved else []),
    ]
    return await xlsx_response(sheets, name)


@calls.on("GET", "/api/v1/quizzes/{quiz_id}/unanswered", refusals=("forbidden", "quiz_not_found"))
async def get_unanswered(call: Call, quiz_id: UUID, query: WantedPage) -> Unanswered:
    """Who on the roster has not answered, by unit and name."""
    page = {"offset": query.cursor, "limit": query.limit}
    return await unanswered(call.site.house.records, call.principal, str(quiz_id), **page, now=call.now)


@calls.on("GET", "/api/v1/bank/{bank_id}/report", refusals=("forbidden", "bank_question_not_found"))
async def get_bank_report(call: Call, bank_id: UUID) -> BankReport:
    """How a question did wherever it was asked, by version."""
    return await bank_report(call.site.house.records, call.principal, str(bank_id), call.now)


def _question(row: QuestionRow) -> tuple[str, ...]:
    kind = KIND_WORDS[BankKind(row.kind.value)]
    counts = (str(row.answered), str(row.helped), str(row.whole), _share(row.difficulty), _plain(row.discrimination))
    return (str(row.number), kind, row.text, *counts, HINTS[row.hint] if row.hint else "")


def _units(report: QuizReport) -> list[tuple[str, ...]]:
    names = {row.id: row.name for row in report.units}

    def cells(row: UnitRow) -> tuple[str, ...]:
        return row.name, names.get(row.under or "", ""), str(row.expected), str(row.people), _share(row.share)

    return [cells(row) for row in report.units]


def _member(row: MemberRow, scored: int) -> tuple[str, ...]:
    marks = (f"{row.marks / FULL:g}", str(scored))
    return row.member.name, row.number or "", row.unit.name, str(row.answered), str(row.helped), str(row.whole), *marks


def _paper_heads(members: MemberRows) -> list[str]:
    """One column for each paper, named by its first question where it has no name."""
    return [f"交卷：{paper.name or f'第 {paper.first} 题起'}" for paper in members.papers]


def _ends(row: MemberRow, zone: dt.tzinfo) -> list[str]:
    return [_end(each, zone) for each in row.papers]


def _end(end: PaperEnd, zone: dt.tzinfo) -> str:
    if end.handed_in_at is not None:
        again = f"（第 {end.round} 轮）" if end.round > 1 else ""
        return f"{end.handed_in_at.astimezone(zone):%Y-%m-%d %H:%M:%S}{again}"
    return "自动收卷" if end.collected else "未作答"


def _opinions(approved: tuple[Approved, ...]) -> list[tuple[str, ...]]:
    return [(str(quiz.number), quiz.text, one.text, str(one.count)) for quiz in approved for one in quiz.opinions]


def _note(report: QuizReport) -> str:
    return (
        f"不足 {report.few} 人作答不算难度和得分率，不足 {report.least} 人或不足 3 道计分题不算区分度。"
        "难度 P 为作答者的平均得分率，越高越易；区分度 D 为其余题目总分前 27% 与后 27% 的得分率之差。不排名次。"
    )


def _rest(members: MemberRows) -> list[tuple[str, ...]]:
    return [(f"仅列出前 {MOST_MEMBERS} 人，其余未列出",)] if members.next_cursor else []


def _share(thousandths: int | None) -> str:
    return "" if thousandths is None else f"{thousandths / 10:.1f}%"


def _plain(thousandths: int | None) -> str:
    return "" if thousandths is None else f"{thousandths / 1000:.2f}"
