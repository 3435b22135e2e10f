"""Starts the program of :mod:`tests.store.acting_process`, gives it orders, and kills what it forks."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys

from server.store.database import Database
from server.store.records import SqlRecords


class Zygote:
    """The program that forks a process for each order."""

    def __init__(self, process):
        self._process = process

    @classmethod
    @contextlib.asynccontextmanager
    async def started(cls):
        command = (sys.executable, "-m", "tests.store.acting_process")
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20
        )
        try:
            yield cls(process)
        finally:
            process.stdin.close()
            await process.wait()

    async def carry_out(self, order, *, kill_after=None):
        """What was acknowledged: by command, when it was as the record has it.

        ``kill_after``: that many acknowledgements, then ``kill -9``.
        """
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        word, pid = (await self._line()).split()
        assert word == "pid"
        acknowledged = {}
        if kill_after == 0:
            os.kill(int(pid), signal.SIGKILL)
        while (line := await self._line()) != "ended":
            _, command, received_at = line.split()
            acknowledged[command] = received_at
            if len(acknowledged) == kill_after:
                os.kill(int(pid), signal.SIGKILL)
        return acknowledged

    async def _line(self):
        async with asyncio.timeout(60):
            line = (await self._process.stdout.readline()).decode().strip()
        assert line, "the program ended"
        return line


async def carried_out(url, work):
    """A use of the records that nobody kills."""
    database = await Database.open(url)
    try:
        return await SqlRecords(database).write(work)
    finally:
        await database.close()
