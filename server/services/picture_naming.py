"""A question names a picture: its own, as it has it, or one that who edits it brought."""

from __future__ import annotations

from dataclasses import replace

from server.domain.access import Principal
from server.domain.question_pictures import Picture
from server.domain.refusals import Refusal
from server.services.records import Transaction


def named_picture(
    tx: Transaction, principal: Principal, asked: Picture | None, former: Picture | None = None
) -> Picture | None:
    """With its true sides. A digest alone gives nobody a picture: it might be known from elsewhere.

    Raises ``picture_not_found``.
    """
    if asked is None:
        return None
    if former is not None and former.sha256 == asked.sha256:
        return replace(former, alt=asked.alt)
    brought = tx.question_pictures.get(principal.account_id, asked.sha256)
    if brought is None or not brought.kept:
        raise Refusal("picture_not_found", asked.sha256)
    return replace(asked, width=brought.width, height=brought.height)
