"""Staff decide what becomes of inquiries; whatever they do, each hears of it what may be seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import inquiries as rules
from server.domain.access import Action, LessonTarget, Principal
from server.domain.chapters import MOST_CHAPTERS, Chapter, chapter_title
from server.domain.chat import Mute, mute_until
from server.domain.inquiries import Desk, Inquiry, InquiryState, InquiryStep, Order
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.services.commands import Command, command, once
from server.services.finding import allowed_target, check_on_air
from server.services.house import House
from server.services.inquiries import seen_target
from server.services.inquiry_views import VIEW, DeskView, InquiryView, desk_view, for_others, for_staff, told
from server.services.muting import MUTE_VIEW, MuteView, put_mute
from server.services.records import Transaction
from server.services.rooms import tell

MOST_AT_ONCE = 200
_VIEWS = TypeAdapter(tuple[InquiryView, ...])
_DESK = TypeAdapter(DeskView)
_IDS = TypeAdapter(tuple[str, ...])


class _Floor:
    """One lesson's inquiries in one transaction, its row locked."""

    def __init__(self, tx: Transaction, lesson: Lesson, by: str, now: dt.datetime) -> None:
        self._tx = tx
        self.lesson = lesson
        self._by = by
        self._now = now
        self._desk = tx.inquiries.desk(lesson.id)

    def find(self, inquiry_id: str) -> Inquiry:
        """Raises ``inquiry_not_found``, also for one of another lesson."""
        inquiry = self._tx.inquiries.get(inquiry_id)
        if inquiry is None or inquiry.lesson_id != self.lesson.id:
            raise Refusal("inquiry_not_found", inquiry_id)
        return inquiry

    def put(self, before: Inquiry, after: Inquiry) -> Inquiry:
        """Saved and announced. Its text stands in the log for everybody once at most, and only while it is shown."""
        if before.shown_seq is not None:
            self._tx.events.empty(self.lesson.id, before.shown_seq)
        said = [events.inquiry_changed(told(for_staff(after)))]
        if before.state is not after.state:
            said.append(events.inquiry_decided(after.account_id, after.id, after.state))
        if after.shown:
            said.append(events.inquiry_shown(told(for_others(after, self._desk))))
        elif before.shown:
            said.append(events.inquiry_hidden(after.id))
        last = self._tx.events.append(self.lesson.id, said, self._now, self._by)
        after = replace(after, shown_seq=last if after.shown else None)
        self._tx.inquiries.save(after)
        return after

    def step(self, inquiry: Inquiry, step: InquiryStep, into: Inquiry | None = None) -> Inquiry:
        """Raises ``inquiry_state``, ``inquiry_merge``, ``lesson_not_on_air`` for the stage."""
        if into is not None:
            rules.check_target(inquiry, into)
        after = rules.stepped(inquiry, step, self._now, into=into.id if into else None)
        if after.state is InquiryState.ON_STAGE:
            check_on_air(self.lesson)
            self._clear_stage()
        after = self.put(inquiry, after)
        self._follow(inquiry, after)
        return after

    def _clear_stage(self) -> None:
        former = self._tx.inquiries.on_stage(self.lesson.id)
        if former is not None:
            self.put(former, rules.stepped(former, InquiryStep.UNSTAGE, self._now))

    def _follow(self, before: Inquiry, after: Inquiry) -> None:
        """What comes with it: votes that go to another inquiry, a chapter."""
        if after.merged_into is not None:
            self._tx.inquiries.take_along(after.id, after.merged_into)
            self._counted(after.merged_into)
        elif before.merged_into is not None:
            self._counted(before.merged_into)
        if after.state is InquiryState.ANSWERED:
            self.mark(after)
        elif before.state is InquiryState.ANSWERED:
            self._unmark(after)

    def _counted(self, target_id: str) -> None:
        votes = self._tx.inquiries.recount(target_id)
        target = self.find(target_id)
        self.put(target, replace(target, votes=votes))

    def mark(self, inquiry: Inquiry) -> None:
        """Where the answer begins becomes a chapter, while the lesson is on the air."""
        full = len(self._tx.chapters.of(self.lesson.id)) >= MOST_CHAPTERS
        if not self.lesson.on_air or full or self._tx.chapters.of_inquiry(inquiry.id) is not None:
            return
        at, title = inquiry.staged_at or self._now, chapter_title(inquiry.text)
        chapter = Chapter(str(uuid4()), self.lesson.id, at, title, self._by, inquiry.id)
        self._tx.chapters.add(chapter)
        self._tx.events.append(self.lesson.id, [events.chapter_marked(chapter)], self._now, self._by)

    def _unmark(self, inquiry: Inquiry) -> None:
        chapter = self._tx.chapters.of_inquiry(inquiry.id)
        if chapter is not None:
            self._tx.chapters.remove(chapter.id)
            self._tx.events.append(self.lesson.id, [events.chapter_removed(chapter.id)], self._now, self._by)


