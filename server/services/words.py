"""The words that a unit has listed: kept by its school's administrator, in force in it and in all units below."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.domain.access import Action, Principal, require_in_unit
from server.domain.refusals import Refusal
from server.domain.wordlist import WordList, checked
from server.services.records import Records, Transaction

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WordListView:
    unit_id: str
    words: tuple[str, ...]
    version: int
    changed_at: dt.datetime | None


async def get_words(records: Records, principal: Principal, unit_id: str, now: dt.datetime) -> WordListView:
    """Raises ``unit_not_found``, ``forbidden``."""
    return await records.read(lambda tx: _view(_allowed(tx, principal, unit_id, now)))


async def set_words(
    records: Records, principal: Principal, unit_id: str, words: Sequence[str], *, version: int, now: dt.datetime
) -> WordListView:
    """In the place of all before. Who changed how much stands in the log, the words do not.

    Raises ``unit_not_found``, ``forbidden``, ``invalid_body``, ``precondition_failed``.
    """
    kept = checked(words)

    def work(tx: Transaction) -> tuple[WordList, WordList]:
        before = _allowed(tx, principal, unit_id, now)
        if before.version != version:
            raise Refusal("precondition_failed", f"{version}, now {before.version}")
        after = replace(before, words=kept, version=version + 1, changed_by=principal.account_id, changed_at=now)
        if not tx.words.put(after):
            raise Refusal("precondition_failed", f"{version}")
        return before, after

    before, after = await records.write(work)
    added, removed = set(after.words) - set(before.words), set(before.words) - set(after.words)
    _log.warning(
        "word list of %s: version %d by %s, %d added, %d removed",
        *(unit_id, after.version, principal.account_id, len(added), len(removed)),
    )
    return _view(after)


def _allowed(tx: Transaction, principal: Principal, unit_id: str, now: dt.datetime) -> WordList:
    require_in_unit(principal, Action.EDIT, tx.units.line(unit_id, tx.calendar.day(now)))
    return tx.words.get(unit_id)


def _view(words: WordList) -> WordListView:
    return WordListView(words.unit_id, words.words, words.version, words.changed_at)
