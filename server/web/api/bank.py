"""The question bank: listed, made, edited by versions, retired, imported and exported as a table, taken for lessons."""

from __future__ import annotations

import enum
from typing import Annotated
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import Field, StringConstraints

from server.domain.bank import (
    LONGEST_TAG,
    MOST_ACCEPTED,
    MOST_BLANKS,
    MOST_TAGS,
    MOST_TEXT,
    BankFilter,
    BankKind,
    Content,
    Difficulty,
)
from server.domain.bank_sheet import (
    ANSWER,
    DIFFICULTY,
    DIFFICULTY_WORDS,
    KIND,
    KIND_WORDS,
    PICTURE,
    REQUIRED,
    SCORING,
    SCORING_WORDS,
    SECONDS,
    TAGS,
    TITLES,
    row_of,
)
from server.domain.quiz import LEAST_SECONDS, MOST_OPTIONS, MOST_SECONDS
from server.domain.refusals import Refusal
from server.domain.scoring import Scoring
from server.services import bank, bank_imports
from server.services.bank import BankPage, BankView, Versions
from server.services.bank_imports import BankImportView, BankUpload
from server.services.questions import take_from_bank
from server.services.tables import MOST_FILE_BYTES
from server.web.api.questions import NamedPicture, Questions, picture_of
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Paged, Prose, Query, Searched, Text
from server.web.sheets import Sheet, Xlsx, csv_response, xlsx_response

calls = Endpoints()

_BYTES = "application/octet-stream"
_OF_ONE = ("forbidden", "bank_question_not_found")
_MOST_TAKEN = 50
_WIDTHS = (12, 48, *[16] * MOST_OPTIONS, 24, 16, 8, 20, 20, 40, 10, 32)
_EXPLAINED = {
    KIND: "必填。从下拉列表中选择：" + "、".join(KIND_WORDS.values()) + "。意见征集和词云不计分，也没有答案。",
    "题干": f"必填，不超过 {MOST_TEXT} 个字。同一党组织内题型和题干都相同的题，再次导入即成为它的新版本。",
    "选项A": "单选、多选、排序从选项A起连续填写，2 至 10 个。判断题可不填。",
    ANSWER: "单选写 B，多选写 ACD，判断写“正确”或“错误”。填空：各空用分号隔开，同一空的几种写法用竖线隔开，"
    "例如“119|一一九；120”；题干中每空用____表示，空数须与答案一致；全角半角、大小写、标点、空格、中文数字不影响判分。排序写正确顺序的字母，"
    "留空表示选项已按正确顺序填写。",
    SCORING: "可空，留空按题型的通常方式。多选：全对得分、漏选得一半（错选不得分）、"
    "按选项得分（选对一项得一份，选错一项扣一份，不倒扣）。排序：顺序全对得分、按先后关系得分。",
    DIFFICULTY: "可空：易、中、难，留空为“中”。",
    TAGS: "可空。最多 10 个，用顿号隔开。",
    SECONDS: "可空，5 至 3600，留空为 60。",
    PICTURE: "表格不带图片，新建时留空。导出时这里写着配图的说明和编号，请勿修改：再次导入同一党组织时，"
    "已有的题保留自己的配图；导入到别处时只有文字，核对页会列出这样的单元格，请导入后在题库里为题目上传配图。",
}
_EXAMPLES = (
    Content(BankKind.SINGLE, "火警电话是哪一个？", ("110", "119", "120"), (1,), scoring=Scoring.EXACT, tags=("消防",)),
    Content(
        *(BankKind.MULTIPLE, "下列哪些可以扑灭电器火灾？", ("干粉灭火器", "二氧化碳灭火器", "水"), (0, 1)),
        scoring=Scoring.HALF,
        explanation="带电时不能用水。",
    ),
    Content(BankKind.TRUE_FALSE, "电器起火应先切断电源。", ("正确", "错误"), (0,), scoring=Scoring.EXACT),
    Content(
        *(BankKind.FILL_IN, "火警电话是____，急救电话是____。"),
        blanks=(("119", "一一九"), ("120",)),
        scoring=Scoring.BLANKS,
    ),
    Content(
        *(BankKind.ORDERING, "把使用灭火器的步骤排好顺序。", ("提起灭火器", "拔下保险销", "对准火焰根部", "压下压把")),
        scoring=Scoring.PAIRS,
    ),
    Content(BankKind.OPINION, "您对本单位的节能工作有什么建议？"),
    Content(BankKind.WORD_CLOUD, "请用一个词概括今天的课。"),
)

