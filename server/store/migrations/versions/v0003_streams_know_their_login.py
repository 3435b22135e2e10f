"""A stream ends with the login that opened it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("media_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("login", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_media_sessions_login"), ["login"], unique=False)
