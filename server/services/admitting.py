"""Who joins a lesson's Socket.IO room, and what they hear there: a hall that comes at once is looked up together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.access import Action, LessonTarget, Principal, require
from server.domain.accounts import LoginRules
from server.domain.events import Listener
from server.domain.refusals import Refusal
from server.domain.tickets import LONGEST_RETURN, SocketTicket, check_socket
from server.services.finding import target_or_refusal
from server.services.login import RULES, Holder, in_use, still_here
from server.services.owing import hearing
from server.services.records import Transaction
from server.services.tickets import IssuedSocketTicket, TicketSigner, gone
from server.services.together import ReadTogether
from server.services.uses import Uses


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody with a ticket that is good by its seal and its time."""

    ticket: SocketTicket
    now: dt.datetime

    @property
    def holder(self) -> Holder:
        return Holder(self.ticket.account_id, self.ticket.login)


@dataclass(frozen=True, slots=True)
class Admission:
    """``seq``: the end of the lesson's log when it was looked at."""

    holder: Holder
    principal: Principal
    listener: Listener
    seq: int


Admissions = ReadTogether[Entry, Admission]


async def admit_socket(
    admissions: Admissions, signer: TicketSigner, token: str, lesson_id: str, now: dt.datetime
) -> Admission:
    """Raises ``ticket_invalid``, ``ticket_expired``, ``ticket_foreign``, ``lesson_not_found``, and ``busy``."""
    return await admissions.ask(Entry(check_socket(signer.read(token), lesson_id, now), now))


def admit_all(
    tx: Transaction, entries: Sequence[Entry], *, uses: Uses | None = None, rules: LoginRules = RULES
) -> Sequence[Admission | Refusal]:
    """What each may hear, or why it may not join: the login and the right are looked at anew, whatever the ticket. A
    ticket that was kept brings no login back that went unused for too long.
    """
    now = max(one.now for one in entries)
    here = in_use(tx, still_here(tx, {one.holder for one in entries}, now), uses, rules, now)
    targets: dict[str, tuple[LessonTarget | Refusal, int]] = {}
    for lesson_id in {one.ticket.lesson_id for one in entries}:
        who = [here[one.holder] for one in entries if one.ticket.lesson_id == lesson_id and one.holder in here]
        targets[lesson_id] = target_or_refusal(tx, lesson_id, who, now), tx.events.seq(lesson_id)
    return [_admitted(tx, one.holder, here.get(one.holder), *targets[one.ticket.lesson_id]) for one in entries]


def _admitted(
    tx: Transaction, holder: Holder, principal: Principal | None, target: LessonTarget | Refusal, seq: int
) -> Admission | Refusal:
    if principal is None:
        return gone()
    if isinstance(target, Refusal):
        return Refusal(target.code, target.detail)
    try:
        require(principal, Action.READ, target)
    except Refusal as refusal:
        return refusal
    return Admission(holder, principal, hearing(tx, principal, target), seq)


def socket_return(signer: TicketSigner, holder: Holder, lesson_id: str, now: dt.datetime) -> IssuedSocketTicket | None:
    """For the next dials of who has joined, so that a hall that comes back asks for no tickets.

    It carries no right: account, login and right to read are looked at anew each time. None: without a login there is
    nothing that would end it.
    """
    if holder.login is None:
        return None
    ticket = SocketTicket(lesson_id, holder.account_id, now + LONGEST_RETURN, holder.login)
    return IssuedSocketTicket(signer.sign(ticket), ticket.expires_at)
