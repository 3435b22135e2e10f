"""The shelf of outside credit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from server.domain.outside import OutsideCredit, OutsideEntry, OutsideState, Proof


class OutsideShelf(Protocol):
    def get(self, outside_id: str, *, lock: bool = False) -> OutsideCredit | None: ...

    def of_member(self, member_id: str, since: dt.date, until: dt.date) -> tuple[OutsideCredit, ...]:
        """Held in that time, the newest first."""
        ...

    def listed(
        self,
        unit_ids: Collection[str],
        on: dt.date,
        *,
        state: OutsideState | None,
        year: int | None,
        before: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> tuple[OutsideCredit, ...]:
        """Entered in these units, or of who belongs to them ``on`` that day; newest first, after the cursor."""
        ...

    def waiting(self, member_ids: Collection[str]) -> dict[str, int]:
        """How many of each are undecided; who has none is not in it."""
        ...

    def standing(self, keys: Collection[str]) -> dict[str, int]:
        """Those of the keys under which something stands, with its hundredths."""
        ...

    def add(self, one: OutsideCredit) -> bool:
        """Whether nothing alike stood."""
        ...

    def save(self, one: OutsideCredit) -> None: ...

    def enter(self, entry: OutsideEntry) -> None: ...

    def entries(self, outside_ids: Collection[str]) -> tuple[OutsideEntry, ...]:
        """In the order in which they were made."""
        ...

    def of_entries(self, entry_ids: Collection[str]) -> dict[str, OutsideCredit]:
        """By the ledger entry's id."""
        ...

    def proofs(self, proof_ids: Collection[str]) -> dict[str, Proof]: ...

    def put_proof(self, proof: Proof) -> None:
        """A new one, or what came of its file."""

    def drop_proof(self, proof_id: str) -> None: ...

    def with_proof(self, proof_id: str, limit: int) -> tuple[OutsideCredit, ...]: ...

    def sharers(self, proof_ids: Collection[str]) -> dict[str, int]:
        """Of how many members each is."""
        ...

    def loose(self, account_id: str) -> int:
        """How many of the account's no credit names."""
        ...

    def drop_loose(self, before: dt.datetime) -> int:
        """Those that no credit names and that are older; how many."""
        ...

    def kept_proofs(self) -> frozenset[str]: ...
