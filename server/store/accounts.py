"""Accounts and their roles, logins and failed logins, as rows."""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.access import AccountKind, Principal, Role, RoleGrant
from server.domain.access_codes import CodeKind
from server.domain.accounts import LEFT, Account, Listed, Session, Wanted, check_account
from server.store.batches import batched
from server.store.members import lent
from server.store.operators import operating, rooms_of
from server.store.schema import (
    UtcTime,
    access_codes,
    accounts,
    loans,
    login_failures,
    memberships,
    role_grants,
    room_operators,
    second_factors,
    sessions,
)
from server.store.units import LINE, SqlUnits, holds
from server.store.upserts import padded

# Built once: every request asks who it comes from, and building a statement costs as much as running it.
_BY_ID = sa.select(accounts).where(accounts.c.id == sa.bindparam("account"))
_GRANTS = (
    sa.select(role_grants.c.role, role_grants.c.unit_id)
    .where(role_grants.c.account_id == sa.bindparam("account"))
    .order_by(role_grants.c.role, role_grants.c.unit_id)
)
_WITH_UNIT = (
    sa.select(accounts, memberships.c.unit_id.label("member_of"), loans.c.unit_id.label("lent_to"))
    .outerjoin(
        memberships,
        sa.and_(memberships.c.member_id == accounts.c.member_id, holds(sa.bindparam("on", type_=sa.Date))),
    )
    .outerjoin(loans, sa.and_(loans.c.member_id == accounts.c.member_id, lent(sa.bindparam("on", type_=sa.Date))))
    .where(accounts.c.id == sa.bindparam("account"))
)
_LINE = LINE.subquery()
_STANDING = sa.union_all(
    sa.select(role_grants.c.role, role_grants.c.unit_id, sa.literal(0).label("height")).where(
        role_grants.c.account_id == sa.bindparam("account")
    ),
    sa.select(sa.null(), _LINE.c.parent_id, _LINE.c.height),
    sa.select(sa.null(), room_operators.c.venue_id, sa.literal(-1)).where(
        room_operators.c.account_id == sa.bindparam("account"), operating(sa.bindparam("on", type_=sa.Date))
    ),
)
"""Roles with their units, the units above, and rooms operated today (height -1), in one question."""
_SESSION = sa.select(sessions).where(sessions.c.token_digest == sa.bindparam("digest"))

# Of many at once: made here once, since what makes a statement costs more than running it.
_ON = sa.bindparam("on", type_=sa.Date)
_SESSIONS = sa.select(sessions).where(sessions.c.token_digest.in_(sa.bindparam("digests", expanding=True)))
_THEIRS: sa.BindParameter[str] = sa.bindparam("accounts", expanding=True)
_ENABLED = sa.select(accounts).where(accounts.c.id.in_(_THEIRS), accounts.c.disabled.is_(False))
_HELD = (
    sa.select(role_grants)
    .where(role_grants.c.account_id.in_(_THEIRS))
    .order_by(role_grants.c.role, role_grants.c.unit_id)
)
_PEOPLE: sa.BindParameter[str] = sa.bindparam("members", expanding=True)
_HOMES = sa.select(memberships.c.member_id, memberships.c.unit_id).where(
    memberships.c.member_id.in_(_PEOPLE), holds(_ON)
)
_HOSTS = sa.select(loans.c.member_id, loans.c.unit_id).where(loans.c.member_id.in_(_PEOPLE), lent(_ON))


