"""Reading the whole ledger to verify it, whatever state its rows are in. Read-only, beside a running server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from server.domain.chain import Flaw, Head
from server.domain.day_heads import DayHead, Kept
from server.domain.double_entry import Trial
from server.domain.ledger import Entry, check
from server.domain.reconciliation import SENTENCES as DISCORDS
from server.domain.reconciliation import Mismatch
from server.store.chained import Heard, NoLedger, counted, flaw_told, rows, snapshot, told
from server.store.ledger import BOOK, SqlLedger
from server.store.reconciliation import mismatches
from server.store.schema import credit_entries, ledger_days, ledger_heads

_MAY_BE_NULL = frozenset({"lesson_id", "corrects", "actor"})


@dataclass(frozen=True, slots=True)
class Findings:
    """``chain``: the head of a sound ledger, or its first flaw. ``mismatches``: the first of them; ``more``: beside.

    ``readable`` False: the verdicts could not be read to their end. ``trial``: the balances of all accounts, as the
    entries say; of a flawed ledger those before the flaw. ``differing``: members whose sum is another one when the
    database adds it up. ``lost_days``: heads noted on a day that are not in the chain.
    """

    chain: Head | Flaw
    mismatches: tuple[Mismatch, ...] = ()
    more: int = 0
    readable: bool = True
    trial: Trial = field(default_factory=Trial)
    differing: tuple[str, ...] = ()
    lost_days: tuple[DayHead, ...] = ()
    days_readable: bool = True

    @property
    def sound(self) -> bool:
        return (
            isinstance(self.chain, Head) and not self.mismatches and self.readable and self.balanced and self.days_sound
        )

    @property
    def days_sound(self) -> bool:
        return self.days_readable and not self.lost_days

    @property
    def balanced(self) -> bool:
        """Every entry has a known source, all accounts together are zero, and no member's sum differs."""
        return self.trial.unsourced is None and self.trial.granted == self.trial.held and not self.differing


async def check_ledger(url: str, noted: str | None = None) -> Head | Flaw:
    """The chain alone, of :func:`audit`."""
    return (await audit(url, noted)).chain


def _unheard(done: int, total: int) -> None:
    """Nobody waits for it."""


async def audit(url: str, noted: str | None = None, heard: Heard = _unheard) -> Findings:
    """One snapshot of the ledger at ``url``, from its first entry to its head, and of the verdicts beside it.

    ``noted`` as :func:`check` has it; ``heard`` hears of the entries, from another thread. Raises :class:`NoLedger`,
    and :class:`sqlalchemy.exc.SQLAlchemyError` when the database is away.
    """
    return await snapshot(url, lambda connection: _check(connection, noted, heard))


MOST_NAMED = 20
_ADVICE = (
    "请停止核定学时，保留数据库现状，并与最近一份验证通过的备份比对。"
    "Stop settling, keep the database as it is, and compare with the newest backup that verifies."
)


async def report(url: str, noted: str | None = None, heard: Heard = _unheard) -> tuple[str, int]:
    """What an auditor reads, Chinese and English, and the exit code of the command."""
    return await told(audit(url, noted, heard), _text)


def _text(found: Findings) -> str:
    chain = found.chain
    said = _flaw_text(chain) if isinstance(chain, Flaw) else _sound_text(chain)
    balance = () if isinstance(chain, Flaw) else _balance_lines(found)
    return "\n".join((said, *balance, *_mismatch_lines(found), *(() if found.sound else (_ADVICE,))))


def _sound_text(head: Head) -> str:
    return f"学时账完好 The ledger is sound: {head.position} 条 entries\n账头 head: {head.hash}"


def _balance_lines(found: Findings) -> Iterator[str]:
    """The head's line stays the last one of a sound ledger's first two."""
    trial = found.trial
    if trial.unsourced is not None:
        yield f"第 {trial.unsourced} 条 entry {trial.unsourced}: 来源不明 no known source grants it"
    for member in found.differing[:MOST_NAMED]:
        yield f"学员 member {member}: 余额与分录不符 the sum of the entries is not what the database adds up"
    if not found.days_readable:
        yield "每日账头无法读取 The heads of the days cannot be read"
    for noted in found.lost_days[:MOST_NAMED]:
        where = f"{noted.head.position} {noted.head.hash}"
        yield f"{noted.day} 所记账头不在账中 the head of that day is not in the ledger: {where}"
    if found.balanced:
        accounts, sums = len(trial.sources), f"-{_hours(trial.granted)} + {_hours(trial.held)} = 0"
        yield f"借贷平衡 Double entry balances: {accounts} 个来源 sources, {len(trial.members)} 名学员 members, {sums}"


def _hours(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}"


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


def _check(connection: sa.Connection, noted: str | None, heard: Heard) -> Findings:
    if not sa.inspect(connection).has_table(ledger_heads.name):
        raise NoLedger("the database is from an older version: start the server once")
    row = connection.execute(sa.select(ledger_heads).where(ledger_heads.c.name == BOOK)).one_or_none()
    trial = Trial()
    days = _days(connection)
    kept = Kept(days or ())
    total = row.position if row and isinstance(row.position, int) else 0  # a forged one may be anything
    read = counted(rows(connection, credit_entries, Entry, _MAY_BE_NULL), total, heard)
    entries = kept.over(trial.over(read))
    chain = check(entries, Head(row.position, row.hash) if row else None, noted)
    sound = isinstance(chain, Head)
    differing, lost = (trial.differing(_sums(connection)), kept.missing) if sound else ((), ())
    found: list[Mismatch] = []
    readable = True
    try:
        found.extend(mismatches(connection))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        readable = False
    return Findings(
        chain, tuple(found[:MOST_NAMED]), len(found[MOST_NAMED:]), readable, trial, differing, lost, days is not None
    )


def _days(connection: sa.Connection) -> tuple[DayHead, ...] | None:
    """None: they cannot be read any more. A database from before there were any has none."""
    if not sa.inspect(connection).has_table(ledger_days.name):
        return ()
    try:
        return SqlLedger(connection).day_heads(None, None)
    except (DBAPIError, ValueError, TypeError) as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        return None


def _sums(connection: sa.Connection) -> dict[str, int]:
    """What the database makes of each member's entries, in hundredths."""
    entries = credit_entries.c
    query = sa.select(entries.member_id, sa.func.sum(entries.hundredths).label("sum")).group_by(entries.member_id)
    return {row.member_id: int(row.sum) for row in connection.execute(query)}
