"""What staff decided on opinions and words of clouds."""

from __future__ import annotations

import sqlalchemy as sa

from server.store.schema.columns import metadata, reference, text, time

opinion_rulings = sa.Table(
    "opinion_rulings",
    metadata,
    reference("quiz_id", "quizzes.id", primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    text("text_id"),
    text("ruling"),
    reference("by", "accounts.id"),
    time("at"),
)
"""By digests: the texts stand in the answers alone."""
