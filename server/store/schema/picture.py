"""Pictures that somebody brought for questions, by their digest. What a question names stands in the question."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import flag, metadata, number, reference, text, time

question_pictures = sa.Table(
    "question_pictures",
    metadata,
    reference("account_id", "accounts.id", primary_key=True),
    text("sha256", primary_key=True),
    number("width"),
    number("height"),
    number("bytes"),
    time("at"),
    flag("kept"),
    sa.Index(None, "at"),
)
