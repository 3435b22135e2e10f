"""Shelves of who can log in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from server.domain.access import Principal, Role, RoleGrant
from server.domain.access_codes import AccessCode, CodeKind
from server.domain.accounts import Account, Listed, Session, Wanted
from server.domain.second_factor import SecondFactor


class AccountShelf(Protocol):
    def get(self, account_id: str) -> Account | None: ...

    def by_number(self, number: str) -> Account | None: ...

    def grants(self, account_id: str) -> tuple[RoleGrant, ...]: ...

    def with_role(self, role: Role) -> tuple[tuple[Account, str], ...]:
        """Accounts and the unit in which each holds the role, by name."""
        ...

    def named(self, account_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Name and number."""
        ...

    def names(self, account_ids: Collection[str]) -> dict[str, str]: ...

    def numbers(self, member_ids: Collection[str]) -> dict[str, str]:
        """The login number of each member that has an account."""
        ...

    def of_venues(self, venue_ids: Collection[str]) -> tuple[Account, ...]:
        """Enabled accounts that stand for these venues, by number."""
        ...

    def add(self, accounts: Sequence[Account], grants: Sequence[tuple[str, RoleGrant]]) -> None:
        """Accounts, and roles by account id. Raises ``account_mixed``, and adds nothing then."""

    def taken(self, numbers: Collection[str]) -> frozenset[str]:
        """Those of the numbers that some account has."""
        ...

    def belonging(self, numbers: Collection[str]) -> dict[str, str | None]:
        """Of these numbers, thousands at once, those that are taken: the member's id, None where it is no member's."""
        ...

    def rename(self, member_id: str, name: str) -> None:
        """The member's account."""
        ...

    def count(self) -> int: ...

    def principal(self, account_id: str, on: dt.date) -> Principal | None:
        """None when there is no such account or it is disabled."""
        ...

    def principals(self, account_ids: Collection[str], on: dt.date) -> dict[str, Principal]:
        """The same for many, in a few queries; those that :meth:`principal` gives None for are left out."""
        ...

    def listed(self, wanted: Wanted, on: dt.date) -> tuple[Listed, ...]:
        """By number."""
        ...

    def revoke(self, account_id: str, grant: RoleGrant) -> None: ...

    def held(self, account_ids: Collection[str]) -> dict[str, tuple[RoleGrant, ...]]:
        """The roles of those that hold some, also of disabled ones."""
        ...

    def leave(self, account_ids: Collection[str]) -> tuple[str, ...]:
        """Disabled because their members left, without roles, logins and codes; the logins that ended."""
        ...

    def come_back(self, account_ids: Collection[str]) -> None:
        """Those that were disabled by :meth:`leave` serve again."""

    def set_disabled(self, account_id: str, *, disabled: bool) -> None:
        """By an administrator."""

    def set_password(self, account_id: str, password_hash: str) -> None: ...

    def of_members(self, member_ids: Collection[str]) -> dict[str, str]:
        """The account of each member that has one."""
        ...


class SessionShelf(Protocol):
    def add(self, session: Session) -> None: ...

    def get(self, token_digest: str) -> Session | None: ...

    def those(self, token_digests: Collection[str]) -> dict[str, Session]:
        """Of these logins, by their digests, those that were not ended, also when they are over."""
        ...

    def of_account(self, account_id: str) -> tuple[Session, ...]:
        """Those that were not ended, also when they are over; the newest first."""
        ...

    def holders(self, token_digests: Collection[str], now: dt.datetime) -> dict[str, str]:
        """The account of each of these logins that has not ended."""
        ...

    def use(self, at: Mapping[str, dt.datetime]) -> None:
        """When each of these logins was used; an earlier time changes nothing."""
        ...

    def end(self, token_digest: str) -> None: ...

    def end_expired(self, now: dt.datetime) -> int: ...


class AttemptShelf(Protocol):
    """Failed logins by number and address."""

    def failures(self, number: str, address: str, since: dt.datetime) -> tuple[dt.datetime, ...]: ...

    def add(self, number: str, address: str, at: dt.datetime) -> None: ...

    def clear(self, number: str, address: str) -> None: ...

    def clear_everywhere(self, number: str) -> None: ...

    def count(self, number: str, since: dt.datetime) -> int:
        """From all addresses."""
        ...

    def forget_before(self, before: dt.datetime) -> int: ...


class AccessCodeShelf(Protocol):
    """One code of each kind per account."""

    def put(self, codes: Sequence[AccessCode]) -> None:
        """In the place of older ones."""
        ...

    def get(self, account_id: str, kind: CodeKind) -> AccessCode | None: ...

    def use(self, code: AccessCode, command_id: str, at: dt.datetime) -> bool:
        """False: somebody else was faster, or it was replaced."""
        ...

    def withdraw(self, code: AccessCode) -> None: ...

    def forget_before(self, before: dt.datetime) -> int:
        """Those that expired before."""
        ...


class SecondFactorShelf(Protocol):
    def get(self, account_id: str) -> SecondFactor | None: ...

    def put(self, factor: SecondFactor) -> None:
        """In the place of the one before."""
        ...

    def remove(self, account_id: str) -> None: ...
