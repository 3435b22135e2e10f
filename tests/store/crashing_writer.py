"""Run as a program: writes numbered rows as fast as it can and prints each number after its acknowledgement."""

import asyncio
import itertools
import sys

import sqlalchemy as sa

from server.store.database import Database
from server.store.schema import units


def add(number):
    return lambda connection: connection.execute(sa.insert(units).values(id=str(number), name="x", kind="branch"))


async def main(url):
    database = await Database.open(url)
    numbers = itertools.count()

    async def write():
        while True:
            number = next(numbers)
            await database.write(add(number))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()

    await asyncio.gather(*(write() for _ in range(16)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
