"""A server of a test finds its SQLite file with today's tables in it.

To make them by all migrations costs half a second of the processor, and a run starts a hundred such servers. They are
made by all migrations once in a process; what a start on an empty folder does is for ``tests/server/test_process.py``.
"""

import asyncio
import functools
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from server.settings import Settings
from server.store.migration import migrate

NAME = "dangxiao.sqlite3"


def prepare(data: Path) -> None:
    """Puts it into a data folder that has none yet, made if need be."""
    file = data / NAME
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True, mode=0o750)
        file.write_bytes(_migrated())


@functools.cache
def _migrated() -> bytes:
    folder = Path(tempfile.mkdtemp())
    try:
        url = Settings(data=folder).database
        assert url.endswith(f"/{NAME}")
        with ThreadPoolExecutor(1) as beside:  # who calls may be a loop
            beside.submit(asyncio.run, migrate(url)).result()
        return (folder / NAME).read_bytes()
    finally:
        shutil.rmtree(folder)
