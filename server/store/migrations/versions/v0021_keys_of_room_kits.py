"""Keys by which room kits send for their venues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "venue_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("lesson_venue_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("issued_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_venue_keys_account_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_venue_keys_lesson_id")),
        sa.ForeignKeyConstraint(["lesson_venue_id"], ["lesson_venues.id"], name=op.f("fk_venue_keys_lesson_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_keys")),
    )
    with op.batch_alter_table("venue_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_venue_keys_digest"), ["digest"], unique=True)
        batch_op.create_index(batch_op.f("ix_venue_keys_lesson_id"), ["lesson_id"], unique=False)
