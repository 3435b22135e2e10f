"""Signing in (签到): one per member and lesson, with its evidence."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass


class Way(enum.StrEnum):
    QR = "qr"  # scanned at a venue
    CODE = "code"  # typed at a venue
    PHONE = "phone"  # one tap, watching from elsewhere
    ASSISTED = "assisted"  # 协助签到: by the venue's operator or staff, for someone without a phone


@dataclass(frozen=True, slots=True)
class SignIn:
    """``lesson_venue_id`` is where the member really is; None: by phone.

    Evidence: ``account_id`` who did it (not the member's own when assisted), the digest of the device's cookie, the
    digest of the redeemed proof and its ``slot``. ``left_at``: the operator's mark that the member left the room.
    """

    member_id: str
    at: dt.datetime
    way: Way
    lesson_venue_id: str | None
    account_id: str
    command_id: str
    address: str = ""
    device_digest: str | None = None
    proof_digest: str | None = None
    slot: int | None = None
    left_at: dt.datetime | None = None
    left_by: str | None = None
