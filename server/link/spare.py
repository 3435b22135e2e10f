"""The media process that stands by: everything imported, nothing opened, until the one that serves has died.

It is started only when the one that serves has been ready for a while: a second start of the server, and the seconds
in which publishers and viewers come back after a death, belong to those.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog

from server.link import children
from server.link.children import Backoff, Child, Process, StartFailed

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """``calm_s``: from the serving child's readiness to the spare's start."""

    calm_s: float = 3.0
    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=1.0, most_s=300.0))


class Spare:
    """Keeps one child standing by while it is wanted, for every media process there is. Use ``keep`` as a task;
    cancelled, it ends its child."""

    def __init__(self, child: Child, patience: Patience | None = None) -> None:
        self._child = child
        self._patience = patience or Patience()
        self._wanted = asyncio.Event()
        self._process: Process | None = None
        self._warm = False
        self._taken = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Of the one that could serve at once."""
        return self._process.pid if self._process is not None and self._warm else None

    def want(self) -> None:
        """The serving child is ready: one may stand by. Idempotent."""
        self._wanted.set()

    def take(self, place: tuple[str, ...]) -> Process | None:
        """The child that stood by, told where to serve; it is the caller's now. None when there is none yet."""
        self._wanted.clear()
        process = self._process
        if process is None or not self._warm or process.returncode is not None:
            return None
        self._process, self._warm = None, False
        self._taken.set()
        children.tell_to_serve(process, place)
        return process

    async def keep(self) -> None:
        """For ever. One that dies is replaced, ever more slowly while they die young."""
        deaths = 0
        while True:
            await self._wanted.wait()
            await asyncio.sleep(self._patience.calm_s + self._patience.backoff.wait_s(deaths))
            if not self._wanted.is_set():
                continue  # the serving child died meanwhile: its successor comes first
            lived_s = await self._one_life()
            deaths = deaths + 1 if lived_s < self._patience.backoff.young_s and not self._taken.is_set() else 0

    async def _one_life(self) -> float:
        """From its start until it is taken or has ended; the seconds it lived."""
        began = asyncio.get_running_loop().time()
        self._taken.clear()
        try:
            process = self._process = await children.start(self._child, standby=True)
        except OSError as error:
            log.warning("media.spare_failed", reason=str(error))
            return 0.0
        try:
            await self._follow(process)
        except StartFailed as error:
            log.warning("media.spare_failed", reason=str(error))
        finally:
            if self._process is process:
                self._process, self._warm = None, False
                await children.drop(process)
        return asyncio.get_running_loop().time() - began

    async def _follow(self, process: Process) -> None:
        await children.report(process)
        self._warm = True
        log.info("media.spare", pid=process.pid)
        ends = {asyncio.create_task(process.wait()), asyncio.create_task(self._taken.wait())}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ends:
                each.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
        if not self._taken.is_set():
            raise StartFailed(f"the media process that stood by ended with code {process.returncode}")
