"""Two control processes at one tree, which only PostgreSQL lets come about."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from server.store.database import Database
from server.store.jobs import sqlstate
from server.store.records import SqlRecords
from server.store.units import SqlUnits
from tests.store.samples import populate

pytestmark = pytest.mark.services


@pytest.fixture
async def tree(migrated_postgres):
    url = await migrated_postgres.new_url("tree")
    database = await Database.open(url)
    await SqlRecords(database).write(populate)
    await database.close()
    engine = create_async_engine(url)
    yield engine
    await engine.dispose()
    await migrated_postgres.give_back(url)


async def test_changes_of_the_tree_go_one_after_the_other(tree):
    """Two moves at once could put each of two units under the other, and nobody would ever come to the root again."""
    async with tree.connect() as one, tree.connect() as two:
        await one.run_sync(lambda connection: SqlUnits(connection).lock("b1"))
        await two.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
        await two.execute(sa.text("SELECT id FROM units FOR KEY SHARE"))  # as a foreign key does: it waits for nobody
        with pytest.raises(DBAPIError) as caught:
            await two.run_sync(lambda connection: SqlUnits(connection).lock("b2"))
        assert sqlstate(caught.value) == "55P03"