class SqlAccounts:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, account_id: str) -> Account | None:
        row = self._connection.execute(_BY_ID, {"account": account_id}).one_or_none()
        return None if row is None else _account(row)

    def by_number(self, number: str) -> Account | None:
        row = self._connection.execute(sa.select(accounts).where(accounts.c.number == number)).one_or_none()
        return None if row is None else _account(row)

    def grants(self, account_id: str) -> tuple[RoleGrant, ...]:
        rows = self._connection.execute(_GRANTS, {"account": account_id})
        return tuple(RoleGrant(Role(role), unit_id) for role, unit_id in rows)

    def _standing(
        self, account_id: str, unit_id: str | None, on: dt.date
    ) -> tuple[list[RoleGrant], tuple[str, ...], tuple[str, ...]]:
        """Roles held, the unit's line to the root, and rooms operated."""
        asked = {"account": account_id, "unit": unit_id or "", "on": on}
        rows = self._connection.execute(_STANDING, asked).all()
        grants = sorted((row.role, row.unit_id) for row in rows if row.role is not None)
        above = sorted((row.height, row.unit_id) for row in rows if row.role is None and row.height >= 0)
        rooms = tuple(sorted(row.unit_id for row in rows if row.height < 0))
        line = (unit_id, *(parent for _, parent in above)) if unit_id else ()
        return [RoleGrant(Role(role), held_in) for role, held_in in grants], line, rooms

    def with_role(self, role: Role) -> tuple[tuple[Account, str], ...]:
        query = (
            sa.select(accounts, role_grants.c.unit_id.label("held_in"))
            .join(role_grants, role_grants.c.account_id == accounts.c.id)
            .where(role_grants.c.role == role.value, accounts.c.disabled.is_(False))
            .order_by(accounts.c.name, accounts.c.id)
        )
        return tuple((_account(row), row.held_in) for row in self._connection.execute(query))

    def named(self, account_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        query = sa.select(accounts.c.id, accounts.c.name, accounts.c.number).where(accounts.c.id.in_(account_ids))
        return {row.id: (row.name, row.number) for row in self._connection.execute(query)}

    def names(self, account_ids: Collection[str]) -> dict[str, str]:
        query = sa.select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(account_ids))
        return {row.id: row.name for row in self._connection.execute(query)}

    def numbers(self, member_ids: Collection[str]) -> dict[str, str]:
        query = sa.select(accounts.c.member_id, accounts.c.number).where(accounts.c.member_id.in_(member_ids))
        return {row.member_id: row.number for row in self._connection.execute(query)}

    def of_members(self, member_ids: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in batched(member_ids):
            query = sa.select(accounts.c.member_id, accounts.c.id).where(accounts.c.member_id.in_(some))
            found |= {row.member_id: row.id for row in self._connection.execute(query)}
        return found

    def of_venues(self, venue_ids: Collection[str]) -> tuple[Account, ...]:
        found: list[Account] = []
        for some in batched(venue_ids):
            query = sa.select(accounts).where(accounts.c.venue_id.in_(some), accounts.c.disabled.is_(False))
            found += [_account(row) for row in self._connection.execute(query)]
        return tuple(sorted(found, key=lambda account: account.number))

    def listed(self, wanted: Wanted, on: dt.date) -> tuple[Listed, ...]:
        query = _listing(wanted, on)
        rows = self._connection.execute(query).all()
        held = self._held([row.id for row in rows])
        return tuple(
            Listed(
                _account(row),
                row.at_home,
                tuple(held[row.id]),
                row.code_until,
                row.last_used,
                row.confirmed is not None,
            )
            for row in rows
        )

    def revoke(self, account_id: str, grant: RoleGrant) -> None:
        own = sa.and_(role_grants.c.account_id == account_id, role_grants.c.role == grant.role.value)
        self._connection.execute(sa.delete(role_grants).where(own, role_grants.c.unit_id == grant.unit_id))

    def set_disabled(self, account_id: str, *, disabled: bool) -> None:
        self._connection.execute(
            sa.update(accounts).where(accounts.c.id == account_id).values(disabled=disabled, disabled_because=None)
        )

    def held(self, account_ids: Collection[str]) -> dict[str, tuple[RoleGrant, ...]]:
        found: dict[str, tuple[RoleGrant, ...]] = {}
        for some in batched(account_ids):
            found.update({account_id: tuple(grants) for account_id, grants in self._held(some).items()})
        return found

    def leave(self, account_ids: Collection[str]) -> tuple[str, ...]:
        ended: list[str] = []
        for some in batched(account_ids):
            for table in (role_grants, access_codes):
                self._connection.execute(sa.delete(table).where(table.c.account_id.in_(some)))
            logins = sa.delete(sessions).where(sessions.c.account_id.in_(some)).returning(sessions.c.token_digest)
            ended += self._connection.execute(logins).scalars()
            gone = sa.update(accounts).where(accounts.c.id.in_(some), accounts.c.disabled.is_(False))
            self._connection.execute(gone.values(disabled=True, disabled_because=LEFT))
        return tuple(ended)

    def come_back(self, account_ids: Collection[str]) -> None:
        for some in batched(account_ids):
            back = sa.update(accounts).where(accounts.c.id.in_(some), accounts.c.disabled_because == LEFT)
            self._connection.execute(back.values(disabled=False, disabled_because=None))

    def set_password(self, account_id: str, password_hash: str) -> None:
        change = sa.update(accounts).where(accounts.c.id == account_id)
        self._connection.execute(change.values(password_hash=password_hash))

    def taken(self, numbers: Collection[str]) -> frozenset[str]:
        query = sa.select(accounts.c.number)
        found = (self._connection.execute(query.where(accounts.c.number.in_(some))) for some in batched(numbers))
        return frozenset(number for rows in found for number in rows.scalars())

    def belonging(self, numbers: Collection[str]) -> dict[str, str | None]:
        query = sa.select(accounts.c.number, accounts.c.member_id)
        found = (self._connection.execute(query.where(accounts.c.number.in_(some))) for some in batched(numbers))
        return {row.number: row.member_id for rows in found for row in rows}

    def rename(self, member_id: str, name: str) -> None:
        self._connection.execute(sa.update(accounts).where(accounts.c.member_id == member_id).values(name=name))

    def count(self) -> int:
        return self._connection.execute(sa.select(sa.func.count()).select_from(accounts)).scalar_one()

    def add(self, added: Sequence[Account], grants: Sequence[tuple[str, RoleGrant]]) -> None:
        for account in added:
            check_account(account)
        if added:
            self._connection.execute(sa.insert(accounts), [asdict(account) for account in added])
        if grants:
            rows = [{"account_id": who, "role": grant.role.value, "unit_id": grant.unit_id} for who, grant in grants]
            self._connection.execute(sa.insert(role_grants), rows)

    def principal(self, account_id: str, on: dt.date) -> Principal | None:
        row = self._connection.execute(_WITH_UNIT, {"account": account_id, "on": on}).first()
        if row is None or row.disabled:
            return None
        account, unit_id = _account(row), row.unit_id if row.member_id is None else row.member_of
        grants, line, rooms = self._standing(account_id, unit_id, on)
        away = SqlUnits(self._connection).line(row.lent_to, on) if row.lent_to else ()
        return _principal(account, (line, away), tuple(grants), rooms)

    def principals(self, account_ids: Collection[str], on: dt.date) -> dict[str, Principal]:
        line_of = functools.cache(lambda unit_id: SqlUnits(self._connection).line(unit_id, on))
        found: dict[str, Principal] = {}
        for some in batched(account_ids):
            enabled = [_account(row) for row in self._connection.execute(_ENABLED, {"accounts": padded(some)})]
            people = [account.member_id for account in enabled if account.member_id]
            homes, hosts = self._homes(people, on), self._hosts(people, on)
            held, rooms = self._held(some), rooms_of(self._connection, some, on)
            for account in enabled:
                unit_id = homes.get(account.member_id) if account.member_id else account.unit_id
                line = line_of(unit_id) if unit_id else ()
                host = hosts.get(account.member_id or "")
                away = line_of(host) if host else ()
                found[account.id] = _principal(account, (line, away), tuple(held[account.id]), tuple(rooms[account.id]))
        return found

    def _homes(self, member_ids: Sequence[str], on: dt.date) -> dict[str, str]:
        """The unit of each member on that day."""
        if not member_ids:
            return {}
        rows = self._connection.execute(_HOMES, {"members": padded(member_ids), "on": on})
        return {row.member_id: row.unit_id for row in rows}

    def _hosts(self, member_ids: Sequence[str], on: dt.date) -> dict[str, str]:
        """The unit with which each of them is on loan on that day."""
        if not member_ids:
            return {}
        rows = self._connection.execute(_HOSTS, {"members": padded(member_ids), "on": on})
        return {row.member_id: row.unit_id for row in rows}

    def _held(self, account_ids: Sequence[str]) -> defaultdict[str, list[RoleGrant]]:
        found: defaultdict[str, list[RoleGrant]] = defaultdict(list)
        for row in self._connection.execute(_HELD, {"accounts": padded(account_ids)}):
            found[row.account_id].append(RoleGrant(Role(row.role), row.unit_id))
        return found


def _listing(wanted: Wanted, on: dt.date) -> sa.Select[Any]:
    """Who belongs nowhere any more is listed where it did last, and waits for nothing."""
    home = sa.func.coalesce(memberships.c.unit_id, accounts.c.unit_id).label("at_home")
    ever = memberships.alias()
    last = sa.select(ever.c.unit_id).where(ever.c.member_id == accounts.c.member_id)
    last = last.order_by(ever.c.since.desc()).limit(1).correlate(accounts)
    listed_in = home if wanted.waiting else sa.func.coalesce(home, last.scalar_subquery())
    used = sa.select(sa.func.max(sessions.c.used_at)).where(sessions.c.account_id == accounts.c.id).scalar_subquery()
    waits = sa.and_(
        access_codes.c.account_id == accounts.c.id,
        access_codes.c.kind == CodeKind.ACTIVATION.value,
        access_codes.c.used_at.is_(None),
    )
    query = (
        sa.select(
            accounts,
            home,
            access_codes.c.expires_at.label("code_until"),
            sa.type_coerce(used, UtcTime).label("last_used"),
            second_factors.c.confirmed_at.label("confirmed"),
        )
        .outerjoin(memberships, sa.and_(memberships.c.member_id == accounts.c.member_id, holds(on)))
        .outerjoin(access_codes, waits)
        .outerjoin(second_factors, second_factors.c.account_id == accounts.c.id)
        .where(listed_in.in_(padded(wanted.unit_ids)), accounts.c.number > wanted.after)
        .order_by(accounts.c.number)
        .limit(wanted.limit)
    )
    if wanted.waiting:
        query = query.where(accounts.c.password_hash.is_(None))
    if wanted.words:
        like = [column.contains(wanted.words, autoescape=True) for column in (accounts.c.number, accounts.c.name)]
        query = query.where(sa.or_(*like))
    return query


def _principal(
    account: Account,
    lines: tuple[tuple[str, ...], tuple[str, ...]],
    grants: tuple[RoleGrant, ...],
    operates: tuple[str, ...],
) -> Principal:
    """``lines``: of the own unit, and of the one of a loan."""
    return Principal(
        account_id=account.id,
        name=account.name,
        number=account.number,
        kind=account.kind,
        member_id=account.member_id,
        unit_line=lines[0],
        loan_line=lines[1],
        venue_id=account.venue_id,
        grants=grants,
        operates=operates,
    )


def _account(row: sa.Row[Any]) -> Account:
    return Account(
        id=row.id,
        number=row.number,
        name=row.name,
        kind=AccountKind(row.kind),
        password_hash=row.password_hash,
        member_id=row.member_id,
        unit_id=row.unit_id,
        venue_id=row.venue_id,
        disabled=row.disabled,
        disabled_because=row.disabled_because,
    )


class SqlSessions:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        self._connection.execute(sa.insert(sessions).values(asdict(session)))

    def get(self, token_digest: str) -> Session | None:
        row = self._connection.execute(_SESSION, {"digest": token_digest}).one_or_none()
        return None if row is None else Session(**row._mapping)

    def those(self, token_digests: Collection[str]) -> dict[str, Session]:
        found: dict[str, Session] = {}
        for some in batched(token_digests):
            rows = self._connection.execute(_SESSIONS, {"digests": padded(some)})
            found |= {row.token_digest: Session(**row._mapping) for row in rows}
        return found

    def of_account(self, account_id: str) -> tuple[Session, ...]:
        query = sa.select(sessions).where(sessions.c.account_id == account_id).order_by(sessions.c.created_at.desc())
        return tuple(Session(**row._mapping) for row in self._connection.execute(query))

    def holders(self, token_digests: Collection[str], now: dt.datetime) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in batched(token_digests):
            query = sa.select(sessions.c.token_digest, sessions.c.account_id)
            rows = self._connection.execute(query.where(sessions.c.token_digest.in_(some), sessions.c.expires_at > now))
            found.update({row.token_digest: row.account_id for row in rows})
        return found

    def use(self, at: Mapping[str, dt.datetime]) -> None:
        later = sa.or_(sessions.c.used_at.is_(None), sessions.c.used_at < sa.bindparam("at", type_=UtcTime))
        change = sa.update(sessions).where(sessions.c.token_digest == sa.bindparam("login"), later)
        change = change.values(used_at=sa.bindparam("at", type_=UtcTime))
        if at:
            self._connection.execute(change, [{"login": login, "at": used} for login, used in sorted(at.items())])

    def end(self, token_digest: str) -> None:
        self._connection.execute(sa.delete(sessions).where(sessions.c.token_digest == token_digest))

    def end_expired(self, now: dt.datetime) -> int:
        return self._connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now)).rowcount