Tag = Annotated[Text, StringConstraints(max_length=LONGEST_TAG)]
Accepted = Annotated[tuple[Text, ...], Field(min_length=1, max_length=MOST_ACCEPTED, strict=False)]


class BankContent(Command):
    kind: BankKind
    text: Annotated[Prose, Field(min_length=1, max_length=MOST_TEXT)]
    options: Annotated[tuple[Text, ...], Field(max_length=MOST_OPTIONS, strict=False)] = ()
    correct: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=MOST_OPTIONS)], ...], Field(max_length=MOST_OPTIONS, strict=False)
    ] = ()
    blanks: Annotated[tuple[Accepted, ...], Field(max_length=MOST_BLANKS, strict=False)] = ()
    scoring: Annotated[int, Field(ge=0, le=99)] | None = None
    explanation: Prose = ""
    source: Annotated[Prose, Field(max_length=200)] = ""
    tags: Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS, strict=False)] = ()
    difficulty: Difficulty = Difficulty.MEDIUM
    seconds: Annotated[int, Field(ge=LEAST_SECONDS, le=MOST_SECONDS)] = 60
    picture: NamedPicture | None = None

    def content(self) -> Content:
        scoring = bank.scoring_of(self.scoring, self.kind)
        return Content(
            *(self.kind, self.text, self.options, self.correct, self.blanks, scoring),
            *(self.explanation, self.source, self.tags, self.difficulty, self.seconds),
            picture=picture_of(self.picture),
        )


class NewBankQuestion(BankContent):
    unit_id: UUID


class Retirement(Command):
    retired: bool


class Taken(Command):
    bank_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=_MOST_TAKEN, strict=False)]


class Narrowed(Query):
    unit: UUID | None = None
    q: Searched = ""
    tag: Annotated[Searched, StringConstraints(max_length=LONGEST_TAG)] = ""
    kind: BankKind | None = None
    difficulty: Difficulty | None = None
    retired: bool = False

    @property
    def unit_id(self) -> str | None:
        return str(self.unit) if self.unit else None

    def filter(self) -> BankFilter:
        return BankFilter(frozenset(), self.q, self.tag, self.kind, self.difficulty, self.retired)


class Listing(Narrowed, Paged):
    pass


class BankForm(enum.StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    GB18030 = "gb18030"


class BankExport(Narrowed):
    format: BankForm = BankForm.XLSX


class NewBankImport(Query):
    command_id: UUID
    unit_id: UUID
    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$"),
    ]
    plan: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


@calls.on("GET", "/api/v1/bank", refusals=("forbidden", "unit_not_found"))
async def get_bank(call: Call, query: Listing) -> BankPage:
    """The questions in the caller's keeping, the newest first."""
    return await bank.list_bank(
        *(call.site.house.records, call.principal, query.filter()),
        unit_id=query.unit_id,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/bank",
    status=201,
    refusals=("forbidden", "unit_not_found", "blanks_differ", "picture_not_found", "bank_full", "command_reused"),
)
async def post_bank(call: Call, body: NewBankQuestion) -> BankView:
    """A question more in the unit's bank."""
    records, unit_id = call.site.house.records, str(body.unit_id)
    content = body.content()
    made = await bank.add_to_bank(records, call.principal, body.command, unit_id=unit_id, content=content, now=call.now)
    return _tagged(call, made)


@calls.on("GET", "/api/v1/bank-template", refusals=("forbidden",))
async def get_bank_template(call: Call) -> Xlsx:
    """The empty table, with a sheet of examples and one of explanations."""
    bank.check_keeps(call.principal)
    columns = list(TITLES)
    choices = {
        columns.index(KIND): list(KIND_WORDS.values()),
        columns.index(SCORING): list(SCORING_WORDS.values()),
        columns.index(DIFFICULTY): list(DIFFICULTY_WORDS.values()),
    }
    notes = {columns.index(column): text for column, text in _EXPLAINED.items()}
    titles = [f"{column}*" if column in REQUIRED else column for column in columns]
    examples = [columns, *(row_of(example) for example in _EXAMPLES)]
    sheets = [
        Sheet("题目", [titles], _WIDTHS, choices, notes),
        Sheet("示例", examples, _WIDTHS),
        Sheet("填写说明", [("列", "怎么填"), *_EXPLAINED.items()], (14, 100)),
    ]
    return await xlsx_response(sheets, "题库模板.xlsx")


