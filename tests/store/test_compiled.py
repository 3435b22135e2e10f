"""Engines that share what they compile share nothing that is an engine's own."""

import json

import sqlalchemy as sa

from tests.store.compiled import share

TABLE = sa.Table("written", sa.MetaData(), sa.Column("value", sa.JSON))


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def written(**options):
    """What stands in the row."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool, **options)
    TABLE.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(TABLE).values(value={"a": "中", "b": 1}))
        text = connection.exec_driver_sql("SELECT value FROM written").scalar()
    engine.dispose()
    return text


def test_each_engine_writes_json_its_own_way():
    share()
    plain, own = '{"a": "\\u4e2d", "b": 1}', '{"a":"中","b":1}'
    assert [written(), written(json_serializer=compact), written()] == [plain, own, plain]
