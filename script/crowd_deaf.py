"""Of ``script/bench quiz --deaf``: clients that join and never read again.

``python script/crowd_deaf.py PLAN``: connects them, prints a line, and keeps them until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from light_socket import LightSocket
from returning_phones import CONNECT, PATH, Hall

from server.link.process import raise_file_limit


async def _deaf(hall: Hall, account_id: str) -> LightSocket:
    one = await LightSocket.open(hall.origin, PATH, hall.context)
    await one.receive()
    auth = {"ticket": await hall.ticket(account_id), "lesson_id": hall.lesson_id, "face": "phone", "batch": True}
    one.send(CONNECT + json.dumps(auth))
    assert (await one.receive()).startswith(CONNECT)
    one.deafen()
    return one


async def main(plan: dict[str, Any]) -> None:
    raise_file_limit()
    hall = Hall(plan["origin"], plan["lesson_id"], Path(plan["secrets"]), burst_s=0.0)
    sockets = [await _deaf(hall, account) for account in plan["accounts"]]
    print(json.dumps({"connected": len(sockets)}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for one in sockets:
        one.abort()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
