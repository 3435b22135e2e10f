"""Telephone numbers as far as a list shows them: whole only to who asks for one, by name and audited."""

from __future__ import annotations

_SHORT, _LONG = 7, 10
"""So few digits are told by the last two, fewer than a mobile's by the last four."""


def masked(phone: str) -> str:
    """``138****0000``: enough to tell two numbers apart, not to call one."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    if len(digits) <= _SHORT:
        return f"****{digits[-2:]}" if len(digits) > 4 else "****"
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) > _LONG else f"****{digits[-4:]}"
