"""Inquiries (提问): approved first, shown afterwards. One table says what may follow what."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal

MOST_TEXT = 500
MOST_WAITING = 3
"""Of one member in one lesson."""
MOST_IN_AN_HOUR = 10
HOUR = dt.timedelta(hours=1)
MOST_IN_A_LESSON = 5_000


class InquiryState(enum.StrEnum):
    WAITING = "waiting"  # 待审
    APPROVED = "approved"  # 已采纳
    DECLINED = "declined"  # 未采纳
    MERGED = "merged"  # 并入另一条
    ON_STAGE = "on_stage"  # 正在回答
    ANSWERED = "answered"  # 已答


class InquiryStep(enum.StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    MERGE = "merge"
    STAGE = "stage"
    UNSTAGE = "unstage"
    ANSWER = "answer"
    REOPEN = "reopen"


class Order(enum.StrEnum):
    VOTES = "votes"
    HAND = "hand"


_S, _T = InquiryState, InquiryStep

TRANSITIONS: dict[tuple[InquiryState, InquiryStep], InquiryState] = {
    (_S.WAITING, _T.APPROVE): _S.APPROVED,
    (_S.WAITING, _T.DECLINE): _S.DECLINED,
    (_S.WAITING, _T.MERGE): _S.MERGED,
    (_S.APPROVED, _T.DECLINE): _S.DECLINED,
    (_S.APPROVED, _T.MERGE): _S.MERGED,
    (_S.APPROVED, _T.STAGE): _S.ON_STAGE,
    (_S.APPROVED, _T.ANSWER): _S.ANSWERED,
    (_S.APPROVED, _T.REOPEN): _S.WAITING,
    (_S.ON_STAGE, _T.UNSTAGE): _S.APPROVED,
    (_S.ON_STAGE, _T.ANSWER): _S.ANSWERED,
    (_S.DECLINED, _T.APPROVE): _S.APPROVED,
    (_S.DECLINED, _T.REOPEN): _S.WAITING,
    (_S.MERGED, _T.REOPEN): _S.WAITING,
    (_S.ANSWERED, _T.REOPEN): _S.APPROVED,
}

SHOWN = frozenset({_S.APPROVED, _S.ON_STAGE, _S.ANSWERED})
"""What others may see. Nothing else of an inquiry ever reaches another member, a screen or the recording."""
VOTABLE = frozenset({_S.APPROVED, _S.ON_STAGE})
TARGETS = SHOWN | {_S.WAITING}
"""What another inquiry may be merged into."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a member asks. ``name`` and ``unit_name`` are those of the moment of asking. ``listed``: what in it stands
    for a word of the customer's list; whoever decides looks at such a one by itself.

    ``votes``: others behind it (:func:`support`). ``position``: its place when staff order by hand. ``shown_seq``:
    where the log holds its text for everybody; None: nowhere.
    """

    id: str
    lesson_id: str
    account_id: str
    member_id: str
    name: str
    unit_name: str
    text: str
    state: InquiryState
    asked_at: dt.datetime
    decided_at: dt.datetime | None = None
    staged_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    answer: str | None = None
    merged_into: str | None = None
    assigned_to: str = ""
    position: int | None = None
    votes: int = 0
    shown_seq: int | None = None
    listed: tuple[str, ...] = ()

    @property
    def shown(self) -> bool:
        return self.state in SHOWN


@dataclass(frozen=True, slots=True)
class Desk:
    """How inquiries are shown. ``names``: others see who asks; ``band``: the one on stage stands on screens."""

    names: bool = True
    order: Order = Order.VOTES
    band: bool = True


# ---- asking ----------------------------------------------------------------------------------------------


def check_text(text: str) -> str:
    """Without the space around it. Raises ``invalid_body``."""
    text = text.strip()
    if not 1 <= len(text) <= MOST_TEXT:
        raise Refusal("invalid_body", f"text: 1 to {MOST_TEXT} characters")
    return text


def check_pace(waiting: int, lately: Sequence[dt.datetime], now: dt.datetime) -> None:
    """``waiting``: of this member, undecided; ``lately``: when the same one asked before.

    Raises ``inquiries_waiting``, ``inquiries_too_many``.
    """
    if waiting >= MOST_WAITING:
        raise Refusal("inquiries_waiting", f"{waiting} are waiting")
    within = sorted(at for at in lately if at > now - HOUR)
    if len(within) >= MOST_IN_AN_HOUR:
        freed = within[-MOST_IN_AN_HOUR] + HOUR
        raise Refusal("inquiries_too_many", retry_after_s=max(1, int((freed - now).total_seconds()) + 1))


# ---- deciding --------------------------------------------------------------------------------------------


def next_state(state: InquiryState, step: InquiryStep) -> InquiryState:
    """Raises ``inquiry_state``."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise Refusal("inquiry_state", f"{step} when {state}") from None


