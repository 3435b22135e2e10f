"""The shelf of course certificates (结业证书)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from server.domain.course_certificates import CourseCertificate


class CertificateShelf(Protocol):
    def get(self, certificate_id: str, *, lock: bool = False) -> CourseCertificate | None: ...

    def numbered(self, number: str) -> CourseCertificate | None: ...

    def of(self, course_id: str, member_id: str) -> CourseCertificate | None: ...

    def of_member(self, member_id: str) -> tuple[CourseCertificate, ...]:
        """Newest first."""
        ...

    def of_course(
        self, course_id: str, unit_ids: Collection[str], limit: int, after: str | None, text: str = ""
    ) -> tuple[CourseCertificate, ...]:
        """Of members who were in these units when they earned it, newest first; ``after`` the one of that id.
        ``text``: in the name, the unit's name or the number."""
        ...

    def add(self, one: CourseCertificate) -> None:
        """One that the member has of the course already stays as it is."""

    def save(self, one: CourseCertificate) -> None: ...

    def withdraw_of(self, member_id: str, now: dt.datetime) -> None:
        """All that hold: whoever has them is erased."""
