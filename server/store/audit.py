"""Reading the whole ledger to verify it, whatever state its rows are in. Read-only, beside a running server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from server.domain.chain import Flaw, Head
from server.domain.ledger import Entry, check
from server.domain.reconciliation import SENTENCES as DISCORDS
from server.domain.reconciliation import Mismatch
from server.store.chained import NoLedger, flaw_told, rows, snapshot, told
from server.store.ledger import BOOK
from server.store.reconciliation import mismatches
from server.store.schema import credit_entries, ledger_heads

_MAY_BE_NULL = frozenset({"lesson_id", "corrects", "actor"})


@dataclass(frozen=True, slots=True)
class Findings:
    """``chain``: the head of a sound ledger, or its first flaw. ``mismatches``: the first of them; ``more``: beside.

    ``readable`` False: the verdicts could not be read to their end.
    """

    chain: Head | Flaw
    mismatches: tuple[Mismatch, ...] = ()
    more: int = 0
    readable: bool = True

    @property
    def sound(self) -> bool:
        return isinstance(self.chain, Head) and not self.mismatches and self.readable


async def check_ledger(url: str, noted: str | None = None) -> Head | Flaw:
    """The chain alone, of :func:`audit`."""
    return (await audit(url, noted)).chain


async def audit(url: str, noted: str | None = None) -> Findings:
    """One snapshot of the ledger at ``url``, from its first entry to its head, and of the verdicts beside it.

    ``noted`` as :func:`check` has it. Raises :class:`NoLedger`, and :class:`sqlalchemy.exc.SQLAlchemyError` when the
    database is away.
    """
    return await snapshot(url, lambda connection: _check(connection, noted))


MOST_NAMED = 20
_ADVICE = (
    "请停止核定学时，保留数据库现状，并与最近一份验证通过的备份比对。"
    "Stop settling, keep the database as it is, and compare with the newest backup that verifies."
)


async def report(url: str, noted: str | None = None) -> tuple[str, int]:
    """What an auditor reads, Chinese and English, and the exit code of the command."""
    return await told(audit(url, noted), _text)


def _text(found: Findings) -> str:
    chain = found.chain
    said = _flaw_text(chain) if isinstance(chain, Flaw) else _sound_text(chain)
    return "\n".join((said, *_mismatch_lines(found), *(() if found.sound else (_ADVICE,))))


def _sound_text(head: Head) -> str:
    return f"学时账完好 The ledger is sound: {head.position} 条 entries\n账头 head: {head.hash}"


def _flaw_text(flaw: Flaw) -> str:
    return f"学时账有误 The ledger is NOT sound\n{flaw_told(flaw, 'entry')}"


def _mismatch_lines(found: Findings) -> Iterator[str]:
    if not found.readable:
        yield "核定无法读取 The verdicts cannot be read"
    if not found.mismatches:
        return
    count = len(found.mismatches) + found.more
    yield f"核定与入账不符 Verdicts and entries do NOT agree: {count}"
    for each in found.mismatches:
        text, text_en = DISCORDS[each.discord]
        amounts = f"{each.verdict_hundredths} / {each.entry_hundredths}"
        who = f"课 lesson {each.lesson_id} 学员 member {each.member_id}"
        yield f"{who}: {text} ({each.discord.value}, {amounts}): {text_en}"
    if found.more:
        yield f"另有 {found.more} 处 and {found.more} more"


def _check(connection: sa.Connection, noted: str | None) -> Findings:
    if not sa.inspect(connection).has_table(ledger_heads.name):
        raise NoLedger("the database is from an older version: start the server once")
    row = connection.execute(sa.select(ledger_heads).where(ledger_heads.c.name == BOOK)).one_or_none()
    chain = check(
        rows(connection, credit_entries, Entry, _MAY_BE_NULL), Head(row.position, row.hash) if row else None, noted
    )
    found: list[Mismatch] = []
    readable = True
    try:
        found.extend(mismatches(connection))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        readable = False
    return Findings(chain, tuple(found[:MOST_NAMED]), len(found[MOST_NAMED:]), readable)
