"""A refusal as the problem object of RFC 9457: the body of an HTTP error and of a negative ack on Socket.IO.

A leaf above ``domain``, used by ``web`` and ``live``.
"""

from __future__ import annotations

from typing import Any

from server.domain.refusals import Refusal


class InvalidBody(Refusal):
    """``invalid_body`` that names the fields. ``errors`` never repeats the input: it may be a password."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        # Not the fields' names: whoever sends a secret in the wrong place sends it as a name, too.
        super().__init__("invalid_body", "; ".join(each["message"] for each in errors[:3]))
        self.errors = errors


def status(refusal: Refusal) -> int:
    """The one map from refusals to HTTP."""
    return refusal.meaning.status


def problem(refusal: Refusal, request_id: str | None = None) -> dict[str, Any]:
    """Title and advice in both languages, Chinese first; no log detail, no status."""
    meaning = refusal.meaning
    body: dict[str, Any] = {
        "type": "about:blank",
        "code": refusal.code,
        "title": meaning.title,
        "title_en": meaning.title_en,
        "detail": meaning.advice,
        "detail_en": meaning.advice_en,
    }
    if isinstance(refusal, InvalidBody):
        body["errors"] = refusal.errors
    if request_id is not None:
        body["request_id"] = request_id
    return body
