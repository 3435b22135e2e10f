"""Units that are renamed and dissolved, groups, rules; members with kinds, loans and telephone numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.store.spelling import initials, spelling

revision = "0016"
down_revision = "0017"


def upgrade() -> None:
    _columns()
    _of_units()
    _of_members()
    _spell()


def _blank(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default="", nullable=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.BigInteger(), server_default="1", nullable=False)


def _columns() -> None:
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.add_column(sa.Column("until", sa.Date(), nullable=True))
        batch_op.add_column(_version())
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("group_id", sa.String(), nullable=True))
        batch_op.add_column(_version())
        batch_op.add_column(_blank("spelling"))
        batch_op.add_column(_blank("initials"))
        batch_op.create_index(batch_op.f("ix_members_spelling_id"), ["spelling", "id"], unique=False)
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ending", sa.String(), nullable=True))
        batch_op.add_column(_blank("note"))
    with op.batch_alter_table("roster_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("loan_unit_id", sa.String(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_roster_entries_loan_unit_id"), "units", ["loan_unit_id"], ["id"])


def _of_units() -> None:
    op.create_table(
        "unit_names",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_names_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "since", name=op.f("pk_unit_names")),
    )
    op.create_table(
        "unit_rules",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("loans", sa.String(), nullable=False),
        sa.Column("sizes", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_rules_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_rules")),
        sa.UniqueConstraint("unit_id", "since", name=op.f("uq_unit_rules_unit_id_since")),
    )
    op.create_table(
        "unit_groups",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("leader_id", sa.String(), nullable=True),
        _version(),
        sa.ForeignKeyConstraint(["leader_id"], ["members.id"], name=op.f("fk_unit_groups_leader_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_groups_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_groups")),
    )
    op.create_index(op.f("ix_unit_groups_unit_id"), "unit_groups", ["unit_id"], unique=False)
    op.create_table(
        "organisation_changes",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=True),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_organisation_changes")),
    )
    for whose in ("unit_id", "member_id"):
        name = op.f(f"ix_organisation_changes_{whose}_position")
        op.create_index(name, "organisation_changes", [whose, "position"], unique=False)


def _of_members() -> None:
    op.create_table(
        "member_kinds",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_kinds_member_id")),
        sa.PrimaryKeyConstraint("member_id", "since", name=op.f("pk_member_kinds")),
    )
    op.create_table(
        "loans",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("unit_id", sa.String(), nullable=False),
        _blank("note"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_loans_member_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_loans_unit_id")),
        sa.PrimaryKeyConstraint("member_id", "since", name=op.f("pk_loans")),
    )
    op.create_index(op.f("ix_loans_unit_id"), "loans", ["unit_id"], unique=False)


def _spell() -> None:
    """Whoever is there already is found by pinyin, too."""
    members = sa.table("members", *(sa.column(name) for name in ("id", "name", "spelling", "initials")))
    bind = op.get_bind()
    spelled = [
        {"key": row.id, "whole": spelling(row.name), "first": initials(row.name)}
        for row in bind.execute(sa.select(members.c.id, members.c.name))
    ]
    change = sa.update(members).where(members.c.id == sa.bindparam("key"))
    if spelled:
        bind.execute(change.values(spelling=sa.bindparam("whole"), initials=sa.bindparam("first")), spelled)
