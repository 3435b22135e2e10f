"""Running a craft in a process of its own, and making sure of its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from server.converting.cage import Limits
from server.domain.refusals import MEANINGS, Refusal
from server.services.depot import Progress

_ROOT = Path(__file__).parents[2]
_START = f"import sys; sys.path.append({str(_ROOT)!r}); from server.converting.child import main; main()"
_MOST_LINE = 1 << 20
_MOST_COMPLAINTS = 4096
# One thread each: what a library computes beside is not counted against it, and would fail under the limits.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
_log = logging.getLogger(__name__)

Process = asyncio.subprocess.Process


class Confined:
    """A :class:`server.services.depot.Craft` that does its work elsewhere."""

    def __init__(self, craft: str, limits: Limits, options: Mapping[str, int] | None = None) -> None:
        """``options``: what the craft is told beside the file."""
        self._craft = craft
        self._limits = limits
        self._options = dict(options or {})

    async def __call__(self, source: Path, into: Path, progress: Progress) -> Mapping[str, Any]:
        """Raises what the craft refuses, ``conversion_too_heavy`` for its limits, else ``conversion_failed``."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", _START),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd=into,
            start_new_session=True,
            limit=_MOST_LINE,
        )
        complaints = asyncio.ensure_future(_complaints(process))
        try:
            async with asyncio.timeout(self._limits.wall_s):
                self._order(process, source, into)
                said = await self._listen(process, progress)
        except TimeoutError:
            raise Refusal("conversion_too_heavy", f"more than {self._limits.wall_s:.0f} s") from None
        except ValueError:  # a line longer than may be, or none of ours
            raise Refusal("conversion_failed", "said what is not understood") from None
        finally:
            await _end(process)
            words = await complaints
        return self._result(said, process, words)

    def _order(self, process: Process, source: Path, into: Path) -> None:
        assert process.stdin is not None
        files = {"source": str(source), "into": str(into)}
        order = {"craft": self._craft, **files, "limits": asdict(self._limits), "options": self._options}
        process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _listen(self, process: Process, progress: Progress) -> dict[str, Any]:
        """Its last word, {} when it said none. Raises ``ValueError``."""
        assert process.stdout is not None
        said: dict[str, Any] = {}
        async for line in process.stdout:
            heard = json.loads(line)
            if not isinstance(heard, dict):
                raise ValueError("not an object")
            if "walls" in heard:
                _log.info("converting %s behind: %s", self._craft, ", ".join(map(str, heard["walls"])) or "limits only")
            elif isinstance(heard.get("progress"), int):
                progress(max(0, min(100, heard["progress"])))
            else:
                said = heard
        await process.wait()
        return said

    def _result(self, said: dict[str, Any], process: Process, words: str) -> Mapping[str, Any]:
        if isinstance(said.get("result"), dict):
            result: dict[str, Any] = said["result"]
            return result
        code = said.get("refused")
        if isinstance(code, str) and code in MEANINGS:
            raise Refusal(code, f"by the craft {self._craft}")
        _log.warning("converting %s ended with %s: %s", self._craft, process.returncode, words)
        # Without memory PDFium aborts.
        killed = process.returncode in {-signal.SIGKILL, -signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGABRT}
        raise Refusal("conversion_too_heavy" if killed else "conversion_failed", f"ended with {process.returncode}")


async def _complaints(process: Process) -> str:
    """The end of what it wrote to its standard error."""
    assert process.stderr is not None
    kept = b""
    while piece := await process.stderr.read(_MOST_COMPLAINTS):
        kept = (kept + piece)[-_MOST_COMPLAINTS:]
    return kept.decode(errors="replace").strip()


async def _end(process: Process) -> None:
    """It and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    # A cancelled starter must not leave before its child has.
    await asyncio.shield(process.wait())
