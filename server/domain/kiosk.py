"""自助签到: who has no phone finds the own name at the venue's screen, by number or by the initials of the name.

The screen stands in a room: it shows no list, and of who was found only as much of the name as its bearer needs to
choose it. The whole name comes when it was chosen, to be confirmed.
"""

from __future__ import annotations

import re
import unicodedata

from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.sign_ins import check_open
from server.domain.venues import LessonVenue

LONGEST = 40
MOST_FOUND = 6
"""As many as stand on the screen at once; with more of the same initials one's number tells."""
_LEAST = 2
_MASK = "＊"
_TYPED = re.compile(r"[a-z0-9:,._-]+")


def asked_for(text: str) -> str | None:
    """The whole number, or all initials, as it is looked for; None: nobody can be meant by it."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").lower()
    return plain if len(plain) >= _LEAST and _TYPED.fullmatch(plain) else None


def masked(name: str) -> str:
    """张＊, 张＊明, 欧＊＊娜: the first sign, and the last of three and more."""
    if len(name) < 2:
        return name
    last = name[-1] if len(name) > 2 else ""
    return name[0] + _MASK * (len(name) - 1 - len(last)) + last


def check_kiosk(lesson: Lesson, venue: LessonVenue) -> None:
    """Raises ``sign_in_closed``, ``kiosk_off``."""
    check_open(lesson)
    if not venue.kiosk:
        raise Refusal("kiosk_off", venue.id)
