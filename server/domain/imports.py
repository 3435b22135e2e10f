"""An import of a roster (导入名单) from its dry run to its end; it is a job with progress, and its own history."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.domain.jobs import MOST_ATTEMPTS
from server.domain.refusals import Refusal


class ImportState(enum.StrEnum):
    CHECKED = "checked"  # the dry run is there; it waits for somebody to confirm
    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FORGOTTEN = "import_forgotten"
OVER = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows that were made ready beforehand: the store's statements, each with its rows as the driver takes them."""

    statements: tuple[tuple[str, tuple[tuple[object, ...], ...]], ...]


@dataclass(frozen=True, slots=True)
class RosterImport:
    """``scope``: the units in the care of whoever uploaded it; who has all of them in care sees it.

    ``report``: what the dry run found, JSON types. ``content``: the table, kept until it is over.
    """

    id: str
    account_id: str
    created_by: str
    scope: tuple[str, ...]
    file: str
    since: dt.date
    created_at: dt.datetime
    runner: str
    report: Mapping[str, Any]
    content: bytes | None
    state: ImportState = ImportState.CHECKED
    applied_by: str | None = None
    attempts: int = 0
    code: str | None = None
    ended_at: dt.datetime | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        counts: Mapping[str, int] = self.report["counts"]
        return counts


def confirmed(one: RosterImport, account_id: str, runner: str) -> RosterImport:
    """Raises ``import_over``, ``import_forgotten``, ``import_has_errors``."""
    if one.code == FORGOTTEN:
        raise Refusal(FORGOTTEN, one.id)
    if one.state is not ImportState.CHECKED:
        raise Refusal("import_over", one.state)
    if one.counts["errors"]:
        raise Refusal("import_has_errors", f"{one.counts['errors']}")
    return replace(one, state=ImportState.APPLYING, applied_by=account_id, runner=runner)


def tried(one: RosterImport, now: dt.datetime) -> RosterImport:
    """Begun, also again after the house's end cut it off; given up when that was tried often enough."""
    if one.attempts >= MOST_ATTEMPTS:
        return ended(one, ImportState.FAILED, now, "import_failed")
    return replace(one, attempts=one.attempts + 1)


def ended(one: RosterImport, state: ImportState, now: dt.datetime, code: str | None = None) -> RosterImport:
    """Raises ``import_over``."""
    if one.state in OVER:
        raise Refusal("import_over", one.state)
    return replace(one, state=state, code=code, ended_at=now, content=None)
