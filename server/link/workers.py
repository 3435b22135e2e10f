"""All media processes of this control process: one supervisor each, and one spare for whichever dies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from server.link.children import Backoff, Child
from server.link.client import MediaLink
from server.link.fleet import Fleet
from server.link.pulse import Limits
from server.link.spare import Patience, Spare
from server.link.supervisor import Supervisor


class MediaWorkers:
    """Use ``run`` as a task. ``plane`` is what they are together."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        backoff: Backoff | None = None,
        patience: Patience | None = None,
        limits: Limits | None = None,
    ) -> None:
        links = [MediaLink(worker) for worker in range(len(children))]
        self._spare = Spare(children[0], patience)
        self.supervisors = tuple(
            Supervisor(child, link, self._spare, backoff=backoff, limits=limits)
            for child, link in zip(children, links, strict=True)
        )
        self.plane = Fleet(links)
        self._keeping: asyncio.Task[None] | None = None

    @property
    def restarts(self) -> int:
        return sum(each.restarts for each in self.supervisors)

    @property
    def spare_pid(self) -> int | None:
        return self._spare.pid

    async def started(self) -> list[dict[str, Any]]:
        """The first report of each. Raises the first :class:`StartFailed`."""
        return list(await asyncio.gather(*(each.started for each in self.supervisors)))

    async def run(self) -> None:
        """Until :meth:`stop`."""
        async with asyncio.TaskGroup() as group:
            self._keeping = group.create_task(self._spare.keep())
            try:
                await asyncio.gather(*(group.create_task(each.run()) for each in self.supervisors))
            finally:
                self._keeping.cancel()

    async def stop(self) -> None:
        """Returns when all children are gone. Idempotent."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        await asyncio.gather(*(each.stop() for each in self.supervisors))
