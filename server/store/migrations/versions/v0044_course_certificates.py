"""Certificates of courses of micro-videos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0042"

_TIME = sa.DateTime(timezone=True)
_TABLE = "course_certificates"
_REFERENCES = {"course_id": "courses", "member_id": "members", "unit_id": "units", "withdrawn_by": "accounts"}


def upgrade() -> None:
    words = ("id", "number", "course_id", "member_id", "unit_id", "name", "unit", "course", "issuer")
    op.create_table(
        _TABLE,
        *(sa.Column(name, sa.String(), nullable=False) for name in words),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("videos", "tests", "hundredths")),
        sa.Column("issued_at", _TIME, nullable=False),
        sa.Column("withdrawn_at", _TIME, nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{_TABLE}_{name}"))
            for name, target in _REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("number", name=op.f(f"uq_{_TABLE}_number")),
        sa.UniqueConstraint("course_id", "member_id", name=op.f(f"uq_{_TABLE}_course_id_member_id")),
    )
    op.create_index(op.f(f"ix_{_TABLE}_member_id"), _TABLE, ["member_id"])
