"""Who talks back in a lesson: a member for oneself, a venue for its room. Who may is said by ``access.standing``."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class SpeakerKind(enum.StrEnum):
    MEMBER = "member"
    VENUE = "venue"
    # These write in the chat, and do nothing else of what is a speaker's.
    LECTURER = "lecturer"
    DIRECTOR = "director"


STAFF_KINDS = frozenset({SpeakerKind.LECTURER, SpeakerKind.DIRECTOR})


@dataclass(frozen=True, slots=True)
class Speaker:
    """``id``: the member's, the lesson venue's, or (staff) the account's. ``name``: the person's or the venue's;
    ``unit``: the name of the unit it belongs to, of a member on the roster the one of the opening. ``account_id``:
    whose command it is.
    """

    kind: SpeakerKind
    id: str
    account_id: str
    name: str
    unit: str

    @property
    def member_id(self) -> str | None:
        return self.id if self.kind is SpeakerKind.MEMBER else None

    @property
    def lesson_venue_id(self) -> str | None:
        return self.id if self.kind is SpeakerKind.VENUE else None