# ---- one inquiry -----------------------------------------------------------------------------------------


async def step_inquiry(
    house: House,
    principal: Principal,
    inquiry_id: str,
    command_id: str,
    *,
    step: InquiryStep,
    into: str | None = None,
    now: dt.datetime,
) -> InquiryView:
    """``into``: of ``merge`` alone.

    Raises ``inquiry_not_found``, ``forbidden``, ``inquiry_state``, ``inquiry_merge``, ``lesson_not_on_air``,
    ``invalid_body``, ``command_reused``.
    """
    if (step is InquiryStep.MERGE) != (into is not None):
        raise Refusal("invalid_body", "into: of merge, and of merge alone")
    asked = command(principal, command_id, "step_inquiry", inquiry_id=inquiry_id, step=step, into=into)

    def act(floor: _Floor, inquiry: Inquiry) -> Inquiry:
        return floor.step(inquiry, step, floor.find(into) if into else None)

    return await _with_one(house, principal, inquiry_id, asked, act=act, now=now)


async def assign_inquiry(
    house: House, principal: Principal, inquiry_id: str, command_id: str, *, to: str, now: dt.datetime
) -> InquiryView:
    """``to``: who is to answer, in words; empty: nobody in particular. Raises as :func:`step_inquiry`."""
    asked = command(principal, command_id, "assign_inquiry", inquiry_id=inquiry_id, to=to)

    def act(floor: _Floor, inquiry: Inquiry) -> Inquiry:
        return floor.put(inquiry, replace(inquiry, assigned_to=to))

    return await _with_one(house, principal, inquiry_id, asked, act=act, now=now)


async def answer_inquiry(
    house: House, principal: Principal, inquiry_id: str, command_id: str, *, answer: str, now: dt.datetime
) -> InquiryView:
    """In writing, also after the lesson; everybody of the lesson may read it. Raises as :func:`step_inquiry`."""
    asked = command(principal, command_id, "answer_inquiry", inquiry_id=inquiry_id, answer=answer)

    def act(floor: _Floor, inquiry: Inquiry) -> Inquiry:
        if inquiry.state is InquiryState.ON_STAGE:
            floor.mark(inquiry)
        return floor.put(inquiry, rules.replied(inquiry, answer, now))

    return await _with_one(house, principal, inquiry_id, asked, act=act, now=now)


