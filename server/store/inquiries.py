"""Inquiries, votes and chapters, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.chapters import Chapter
from server.domain.inquiries import SHOWN, Desk, Inquiry, InquiryState, Order
from server.domain.told_chapters import Told
from server.store.batches import batched
from server.store.schema import chapters, inquiries, inquiry_desks, inquiry_votes, told_chapters
from server.store.upserts import insert

_OF = sa.select(inquiries).where(inquiries.c.lesson_id == sa.bindparam("lesson"))
_SEEN = inquiries.c.state.in_(sorted(SHOWN))
_UNTOLD = (
    sa.select(inquiries.c.id, inquiries.c.votes)
    .where(inquiries.c.lesson_id == sa.bindparam("lesson"), _SEEN, inquiries.c.votes != inquiries.c.told_votes)
    .order_by(inquiries.c.id)
)
_LIVING = {"id", "votes"}
"""Columns of their own making."""


def _recount() -> sa.Update:
    """Who voted for it or for what was merged into it, and who asked that; each once, its author never."""
    group, merged = inquiries.alias(), inquiries.alias()
    target: sa.BindParameter[str] = sa.bindparam("target")
    voters = (
        sa.select(inquiry_votes.c.member_id)
        .join(group, group.c.id == inquiry_votes.c.inquiry_id)
        .where(sa.or_(group.c.id == target, group.c.merged_into == target))
    )
    behind = sa.union(voters, sa.select(merged.c.member_id).where(merged.c.merged_into == target)).subquery()
    count = (
        sa.select(sa.func.count())
        .select_from(behind)
        .where(behind.c.member_id != inquiries.c.member_id)
        .correlate(inquiries)
        .scalar_subquery()
    )
    return sa.update(inquiries).where(inquiries.c.id == target).values(votes=count).returning(inquiries.c.votes)


_RECOUNT = _recount()


class SqlInquiries:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, inquiry_id: str) -> Inquiry | None:
        row = self._connection.execute(sa.select(inquiries).where(inquiries.c.id == inquiry_id)).one_or_none()
        return None if row is None else _inquiry(row)

    def named(self, inquiry_ids: Collection[str]) -> dict[str, Inquiry]:
        found: dict[str, Inquiry] = {}
        for ids in batched(inquiry_ids):
            rows = self._connection.execute(sa.select(inquiries).where(inquiries.c.id.in_(ids)))
            found |= {row.id: _inquiry(row) for row in rows}
        return found

    def listed(
        self, lesson_id: str, asker: str | None, after: tuple[dt.datetime, str] | None, limit: int
    ) -> tuple[Inquiry, ...]:
        query = _OF
        if asker is not None:
            query = query.where(sa.or_(_SEEN, inquiries.c.account_id == asker))
        if after is not None:
            at, last = after
            later = sa.and_(inquiries.c.asked_at == at, inquiries.c.id > last)
            query = query.where(sa.or_(inquiries.c.asked_at > at, later))
        ordered = query.order_by(inquiries.c.asked_at, inquiries.c.id).limit(limit)
        return tuple(_inquiry(row) for row in self._connection.execute(ordered, {"lesson": lesson_id}))

    def shown(self, lesson_id: str) -> tuple[Inquiry, ...]:
        query = _OF.where(_SEEN).order_by(inquiries.c.asked_at, inquiries.c.id)
        return tuple(_inquiry(row) for row in self._connection.execute(query, {"lesson": lesson_id}))

    def on_stage(self, lesson_id: str) -> Inquiry | None:
        query = _OF.where(inquiries.c.state == InquiryState.ON_STAGE.value).limit(1)
        row = self._connection.execute(query, {"lesson": lesson_id}).one_or_none()
        return None if row is None else _inquiry(row)

    def pace(self, lesson_id: str, member_id: str, since: dt.datetime) -> tuple[int, tuple[dt.datetime, ...]]:
        own = sa.and_(inquiries.c.lesson_id == lesson_id, inquiries.c.member_id == member_id)
        waiting = inquiries.c.state == InquiryState.WAITING.value
        query = sa.select(inquiries.c.asked_at, waiting.label("waits")).where(own)
        rows = self._connection.execute(query.where(sa.or_(waiting, inquiries.c.asked_at > since))).all()
        return sum(bool(row.waits) for row in rows), tuple(row.asked_at for row in rows if row.asked_at > since)

    def count(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(inquiries).where(inquiries.c.lesson_id == lesson_id)
        return self._connection.execute(query).scalar_one()

    def waiting(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(inquiries)
        waits = inquiries.c.state == InquiryState.WAITING.value
        return self._connection.execute(query.where(inquiries.c.lesson_id == lesson_id, waits)).scalar_one()

    def add(self, inquiry: Inquiry) -> None:
        self._connection.execute(sa.insert(inquiries).values(_row(inquiry)))

    def save(self, inquiry: Inquiry) -> None:
        values = {name: value for name, value in _row(inquiry).items() if name not in _LIVING}
        self._connection.execute(sa.update(inquiries).where(inquiries.c.id == inquiry.id).values(values))

    def take_along(self, old_target: str, new_target: str) -> None:
        moved = sa.update(inquiries).where(inquiries.c.merged_into == old_target)
        self._connection.execute(moved.values(merged_into=new_target))

    def order(self, lesson_id: str, ids: Sequence[str]) -> None:
        of_lesson = inquiries.c.lesson_id == lesson_id
        self._connection.execute(sa.update(inquiries).where(of_lesson).values(position=None))
        places = [{"own": each, "place": place} for place, each in enumerate(ids)]
        if places:
            mine = sa.and_(of_lesson, inquiries.c.id == sa.bindparam("own"))
            self._connection.execute(sa.update(inquiries).where(mine).values(position=sa.bindparam("place")), places)

    # ---- votes -----------------------------------------------------------------------------------------

    def vote(self, inquiry_id: str, member_id: str, *, up: bool) -> None:
        if up:
            new = insert(self._connection, inquiry_votes).values(inquiry_id=inquiry_id, member_id=member_id)
            self._connection.execute(new.on_conflict_do_nothing())
            return
        mine = sa.and_(inquiry_votes.c.inquiry_id == inquiry_id, inquiry_votes.c.member_id == member_id)
        self._connection.execute(sa.delete(inquiry_votes).where(mine))

    def voted(self, lesson_id: str, member_id: str) -> frozenset[str]:
        query = (
            sa.select(inquiry_votes.c.inquiry_id)
            .join(inquiries, inquiries.c.id == inquiry_votes.c.inquiry_id)
            .where(inquiries.c.lesson_id == lesson_id, inquiry_votes.c.member_id == member_id)
        )
        return frozenset(self._connection.execute(query).scalars())

    def recount(self, inquiry_id: str) -> int:
        return int(self._connection.execute(_RECOUNT, {"target": inquiry_id}).scalar_one())

    def untold(self, lesson_id: str, most: int | None) -> dict[str, int]:
        rows = self._connection.execute(_UNTOLD.limit(most), {"lesson": lesson_id})
        return {row.id: int(row.votes) for row in rows}

    def note_told(self, votes: Mapping[str, int]) -> None:
        for inquiry_id, count in votes.items():
            change = sa.update(inquiries).where(inquiries.c.id == inquiry_id)
            self._connection.execute(change.values(told_votes=count))

    # ---- how they are shown ----------------------------------------------------------------------------

    def desk(self, lesson_id: str) -> Desk:
        query = sa.select(inquiry_desks).where(inquiry_desks.c.lesson_id == lesson_id)
        row = self._connection.execute(query).one_or_none()
        return Desk() if row is None else Desk(row.names, Order(row.order), row.band)

    def set_desk(self, lesson_id: str, desk: Desk) -> None:
        values = {"names": desk.names, "order": desk.order.value, "band": desk.band}
        new = insert(self._connection, inquiry_desks).values(lesson_id=lesson_id, **values)
        self._connection.execute(new.on_conflict_do_update(index_elements=["lesson_id"], set_=values))


class SqlChapters:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, chapter_id: str) -> Chapter | None:
        return self._one(chapters.c.id == chapter_id)

    def of(self, lesson_id: str) -> tuple[Chapter, ...]:
        query = sa.select(chapters).where(chapters.c.lesson_id == lesson_id).order_by(chapters.c.at, chapters.c.id)
        return tuple(Chapter(**row._mapping) for row in self._connection.execute(query))

    def of_inquiry(self, inquiry_id: str) -> Chapter | None:
        return self._one(chapters.c.inquiry_id == inquiry_id)

    def _one(self, condition: sa.ColumnElement[bool]) -> Chapter | None:
        row = self._connection.execute(sa.select(chapters).where(condition)).one_or_none()
        return None if row is None else Chapter(**row._mapping)

    def add(self, chapter: Chapter) -> None:
        self._connection.execute(sa.insert(chapters).values(asdict(chapter)))

    def save(self, chapter: Chapter) -> None:
        self._connection.execute(sa.update(chapters).where(chapters.c.id == chapter.id).values(asdict(chapter)))

    def remove(self, chapter_id: str) -> None:
        self._connection.execute(sa.delete(chapters).where(chapters.c.id == chapter_id))

    def retell(self, lesson_id: str, told: Sequence[Told]) -> None:
        self._connection.execute(sa.delete(told_chapters).where(told_chapters.c.lesson_id == lesson_id))
        if told:
            rows = [{"lesson_id": lesson_id, "told_id": one.id, "at": one.at, "title": one.title} for one in told]
            self._connection.execute(sa.insert(told_chapters), rows)


def _inquiry(row: sa.Row[Any]) -> Inquiry:
    own = {name: value for name, value in row._mapping.items() if name != "told_votes"}
    return Inquiry(**{**own, "state": InquiryState(row.state), "listed": tuple(row.listed)})


def _row(inquiry: Inquiry) -> dict[str, Any]:
    return {**asdict(inquiry), "state": inquiry.state.value, "listed": list(inquiry.listed)}
