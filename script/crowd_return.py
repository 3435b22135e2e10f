"""The generator of ``script/bench quiz --restart``: phones that answer, lose their server and come back.

``python script/crowd_return.py PLAN``: connects everybody and prints a line; prints another when all have answered the
next quiz; told anything, it waits until all are back (or for ``patience_s``) and prints when each was.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aiohttp
from light_socket import anyone
from returning_phones import Hall, ReturningPhone

from server.link.process import raise_file_limit

AT_ONCE = 40
PATIENCE_S = 240.0


def _say(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


async def _heard() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


async def _run(plan: dict[str, Any], hall: Hall) -> None:
    people = [ReturningPhone(hall, account) for account in plan["accounts"]]
    lives = [asyncio.create_task(phone.live()) for phone in people]
    _say({"connected": await hall.until(lambda: all(phone.back_at for phone in people), PATIENCE_S)})
    answered = await hall.until(lambda: all(phone.receipts for phone in people), PATIENCE_S)
    hall.asks = plan["asks"]
    hall.dials = hall.reached = hall.given_up = 0
    hall.refused.clear()
    for phone in people:
        phone.back_at.clear()
    receipts = [phone.receipts[0] if phone.receipts else None for phone in people]
    _say({"answered": answered})
    await _heard()  # the server is there again
    cpu_s = time.process_time()
    await hall.until(lambda: all(len(phone.receipts) > 1 for phone in people), plan["patience_s"])
    _say(
        {
            "back_at": [phone.back_at[0] for phone in people if phone.back_at],
            "with_quiz": sum(phone.quiz_id is not None for phone in people if phone.back_at),
            "with_own_answer": sum(
                len(phone.receipts) > 1 and phone.receipts[-1] == receipt
                for phone, receipt in zip(people, receipts, strict=True)
            ),
            "no_receipt": sum(len(phone.receipts) < 2 for phone in people if phone.back_at),
            "dials": hall.dials,
            "reached": hall.reached,
            "given_up": hall.given_up,
            "refused": dict(hall.refused),
            "cpu_s": time.process_time() - cpu_s,
        }
    )
    await _heard()
    for each in (*lives, *(phone.sending for phone in people if phone.sending is not None)):
        each.cancel()
    await asyncio.gather(*lives, return_exceptions=True)


async def main(plan: dict[str, Any]) -> None:
    raise_file_limit()
    connector = aiohttp.TCPConnector(ssl=anyone(), limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        hall = Hall(
            plan["origin"],
            plan["lesson_id"],
            Path(plan["secrets"]),
            session=session,
            burst_s=plan["burst_s"],
            keeps=plan["keeps"],
            at_once=AT_ONCE,
        )
        await _run(plan, hall)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