async def mute_asker(
    house: House,
    principal: Principal,
    inquiry_id: str,
    command_id: str,
    *,
    minutes: int,
    reason: str,
    now: dt.datetime,
) -> MuteView:
    """Whoever asked this says nothing in the lesson for so long. Raises ``inquiry_not_found``, ``forbidden``,
    ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "mute_asker", inquiry_id=inquiry_id, minutes=minutes, reason=reason)

    def work(tx: Transaction) -> MuteView:
        lesson = seen_target(tx, principal, Action.RUN, inquiry_id, now).lesson
        asker = _Floor(tx, lesson, principal.account_id, now).find(inquiry_id)
        until, by = mute_until(now, minutes), principal.account_id
        mute = Mute(lesson.id, asker.member_id, asker.account_id, asker.name, until, reason, by, now)
        return once(tx, asked, now, MUTE_VIEW, lambda: put_mute(tx, mute))

    view = await house.records.write(work)
    await tell(house, view.lesson_id)
    return view


async def _with_one(
    house: House,
    principal: Principal,
    inquiry_id: str,
    asked: Command,
    *,
    act: Callable[[_Floor, Inquiry], Inquiry],
    now: dt.datetime,
) -> InquiryView:
    def work(tx: Transaction) -> tuple[str, InquiryView]:
        lesson = seen_target(tx, principal, Action.RUN, inquiry_id, now).lesson
        floor = _Floor(tx, lesson, principal.account_id, now)
        view = once(tx, asked, now, VIEW, lambda: for_staff(act(floor, floor.find(inquiry_id))))
        return lesson.id, view

    lesson_id, view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


# ---- many of them ----------------------------------------------------------------------------------------


async def decide_many(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    step: InquiryStep,
    ids: Sequence[str],
    now: dt.datetime,
) -> tuple[InquiryView, ...]:
    """Those that were changed: what was decided meanwhile stays, and what holds a listed word is not approved.

    Raises ``inquiry_not_found``, ``forbidden``.
    """
    asked = command(principal, command_id, "decide_many", lesson_id=lesson_id, step=step, ids=list(ids))

    def work(tx: Transaction) -> tuple[InquiryView, ...]:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)
        return once(tx, asked, now, _VIEWS, lambda: _decide_many(tx, principal, target, step, ids=ids, now=now))

    views = await house.records.write(work)
    await tell(house, lesson_id)
    return views


def _decide_many(
    tx: Transaction,
    principal: Principal,
    target: LessonTarget,
    step: InquiryStep,
    *,
    ids: Sequence[str],
    now: dt.datetime,
) -> tuple[InquiryView, ...]:
    floor = _Floor(tx, target.lesson, principal.account_id, now)
    found = [floor.find(each) for each in dict.fromkeys(ids)]
    due = [each for each in found if rules.in_bulk(each, step)]
    return tuple(for_staff(floor.step(each, step)) for each in due)


async def order_inquiries(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, ids: Sequence[str], now: dt.datetime
) -> tuple[str, ...]:
    """By hand, from now on; only what is shown has a place. Raises ``inquiry_not_found``, ``forbidden``."""
    asked = command(principal, command_id, "order_inquiries", lesson_id=lesson_id, ids=list(ids))

    def order(tx: Transaction) -> tuple[str, ...]:
        shown = {each.id for each in tx.inquiries.shown(lesson_id)}
        placed = tuple(each for each in dict.fromkeys(ids) if each in shown)
        tx.inquiries.order(lesson_id, placed)
        desk = replace(tx.inquiries.desk(lesson_id), order=Order.HAND)
        tx.inquiries.set_desk(lesson_id, desk)
        said = [events.inquiry_ordered(placed), events.inquiry_desk(desk)]
        tx.events.append(lesson_id, said, now, principal.account_id)
        return placed

    def work(tx: Transaction) -> tuple[str, ...]:
        allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)
        return once(tx, asked, now, _IDS, lambda: order(tx))

    placed = await house.records.write(work)
    await tell(house, lesson_id)
    return placed


# ---- how they are shown ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskChange:
    """None: as it is."""

    names: bool | None = None
    order: Order | None = None
    band: bool | None = None


async def set_desk(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, change: DeskChange, now: dt.datetime
) -> DeskView:
    """Names that are hidden from now on leave the log, too. Raises ``lesson_not_found``, ``forbidden``."""
    fields = {"names": change.names, "order": change.order, "band": change.band}
    asked = command(principal, command_id, "inquiry_desk", lesson_id=lesson_id, **fields)

    def work(tx: Transaction) -> DeskView:
        allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)
        return once(tx, asked, now, _DESK, lambda: _set_desk(tx, principal, lesson_id, change, now))

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _set_desk(tx: Transaction, principal: Principal, lesson_id: str, change: DeskChange, now: dt.datetime) -> DeskView:
    before = tx.inquiries.desk(lesson_id)
    desk = Desk(
        names=before.names if change.names is None else change.names,
        order=change.order or before.order,
        band=before.band if change.band is None else change.band,
    )
    if desk != before:
        tx.inquiries.set_desk(lesson_id, desk)
        if before.names and not desk.names:
            _forget_names(tx, lesson_id)
        tx.events.append(lesson_id, [events.inquiry_desk(desk)], now, principal.account_id)
    return desk_view(desk)


def _forget_names(tx: Transaction, lesson_id: str) -> None:
    """Whoever comes later reads the list without them."""
    for inquiry in tx.inquiries.shown(lesson_id):
        if inquiry.shown_seq is not None:
            tx.events.empty(lesson_id, inquiry.shown_seq)
            tx.inquiries.save(replace(inquiry, shown_seq=None))
