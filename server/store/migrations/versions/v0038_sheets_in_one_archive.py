"""Sign-in sheets of many units in one archive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sheet_bundles",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "lesson_id", "unit_id", "format")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("account_id", "created_by")),
        sa.Column("created_at", _TIME, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("runner", "state")),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_sheet_bundles_{column}_{to}"))
            for column, to in (("lesson_id", "lessons"), ("unit_id", "units"), ("account_id", "accounts"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_bundles")),
    )
    for columns in (["account_id", "created_at"], ["lesson_id"], ["state"]):
        op.create_index(op.f(f"ix_sheet_bundles_{'_'.join(columns)}"), "sheet_bundles", columns)
