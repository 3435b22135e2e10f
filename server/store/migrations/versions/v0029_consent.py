"""What people are asked to agree to, and who did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0026"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["published_by"], ["accounts.id"], name=op.f("fk_consent_texts_published_by")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_consent_texts")),
    )
    op.create_table(
        "consent_acceptances",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_consent_acceptances_account_id")),
        sa.ForeignKeyConstraint(["version"], ["consent_texts.version"], name=op.f("fk_consent_acceptances_version")),
        sa.PrimaryKeyConstraint("account_id", "version", name=op.f("pk_consent_acceptances")),
    )
    op.create_index(op.f("ix_consent_acceptances_version"), "consent_acceptances", ["version"])
