"""A process of a bench's own that makes its load (phones, viewers, browsers), spoken to in lines of JSON."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0
LINE_LIMIT = 1 << 24


class Generator:
    """``start`` → ``hear``, ``tell``, ``ask`` … → ``end``."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, *command: str) -> Generator:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "limit": LINE_LIMIT}
        return cls(await asyncio.create_subprocess_exec(sys.executable, *command, **pipes))

    @classmethod
    async def with_plan(cls, program: Path, folder: Path, plan: dict[str, Any]) -> Generator:
        """It reads its plan from a file in ``folder``, its only argument."""
        file = folder / "plan.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        return await cls.start(str(program), str(file))

    async def hear(self) -> Any:
        """The next line. Raises RuntimeError when it has ended."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError("a process of the bench ended early")
        return json.loads(line)

    async def tell(self, command: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        await self.process.stdin.drain()

    async def ask(self, command: object) -> Any:
        await self.tell(command)
        return await self.hear()

    async def end(self) -> None:
        """It ends when nothing more can come. Raises TimeoutError."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        await asyncio.wait_for(self.process.wait(), PATIENCE_S)
