"""Letters that belong to no lesson: written in the transaction of what they tell, and read in the inbox.

The rules are :mod:`server.domain.letters`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from server.domain import letters as rules
from server.domain.access import Principal, Role
from server.domain.entry_corrections import EntryCorrection
from server.domain.letters import Letter, Topic
from server.domain.oversight import Oversight, OversightStep, Shown, Subject, shown
from server.domain.stewards import Care, cares
from server.domain.year_lists import Reminder
from server.domain.year_standing import StandingState
from server.services.records import Transaction
from server.services.standing import Year
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class CreditLetter:
    """``short``: what was missing when it was sent, in hundredths; ``until``: the last day for it. ``met``: nothing
    is missing any more. ``by``: a name.
    """

    year: int
    short: int
    until: dt.date
    by: str
    met: bool


@dataclass(frozen=True, slots=True)
class CorrectionLetter:
    """Of what, from what to what in hundredths, why and by whom. ``year``: in which it counts."""

    title: str
    before: int
    after: int
    reason: str
    by: str
    year: int


@dataclass(frozen=True, slots=True)
class OversightLetter:
    """``due_on``: as it was told; ``state``: as it is now."""

    id: str
    unit: Named
    above: Named
    subject: Subject
    text: str
    due_on: dt.date
    state: Shown


# ---- writing -----------------------------------------------------------------------------------------------


def tell_short(tx: Transaction, reminders: Iterable[Reminder]) -> None:
    """One to each member, with the reminder."""
    tx.letters.add(
        [
            Letter(
                *(str(uuid.uuid4()), Topic.CREDIT_SHORT, one.id, f"reminder/{one.id}", one.member_id, None),
                due_on=rules.last_day(one.year),
                sent_at=one.at,
            )
            for one in reminders
        ]
    )


def tell_corrected(tx: Transaction, made: EntryCorrection) -> None:
    """The member whose credit it is, with the correction."""
    own = (
        str(uuid.uuid4()),
        Topic.CREDIT_CORRECTED,
        made.entry_id,
        f"correction/{made.entry_id}",
        made.member_id,
        None,
    )
    tx.letters.add([Letter(*own, due_on=tx.calendar.day(made.at), sent_at=made.at)])


def tell_step(tx: Transaction, one: Oversight, taken: OversightStep, topic: Topic) -> None:
    """Of an answer whoever asked for it, else the unit's own secretaries; nobody of what he did himself."""
    answered = topic is Topic.OVERSIGHT_ANSWERED
    people = _askers(tx, one) if answered else secretaries(tx).get(one.unit_id, frozenset())
    tell(tx, one, topic, rules.of_step(taken), accounts=people - {taken.by}, now=taken.at)


def tell(
    tx: Transaction, one: Oversight, topic: Topic, occasion: str, *, accounts: Collection[str], now: dt.datetime
) -> None:
    tx.letters.add(
        [
            Letter(*(str(uuid.uuid4()), topic, one.id, occasion, None, account), due_on=one.due_on, sent_at=now)
            for account in sorted(accounts)
        ]
    )


def secretaries(tx: Transaction) -> dict[str, frozenset[str]]:
    """The accounts of each unit's own secretaries, those that are not disabled."""
    found: dict[str, frozenset[str]] = {}
    for account, unit_id in tx.accounts.with_role(Role.SECRETARY):
        found[unit_id] = found.get(unit_id, frozenset()) | {account.id}
    return found


def _askers(tx: Transaction, one: Oversight) -> frozenset[str]:
    """Who opened it, and who returned it: those of them who can still log in."""
    asked = {step.by for step in rules.asking(tx.oversights.steps([one.id]).get(one.id, ()))} | {one.opened_by}
    return frozenset(key for key in asked if (account := tx.accounts.get(key)) and not account.disabled)


# ---- reading -----------------------------------------------------------------------------------------------


def credit_letters(
    tx: Transaction, principal: Principal, shown_ones: Sequence[Letter], now: dt.datetime
) -> dict[str, CreditLetter]:
    """By letter; of a reminder that is not kept any more there is nothing."""
    mine = {one.about: one for one in shown_ones if one.topic is Topic.CREDIT_SHORT}
    found = tx.year_lists.reminders(mine.keys())
    names = tx.accounts.names({each.by for each in found})
    met = {year: _met(tx, principal, year, now) for year in {each.year for each in found}}
    return {
        mine[each.id].id: CreditLetter(
            each.year, each.short, mine[each.id].due_on, names.get(each.by, ""), met=met[each.year]
        )
        for each in found
    }


def _met(tx: Transaction, principal: Principal, year: int, now: dt.datetime) -> bool:
    found = Year(tx, year, now).of_members([principal.member_id]) if principal.member_id else ()
    return any(one.standing.state is not StandingState.SHORT for one in found)


def correction_letters(tx: Transaction, shown_ones: Sequence[Letter]) -> dict[str, CorrectionLetter]:
    """By letter."""
    mine = {one.about: one for one in shown_ones if one.topic is Topic.CREDIT_CORRECTED}
    found = [each for each in tx.entry_corrections.about(mine.keys()) if each.entry_id in mine] if mine else []
    entries = tx.ledger.named([each.corrected_id for each in found])
    lessons = {key: tx.lessons.get(key) for key in {each.lesson_id for each in entries.values() if each.lesson_id}}
    names = tx.accounts.names({each.by for each in found}) if found else {}

    def view(made: EntryCorrection) -> CorrectionLetter:
        entry = entries[made.corrected_id]
        lesson = lessons.get(entry.lesson_id or "")
        year = tx.calendar.day(lesson.starts_at if lesson else made.counts_at).year
        title, by = lesson.title if lesson else entry.reason, names.get(made.by, "")
        return CorrectionLetter(title, made.before, made.after, made.reason, by, year)

    return {mine[each.entry_id].id: view(each) for each in found}


def oversight_letters(
    tx: Transaction, principal: Principal, shown_ones: Sequence[Letter], now: dt.datetime
) -> dict[str, OversightLetter]:
    """By letter; of an item that the reader looks after no more, or that is not kept, there is nothing."""
    mine = [each for each in shown_ones if each.topic is not Topic.CREDIT_SHORT]
    if not mine:
        return {}
    today, tree = tx.calendar.day(now), tx.units.tree()
    items = {one.id: one for one in tx.oversights.among({each.about for each in mine})}
    seen = {key for key, one in items.items() if Care.SEE in cares(principal, tree.line(one.unit_id, today))}

    def view(letter: Letter) -> OversightLetter:
        one = items[letter.about]
        unit, above = (Named(key, tree.name(key, today)) for key in (one.unit_id, one.above_id))
        return OversightLetter(one.id, unit, above, one.subject, one.text, letter.due_on, shown(one, today))

    return {each.id: view(each) for each in mine if each.about in seen}
