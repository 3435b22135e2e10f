"""Members ask, see what was approved, and vote for it."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import inquiries as rules
from server.domain.access import Action, LessonTarget, Principal, allowed
from server.domain.inquiries import Inquiry, InquiryState
from server.domain.refusals import Refusal
from server.domain.speakers import SpeakerKind
from server.domain.wordlist import listed_in
from server.services.commands import command, once
from server.services.finding import MOST_LISTED, allowed_target, check_on_air, cursor_of, read_cursor
from server.services.house import House
from server.services.inquiry_views import (
    VIEW,
    InquiryPage,
    InquiryView,
    InquiryVote,
    desk_view,
    for_author,
    for_others,
    for_staff,
    told,
)
from server.services.muting import check_may_talk
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.speaking import speaker_of

_VOTE = TypeAdapter(InquiryVote)


# ---- seeing ----------------------------------------------------------------------------------------------


async def list_inquiries(
    records: Records,
    principal: Principal,
    lesson_id: str,
    *,
    cursor: str | None = None,
    limit: int = MOST_LISTED,
    now: dt.datetime,
) -> InquiryPage:
    """In the order of asking: staff all of them, everybody else what is shown and the own ones.

    Raises ``lesson_not_found``, ``invalid_body`` for a cursor.
    """
    after, wanted = read_cursor(cursor), max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> InquiryPage:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        seq = tx.events.seq(lesson_id)  # first: what is committed meanwhile is heard again, never missed
        staff = Action.RUN in allowed(principal, target)
        rows = tx.inquiries.listed(lesson_id, None if staff else principal.account_id, after, wanted + 1)
        eye = _Eye(tx, principal, target, staff=staff)
        return InquiryPage(
            items=tuple(eye.view(each) for each in rows[:wanted]),
            next_cursor=cursor_of(rows[wanted - 1].asked_at, rows[wanted - 1].id) if len(rows) > wanted else None,
            seq=seq,
            desk=desk_view(eye.desk),
            waiting=tx.inquiries.waiting(lesson_id) if staff else None,
        )

    return await records.read(load)


class _Eye:
    """One principal's view of one lesson's inquiries."""

    def __init__(self, tx: Transaction, principal: Principal, target: LessonTarget, *, staff: bool) -> None:
        lesson_id = target.lesson.id
        self.desk = tx.inquiries.desk(lesson_id)
        self._staff = staff
        self._account_id = principal.account_id
        self._voted = tx.inquiries.voted(lesson_id, principal.member_id) if principal.member_id else frozenset()

    def view(self, inquiry: Inquiry) -> InquiryView:
        voted, mine = inquiry.id in self._voted, inquiry.account_id == self._account_id
        if self._staff:
            return for_staff(inquiry, voted=voted, mine=mine)
        return for_author(inquiry) if mine else for_others(inquiry, self.desk, voted=voted)


# ---- asking ----------------------------------------------------------------------------------------------


async def ask_inquiry(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, text: str, now: dt.datetime
) -> InquiryView:
    """It waits for approval; only staff and whoever asked hear of it.

    Raises ``lesson_not_on_air``, ``forbidden`` for who is no member, ``talk_muted``, ``inquiries_waiting``,
    ``inquiries_too_many``, ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "ask_inquiry", lesson_id=lesson_id, text=text)

    def work(tx: Transaction) -> InquiryView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        return once(tx, asked, now, VIEW, lambda: _ask(tx, principal, target, text, now))

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _ask(tx: Transaction, principal: Principal, target: LessonTarget, text: str, now: dt.datetime) -> InquiryView:
    lesson_id, speaker = target.lesson.id, speaker_of(tx, principal, target)
    if speaker.kind is not SpeakerKind.MEMBER:
        raise Refusal("forbidden", "no member")
    member_id = speaker.id
    text = rules.check_text(text)
    check_may_talk(tx, lesson_id, speaker, now)
    rules.check_pace(*tx.inquiries.pace(lesson_id, member_id, now - rules.HOUR), now)
    if tx.inquiries.count(lesson_id) >= rules.MOST_IN_A_LESSON:
        raise Refusal("busy", "too many inquiries in this lesson", retry_after_s=60)
    inquiry = Inquiry(
        id=str(uuid4()),
        lesson_id=lesson_id,
        account_id=principal.account_id,
        member_id=member_id,
        name=speaker.name,
        unit_name=speaker.unit,
        text=text,
        state=InquiryState.WAITING,
        asked_at=now,
        listed=listed_in(text, tx.words.of(target.unit_line)),
    )
    tx.inquiries.add(inquiry)
    own = for_author(inquiry)
    said = [
        events.inquiry_asked(events.STAFF, told(for_staff(inquiry))),
        events.inquiry_asked(events.to_account(principal.account_id), told(own)),
    ]
    tx.events.append(lesson_id, said, now, principal.account_id)
    return own


# ---- voting ----------------------------------------------------------------------------------------------


async def vote_inquiry(
    house: House, principal: Principal, inquiry_id: str, command_id: str, *, up: bool, now: dt.datetime
) -> InquiryVote:
    """One per member; ``up`` false takes it back. Whoever may not see the inquiry learns of none.

    Raises ``inquiry_not_found``, ``inquiry_state``, ``lesson_not_on_air``, ``forbidden``, ``command_reused``.
    """
    asked = command(principal, command_id, "vote_inquiry", inquiry_id=inquiry_id, up=up)

    def work(tx: Transaction) -> InquiryVote:
        target = seen_target(tx, principal, Action.READ, inquiry_id, now)
        return once(tx, asked, now, _VOTE, lambda: _vote(tx, principal, target, inquiry_id, up=up))

    return await house.records.write(work)


def _vote(tx: Transaction, principal: Principal, target: LessonTarget, inquiry_id: str, *, up: bool) -> InquiryVote:
    inquiry = tx.inquiries.get(inquiry_id)
    if inquiry is None or not inquiry.shown:
        raise Refusal("inquiry_not_found", inquiry_id)
    if principal.member_id is None:
        raise Refusal("forbidden", "no member")
    check_on_air(target.lesson)
    rules.check_vote(inquiry, principal.member_id)
    tx.inquiries.vote(inquiry_id, principal.member_id, up=up)
    return InquiryVote(inquiry_id, up, tx.inquiries.recount(inquiry_id))


def seen_target(
    tx: Transaction, principal: Principal, action: Action, inquiry_id: str, now: dt.datetime
) -> LessonTarget:
    """The inquiry's lesson, its row locked. Raises ``inquiry_not_found``, also when the lesson may not be known."""
    inquiry = tx.inquiries.get(inquiry_id)
    if inquiry is None:
        raise Refusal("inquiry_not_found", inquiry_id)
    try:
        return allowed_target(tx, principal, action, inquiry.lesson_id, now, lock=True)
    except Refusal as refusal:
        if refusal.code == "forbidden" and inquiry.shown:
            raise
        raise Refusal("inquiry_not_found", inquiry_id) from None
