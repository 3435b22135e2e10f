"""Of ``script/bench quiz --deaf``: clients that join and never read again.

``python script/crowd_deaf.py PLAN``: connects them, prints a line, and keeps them until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aiohttp
from returning_phones import CONNECT, Hall

from server.link.process import raise_file_limit


async def _deaf(hall: Hall, account_id: str) -> aiohttp.ClientWebSocketResponse:
    url = f"{hall.origin}/socket.io/?EIO=4&transport=websocket"
    socket = await hall.session.ws_connect(url, headers={"Origin": hall.origin}, compress=0)
    await socket.receive_str()
    auth = {"ticket": await hall.ticket(account_id), "lesson_id": hall.lesson_id, "face": "phone", "batch": True}
    await socket.send_str(CONNECT + json.dumps(auth))
    assert (await socket.receive_str()).startswith(CONNECT)
    connection = socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    connection.transport.pause_reading()
    return socket


async def main(plan: dict[str, Any]) -> None:
    raise_file_limit()
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=anyone, limit=0)) as session:
        secrets = Path(plan["secrets"])
        hall = Hall(plan["origin"], plan["lesson_id"], secrets, session, burst_s=0.0, asks=False)
        sockets = [await _deaf(hall, account) for account in plan["accounts"]]
        print(json.dumps({"connected": len(sockets)}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for socket in sockets:
            if socket._response.connection is not None and socket._response.connection.transport is not None:
                socket._response.connection.transport.abort()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
