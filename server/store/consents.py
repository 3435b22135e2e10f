"""What people are asked to agree to, and who did, as rows."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from server.domain.access import AccountKind
from server.domain.consents import Acceptance, ConsentText
from server.store.schema import accounts, consent_acceptances, consent_texts
from server.store.upserts import insert

_TEXT = sa.select(
    consent_texts.c.version,
    consent_texts.c.text,
    consent_texts.c.text_en,
    consent_texts.c.since,
    consent_texts.c.published_by.label("by"),
).order_by(consent_texts.c.version.desc())
_CURRENT = _TEXT.limit(1)
_PEOPLE = sa.and_(accounts.c.kind == AccountKind.PERSON, accounts.c.disabled.is_(False))


class SqlConsents:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def current(self) -> ConsentText | None:
        row = self._connection.execute(_CURRENT).one_or_none()
        return ConsentText(**row._mapping) if row else None

    def versions(self) -> tuple[ConsentText, ...]:
        return tuple(ConsentText(**row._mapping) for row in self._connection.execute(_TEXT))

    def publish(self, text: ConsentText) -> bool:
        values = {"version": text.version, "text": text.text, "text_en": text.text_en, "since": text.since}
        new = insert(self._connection, consent_texts).values(**values, published_by=text.by)
        return self._connection.execute(new.on_conflict_do_nothing()).rowcount == 1

    def accepted(self, account_id: str, version: int) -> Acceptance | None:
        its = (consent_acceptances.c.account_id == account_id, consent_acceptances.c.version == version)
        row = self._connection.execute(sa.select(consent_acceptances).where(*its)).one_or_none()
        return Acceptance(**row._mapping) if row else None

    def accept(self, acceptance: Acceptance) -> None:
        values = {name: getattr(acceptance, name) for name in Acceptance.__slots__}
        self._connection.execute(
            insert(self._connection, consent_acceptances).values(**values).on_conflict_do_nothing()
        )

    def counts(self) -> Mapping[int, int]:
        counted = (
            sa.select(consent_acceptances.c.version, sa.func.count().label("people"))
            .join(accounts, accounts.c.id == consent_acceptances.c.account_id)
            .where(_PEOPLE)
            .group_by(consent_acceptances.c.version)
        )
        return {row.version: row.people for row in self._connection.execute(counted)}

    def people(self) -> int:
        return self._connection.execute(sa.select(sa.func.count()).select_from(accounts).where(_PEOPLE)).scalar_one()