@calls.on("GET", "/api/v1/bank-export", refusals=("forbidden", "unit_not_found", "bank_export_too_large"), audited=True)
async def get_bank_export(call: Call, query: BankExport) -> web.Response | Xlsx:
    """What the list is narrowed to, in the columns of the template."""
    records, unit_id = call.site.house.records, query.unit_id
    rows = await bank_imports.bank_rows(records, call.principal, query.filter(), unit_id=unit_id, now=call.now)
    if query.format is BankForm.XLSX:
        return await xlsx_response([Sheet("题目", rows, _WIDTHS)], "题库.xlsx")
    return csv_response(rows, "题库.csv", "gb18030" if query.format is BankForm.GB18030 else "utf-8")


@calls.on(
    "POST",
    "/api/v1/bank-imports",
    status=201,
    upload=True,
    refusals=(
        *("forbidden", "unit_not_found", "unsupported_media_type", "file_too_large", "table_broken"),
        *("table_too_large", "table_no_titles", "conversion_failed", "conversion_too_heavy", "command_reused"),
        *("bank_import_has_errors", "bank_import_outdated", "bank_full", "bank_versions_full"),
    ),
)
async def post_bank_import(call: Call, query: NewBankImport) -> BankImportView:
    """A table as the body: what it would change, and every cell that is wrong; with the `plan` of that, do it."""
    if call.request.content_type != _BYTES:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    site, unit_id = call.site, str(query.unit_id)
    await bank_imports.check_may_import(site.house.records, call.principal, unit_id, call.now)
    site.pace.upload(call.principal.account_id)
    with site.checks.place(call.principal.account_id):
        content = await call.read(MOST_FILE_BYTES, "file_too_large")
        return await bank_imports.import_bank(
            *(site.house.records, site.tables, call.principal, str(query.command_id)),
            unit_id=unit_id,
            upload=BankUpload(query.name, content, query.plan),
            now=call.now,
        )


@calls.on("GET", "/api/v1/bank/{bank_id}", refusals=_OF_ONE)
async def get_bank_question(call: Call, bank_id: UUID) -> BankView:
    """One question, as its newest version says it."""
    return _tagged(call, await bank.see_question(call.site.house.records, call.principal, str(bank_id), call.now))


@calls.on("GET", "/api/v1/bank/{bank_id}/versions", refusals=_OF_ONE)
async def get_bank_versions(call: Call, bank_id: UUID) -> Versions:
    """Everything it ever said, the newest first."""
    return await bank.see_versions(call.site.house.records, call.principal, str(bank_id), call.now)


@calls.on(
    "PUT",
    "/api/v1/bank/{bank_id}",
    refusals=(
        *(*_OF_ONE, "precondition_required", "precondition_failed"),
        *("blanks_differ", "picture_not_found", "bank_retired", "bank_versions_full", "command_reused"),
    ),
)
async def put_bank_question(call: Call, bank_id: UUID, body: BankContent) -> BankView:
    """Edit it: a version more. What lessons have of it stays as it is."""
    changed = await bank.edit_bank(
        *(call.site.house.records, call.principal, str(bank_id), body.command),
        content=body.content(),
        version=call.if_match,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on("POST", "/api/v1/bank/{bank_id}/retired", refusals=(*_OF_ONE, "command_reused"))
async def post_bank_retired(call: Call, bank_id: UUID, body: Retirement) -> BankView:
    """Offer it no more, or again."""
    changed = await bank.retire_question(
        *(call.site.house.records, call.principal, str(bank_id), body.command), retired=body.retired, now=call.now
    )
    return _tagged(call, changed)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/questions/from-bank",
    status=201,
    refusals=(*_OF_ONE, "not_editable", "bank_retired", "command_reused"),
)
async def post_questions_from_bank(call: Call, lesson_id: UUID, body: Taken) -> Questions:
    """Take questions of the bank for the lesson, in this order, all or none."""
    records, wanted = call.site.house.records, [str(each) for each in body.bank_ids]
    taken = await take_from_bank(records, call.principal, str(lesson_id), body.command, bank_ids=wanted, now=call.now)
    return Questions(taken)


def _tagged(call: Call, question: BankView) -> BankView:
    call.headers[hdrs.ETAG] = f'"{question.version}"'
    return question