def in_bulk(inquiry: Inquiry, step: InquiryStep) -> bool:
    """Whether many decided at once may have it among them: nobody approves a listed word without having seen it."""
    return (inquiry.state, step) in TRANSITIONS and not (step is InquiryStep.APPROVE and inquiry.listed)


def stepped(inquiry: Inquiry, step: InquiryStep, now: dt.datetime, *, into: str | None = None) -> Inquiry:
    """``into``: of a merge alone. Raises ``inquiry_state``."""
    state = next_state(inquiry.state, step)
    assert (step is InquiryStep.MERGE) == (into is not None)
    answered = state is InquiryState.ANSWERED
    on_stage = state is InquiryState.ON_STAGE
    return replace(
        inquiry,
        state=state,
        decided_at=None if state is InquiryState.WAITING else now,
        staged_at=now if on_stage else inquiry.staged_at if answered else None,
        answered_at=now if answered else None,
        answer=inquiry.answer if answered else None,
        merged_into=into,
    )


def replied(inquiry: Inquiry, answer: str, now: dt.datetime) -> Inquiry:
    """Answered in writing: whatever may be seen can be answered, again, too. Raises ``inquiry_state``."""
    if not inquiry.shown:
        raise Refusal("inquiry_state", f"a written answer when {inquiry.state}")
    at = inquiry.answered_at or now
    return replace(inquiry, state=InquiryState.ANSWERED, answer=answer, answered_at=at, decided_at=now)


def check_target(inquiry: Inquiry, target: Inquiry) -> None:
    """Whether ``inquiry`` may be merged into it. Raises ``inquiry_merge``."""
    if target.id == inquiry.id or target.lesson_id != inquiry.lesson_id or target.state not in TARGETS:
        raise Refusal("inquiry_merge", f"{inquiry.id} into {target.id}")


def support(author: str, voters: Iterable[str], merged_authors: Iterable[str] = ()) -> int:
    """How many others are behind it, each once: who voted for it or for what was merged into it, or asked that."""
    return len((frozenset(voters) | frozenset(merged_authors)) - {author})


def check_vote(inquiry: Inquiry, member_id: str) -> None:
    """Raises ``inquiry_not_found`` for what may not be seen, ``inquiry_state``, ``forbidden`` for one's own."""
    if not inquiry.shown:
        raise Refusal("inquiry_not_found", inquiry.id)
    if inquiry.state not in VOTABLE:
        raise Refusal("inquiry_state", f"a vote when {inquiry.state}")
    if inquiry.member_id == member_id:
        raise Refusal("forbidden", "a vote for the own inquiry")


def ordered(inquiries: Collection[Inquiry], order: Order) -> tuple[Inquiry, ...]:
    """On stage first, answered last; in between by votes, or by hand with what has no place yet at the end."""

    def rank(inquiry: Inquiry) -> tuple[object, ...]:
        place = {InquiryState.ON_STAGE: 0, InquiryState.ANSWERED: 2}.get(inquiry.state, 1)
        by_hand = (inquiry.position is None, inquiry.position or 0) if order is Order.HAND else (False, 0)
        return place, *by_hand, -inquiry.votes, inquiry.asked_at, inquiry.id

    return tuple(sorted(inquiries, key=rank))
