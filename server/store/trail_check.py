"""Verifying the audit log."""

from __future__ import annotations

import sqlalchemy as sa

from server.domain.audit import Findings
from server.domain.chain import EMPTY, Flaw, Head
from server.store.chained import NoLedger, flaw_told, snapshot, told
from server.store.schema import audit_lines
from server.store.trail import examine

_ADVICE = (
    "请保留数据库现状，并与 syslog 收到的副本或最近一份验证通过的备份比对。"
    "Keep the database as it is; compare with what syslog received, or with the newest backup that verifies."
)


async def verify(url: str, noted: str | None = None) -> Findings:
    """Of one snapshot, read-only, beside a running server. ``noted``: the hash of a head from earlier, which must
    still be in the log. Raises :class:`NoLedger`, and :class:`sqlalchemy.exc.SQLAlchemyError`.
    """

    def look(connection: sa.Connection) -> Findings:
        if not sa.inspect(connection).has_table(audit_lines.name):
            raise NoLedger("the database is from an older version: start the server once")
        return examine(connection, noted)

    return await snapshot(url, look)


async def report(url: str, noted: str | None = None) -> tuple[str, int]:
    """What an auditor reads, Chinese and English, and the exit code of the command."""
    return await told(verify(url, noted), _text)


def _text(found: Findings) -> str:
    if isinstance(found.chain, Flaw):
        return f"{_flaw_text(found.chain)}\n{_ADVICE}"
    return "\n".join(_sound_lines(found, found.chain))


def _sound_lines(found: Findings, head: Head) -> list[str]:
    said = [f"审计日志完好 The audit log is sound: {found.count} 条 lines", f"日志末尾 head: {head.hash}"]
    if found.since != EMPTY:
        cut = found.since.position
        said.append(f"前 {cut} 条已按保存期限清理 the first {cut} were cut when their time was over")
    if found.erased:
        said.append(f"{found.erased} 条的内容已依申请删除 the details of {found.erased} were erased on request")
    return said


def _flaw_text(flaw: Flaw) -> str:
    return f"审计日志有误 The audit log is NOT sound\n{flaw_told(flaw, 'line')}"
