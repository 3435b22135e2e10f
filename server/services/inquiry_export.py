"""Everything that was asked in a lesson as rows of a table, for staff."""

from __future__ import annotations

import datetime as dt

from server.domain.access import Action, Principal
from server.domain.inquiries import MOST_IN_A_LESSON, Inquiry, InquiryState
from server.services.finding import allowed_target
from server.services.records import Records, Transaction

HEAD = ("提问时间", "姓名", "党组织", "状态", "提问内容", "支持人数", "指定回答", "回答时间", "书面回答", "并入的提问")
WORDS = {
    InquiryState.WAITING: "待审",
    InquiryState.APPROVED: "已采纳",
    InquiryState.DECLINED: "未采纳",
    InquiryState.MERGED: "已合并",
    InquiryState.ON_STAGE: "正在回答",
    InquiryState.ANSWERED: "已答",
}


async def inquiry_rows(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[tuple[str, ...], ...]:
    """The head first; times by the school's clock. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[tuple[str, ...], ...]:
        allowed_target(tx, principal, Action.RUN, lesson_id, now)
        asked = tx.inquiries.listed(lesson_id, None, None, MOST_IN_A_LESSON)
        texts = {each.id: each.text for each in asked}
        zone = tx.calendar.zone
        return (HEAD, *(_row(each, texts, zone) for each in asked))

    return await records.read(load)


def _row(inquiry: Inquiry, texts: dict[str, str], zone: dt.tzinfo) -> tuple[str, ...]:
    def at(moment: dt.datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""

    return (
        at(inquiry.asked_at),
        inquiry.name,
        inquiry.unit_name,
        WORDS[inquiry.state],
        inquiry.text,
        str(inquiry.votes),
        inquiry.assigned_to,
        at(inquiry.answered_at),
        inquiry.answer or "",
        texts.get(inquiry.merged_into or "", ""),
    )