class SqlAttempts:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def failures(self, number: str, address: str, since: dt.datetime) -> tuple[dt.datetime, ...]:
        query = sa.select(login_failures.c.at).where(_of(number, address), login_failures.c.at >= since)
        return tuple(self._connection.execute(query.order_by(login_failures.c.at)).scalars())

    def add(self, number: str, address: str, at: dt.datetime) -> None:
        self._connection.execute(sa.insert(login_failures).values(number=number, address=address, at=at))

    def clear(self, number: str, address: str) -> None:
        self._connection.execute(sa.delete(login_failures).where(_of(number, address)))

    def clear_everywhere(self, number: str) -> None:
        self._connection.execute(sa.delete(login_failures).where(login_failures.c.number == number))

    def count(self, number: str, since: dt.datetime) -> int:
        query = sa.select(sa.func.count()).select_from(login_failures)
        since_then = sa.and_(login_failures.c.number == number, login_failures.c.at >= since)
        return self._connection.execute(query.where(since_then)).scalar_one()

    def forget_before(self, before: dt.datetime) -> int:
        return self._connection.execute(sa.delete(login_failures).where(login_failures.c.at < before)).rowcount


def _of(number: str, address: str) -> sa.ColumnElement[bool]:
    return sa.and_(login_failures.c.number == number, login_failures.c.address == address)
