"""Materials and the jobs on them, as rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from server.domain.jobs import Job, JobKind, JobState
from server.domain.materials import Material, MaterialKind, MaterialState, Release
from server.store.schema import jobs, materials, runners
from server.store.upserts import insert

_OF_MATERIAL = tuple(field.name for field in dataclasses.fields(Material))
_OF_JOB = tuple(field.name for field in dataclasses.fields(Job))


class SqlMaterials:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, material_id: str) -> Material | None:
        row = self._connection.execute(sa.select(materials).where(materials.c.id == material_id)).one_or_none()
        return None if row is None else _material(row)

    def of(self, lesson_id: str) -> tuple[Material, ...]:
        there = (materials.c.lesson_id == lesson_id, materials.c.state != MaterialState.DELETED.value)
        query = sa.select(materials).where(*there).order_by(materials.c.created_at, materials.c.id)
        return tuple(_material(row) for row in self._connection.execute(query))

    def put(self, material: Material) -> None:
        values = {name: getattr(material, name) for name in _OF_MATERIAL}
        values |= {name: values[name].value for name in ("kind", "state", "release")}
        _put(self._connection, materials, values)

    def remove(self, material_id: str) -> None:
        self._connection.execute(sa.delete(materials).where(materials.c.id == material_id))

    def uploading(self) -> tuple[Material, ...]:
        query = sa.select(materials).where(materials.c.state == MaterialState.UPLOADING.value)
        return tuple(_material(row) for row in self._connection.execute(query))

    def kept(self) -> frozenset[str]:
        query = sa.select(materials.c.id).where(materials.c.state != MaterialState.DELETED.value)
        return frozenset(self._connection.execute(query).scalars())


class SqlJobs:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, job_id: str) -> Job | None:
        row = self._connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).one_or_none()
        return None if row is None else _job(row)

    def put(self, job: Job) -> None:
        values = {name: getattr(job, name) for name in _OF_JOB}
        values |= {"kind": job.kind.value, "state": job.state.value}
        _put(self._connection, jobs, values)

    def next_queued(self, runner: str, kinds: Collection[JobKind]) -> Job | None:
        waiting = self._in_state(runner, JobState.QUEUED).where(jobs.c.kind.in_([kind.value for kind in kinds]))
        row = self._connection.execute(waiting.order_by(jobs.c.created_at, jobs.c.id).limit(1)).one_or_none()
        return None if row is None else _job(row)

    def running(self, runner: str) -> tuple[Job, ...]:
        return tuple(_job(row) for row in self._connection.execute(self._in_state(runner, JobState.RUNNING)))

    def of_others(self, runner: str) -> tuple[Job, ...]:
        going = jobs.c.state.in_([JobState.QUEUED.value, JobState.RUNNING.value])
        query = sa.select(jobs).where(jobs.c.runner != runner, going).order_by(jobs.c.created_at, jobs.c.id)
        return tuple(_job(row) for row in self._connection.execute(query))

    def sign(self, runner: str, at: dt.datetime) -> None:
        given = insert(self._connection, runners).values(name=runner, at=at)
        self._connection.execute(given.on_conflict_do_update(index_elements=["name"], set_={"at": at}))

    def signs(self) -> dict[str, dt.datetime]:
        return {row.name: row.at for row in self._connection.execute(sa.select(runners))}

    def forget_signs(self, before: dt.datetime) -> None:
        self._connection.execute(sa.delete(runners).where(runners.c.at < before))

    def _in_state(self, runner: str, state: JobState) -> sa.Select[Any]:
        return sa.select(jobs).where(jobs.c.runner == runner, jobs.c.state == state.value)


def _put(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> None:
    added = insert(connection, table).values(values)
    connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=values))


def _material(row: sa.Row[Any]) -> Material:
    values = {name: getattr(row, name) for name in _OF_MATERIAL}
    values |= {"kind": MaterialKind(row.kind), "state": MaterialState(row.state), "release": Release(row.release)}
    return Material(**values)


def _job(row: sa.Row[Any]) -> Job:
    values = {name: getattr(row, name) for name in _OF_JOB}
    return Job(**{**values, "kind": JobKind(row.kind), "state": JobState(row.state)})
