"""A bad network in user space: a seeded UDP relay between clients and a node.

What happens to a datagram is decided by :class:`Link` (one direction of one client), sans-I/O and by dice of its own:
the same seed and the same datagrams at the same times give the same network. :class:`ImpairedRelay` moves the
bytes. Each client (each source address) has its own socket towards the node, as behind a NAT; :meth:`Client.rebind`
gives it another one.

For clients of other processes, or to keep the relay off the loop that is measured:
``python -m tests.rooms.impaired 127.0.0.1:PORT --loss 5 --rtt 60`` says its own port in one line of JSON, takes
conditions as such lines on standard input, and prints its counters when that is closed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import heapq
import itertools
import json
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Address = tuple[str, int]
Direction = Literal["up", "down"]

MAX_CLIENTS = 4096
MAX_HELD = 16_384  # datagrams under way in one direction of one client
BUFFER_BYTES = 4 * 1024 * 1024
READ_BATCH = 64
READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Conditions:
    """One direction. Shares are of datagrams, 0 to 1.

    Jitter is added to the delay, evenly between 0 and ``jitter_ms``; by itself it keeps the order (as a queue).
    A reordered datagram is held back by ``reorder_ms`` more, and whatever comes behind passes it. ``rate_bps`` is a
    bottleneck that sends one datagram after the other and lets ``queue_bytes`` wait; more is dropped at its tail.
    """

    loss: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    reorder: float = 0.0
    reorder_ms: float = 20.0
    duplicate: float = 0.0
    rate_bps: float | None = None
    queue_bytes: int = 64 * 1024


CLEAR = Conditions()


def both_ways(*, rtt_ms: float = 0.0, **kind: float) -> dict[Direction, Conditions]:
    """The same up and down, half of the round trip each: ``relay.set(**both_ways(loss=0.05, rtt_ms=60))``."""
    conditions = Conditions(delay_ms=rtt_ms / 2, **kind)
    return {"up": conditions, "down": conditions}


class Link:
    """One direction of one client: datagrams go in with their time and come out when they are due.

    Every datagram throws the same number of dice whatever the conditions are, so a change of conditions changes nothing
    else. ``lose_if`` decides first, on the sealed datagram.
    """

    def __init__(self, seed: str, conditions: Conditions = CLEAR) -> None:
        self.conditions = conditions
        self.counters: Counter[str] = Counter()
        self.lose_if: Callable[[bytes], bool] = lambda datagram: False
        self._dice = random.Random(seed)
        self._under_way: list[tuple[float, int, bytes]] = []
        self._numbers = itertools.count()
        self._bottleneck_free_ms = 0.0
        self._last_due_ms = 0.0

    def put(self, datagram: bytes, now_ms: float) -> None:
        lost, late, reordered, doubled = (self._dice.random() for _ in range(4))
        kind = self.conditions
        self.counters["taken"] += 1
        if self.lose_if(datagram):
            self.counters["picked_out"] += 1
            return
        if lost < kind.loss:
            self.counters["lost"] += 1
            return
        through_ms = self._through_the_bottleneck(len(datagram), now_ms)
        if through_ms is None or len(self._under_way) >= MAX_HELD:
            self.counters["overflowed"] += 1
            return
        due_ms = max(through_ms + kind.delay_ms + late * kind.jitter_ms, self._last_due_ms)
        if reordered < kind.reorder:
            self.counters["reordered"] += 1
            due_ms += kind.reorder_ms
        else:
            self._last_due_ms = due_ms
        self._hold(due_ms, datagram)
        if doubled < kind.duplicate:
            self.counters["duplicated"] += 1
            self._hold(due_ms, datagram)

    def _through_the_bottleneck(self, size: int, now_ms: float) -> float | None:
        """When its last byte has left the bottleneck; None when the queue before it is full."""
        rate = self.conditions.rate_bps
        if rate is None:
            self._bottleneck_free_ms = now_ms
            return now_ms
        begins_ms = max(self._bottleneck_free_ms, now_ms)
        if (begins_ms - now_ms) * rate / 8000 + size > self.conditions.queue_bytes:
            return None
        self._bottleneck_free_ms = begins_ms + size * 8000 / rate
        return self._bottleneck_free_ms

    def _hold(self, due_ms: float, datagram: bytes) -> None:
        heapq.heappush(self._under_way, (due_ms, next(self._numbers), datagram))

    @property
    def next_due_ms(self) -> float | None:
        return self._under_way[0][0] if self._under_way else None

    def take(self, now_ms: float) -> list[bytes]:
        """What is due by now, in the order in which it leaves."""
        due = []
        while self._under_way and self._under_way[0][0] <= now_ms:
            due.append(heapq.heappop(self._under_way)[2])
        self.counters["passed"] += len(due)
        self.counters["passed_bytes"] += sum(map(len, due))
        return due


class Client:
    """One source address, its socket towards the node, and the two directions."""

    def __init__(self, relay: ImpairedRelay, address: Address, name: str) -> None:
        self.address = address
        self._relay = relay
        self.links: dict[Direction, Link] = {
            direction: Link(f"{name}:{direction}", conditions) for direction, conditions in relay.conditions.items()
        }
        self._timers: dict[Direction, tuple[float, asyncio.TimerHandle]] = {}
        self._upstream = self._open()

    @property
    def seen_as(self) -> Address:
        """Where the node sees this client."""
        host, port, *_ = self._upstream.getsockname()
        return host, port

    def rebind(self, port: int = 0) -> None:
        """The NAT forgot its mapping: the node sees another port from now on; the former is closed."""
        before, self._upstream = self._upstream, self._open(port)
        self._relay.loop.remove_reader(before)
        before.close()

    def _open(self, port: int = 0) -> socket.socket:
        upstream = _socket(self._relay.target[0])
        if port:
            upstream.bind(("", port))
        upstream.connect(self._relay.target)
        self._relay.loop.add_reader(upstream, self._from_node)
        return upstream

    def _from_node(self) -> None:
        now_ms = _now_ms()
        with contextlib.suppress(OSError):
            for _ in range(READ_BATCH):
                self.links["down"].put(self._upstream.recv(READ_BYTES), now_ms)
        self.move("down")

    def move(self, direction: Direction) -> None:
        """Sends what is due and sets the timer for what is not."""
        link = self.links[direction]
        for datagram in link.take(_now_ms()):
            with contextlib.suppress(OSError):
                if direction == "up":
                    self._upstream.send(datagram)
                else:
                    self._relay.socket.sendto(datagram, self.address)
        due_ms = link.next_due_ms
        timer = self._timers.get(direction)
        if due_ms is None or (timer is not None and timer[0] <= due_ms and not timer[1].cancelled()):
            return
        if timer is not None:
            timer[1].cancel()
        at = self._relay.loop.call_at(due_ms / 1000, self._on_timer, direction)
        self._timers[direction] = (due_ms, at)

    def _on_timer(self, direction: Direction) -> None:
        self._timers.pop(direction, None)
        self.move(direction)

    def close(self) -> None:
        for _, timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._relay.loop.remove_reader(self._upstream)
        self._upstream.close()


class ImpairedRelay:
    """Listens on one port, passes everything on to ``target``. Open it with :meth:`start`, on a running loop."""

    def __init__(self, target: Address, seed: int, host: str, conditions: dict[Direction, Conditions]) -> None:
        self.loop = asyncio.get_running_loop()
        self.target = target
        self.conditions = {"up": CLEAR, "down": CLEAR} | conditions
        self.clients: dict[Address, Client] = {}
        self.turned_away = 0  # datagrams of clients beyond MAX_CLIENTS
        self._seed = seed
        self.socket = _socket(host)
        self.socket.bind((host, 0))
        self.loop.add_reader(self.socket, self._from_clients)

    @classmethod
    async def start(
        cls,
        target: Address,
        *,
        seed: int = 0,
        host: str = "127.0.0.1",
        up: Conditions = CLEAR,
        down: Conditions = CLEAR,
    ) -> ImpairedRelay:
        return cls(target, seed, host, {"up": up, "down": down})

    @property
    def address(self) -> Address:
        host, port, *_ = self.socket.getsockname()
        return host, port

    def set(self, *, up: Conditions | None = None, down: Conditions | None = None, only: Client | None = None) -> None:
        """New conditions for everybody (who comes later included), or for one client. Not for what is under way."""
        for direction, conditions in (("up", up), ("down", down)):
            if conditions is None:
                continue
            if only is None:
                self.conditions[direction] = conditions
            for client in self.clients.values() if only is None else (only,):
                client.links[direction].conditions = conditions

    def counters(self, direction: Direction) -> Counter[str]:
        """Of all clients together: taken, passed, passed_bytes, lost, picked_out, overflowed, reordered, duplicated."""
        return sum((client.links[direction].counters for client in self.clients.values()), Counter())

    def rewrite(self, answer: str) -> str:
        """The answer with this relay as its only candidate (on every m-line that had any)."""
        lines = []
        told = False
        for line in answer.split("\r\n"):
            if line.startswith("m="):
                told = False
            if not line.startswith("a=candidate:"):
                lines.append(line)
            elif not told:
                told = True
                host, port = self.address
                lines.append(f"a=candidate:1 1 udp 2130706431 {host} {port} typ host")
        return "\r\n".join(lines)

    def _from_clients(self) -> None:
        moved: dict[Client, None] = {}
        now_ms = _now_ms()
        with contextlib.suppress(OSError):
            for _ in range(READ_BATCH):
                datagram, (host, port, *_) = self.socket.recvfrom(READ_BYTES)
                client = self._client((host, port))
                if client is not None:
                    client.links["up"].put(datagram, now_ms)
                    moved[client] = None
        for client in moved:
            client.move("up")

    def _client(self, address: Address) -> Client | None:
        client = self.clients.get(address)
        if client is None:
            if len(self.clients) >= MAX_CLIENTS:
                self.turned_away += 1
                return None
            # The dice belong to the order of arrival, not to a port that differs from run to run.
            client = self.clients[address] = Client(self, address, f"{self._seed}:{len(self.clients)}")
        return client

    async def close(self) -> None:
        """Idempotent. What was under way is gone."""
        if self.socket.fileno() < 0:
            return
        self.loop.remove_reader(self.socket)
        self.socket.close()
        for client in self.clients.values():
            client.close()


def _now_ms() -> float:
    """The clock of the running loop (asyncio's is ``time.monotonic``)."""
    return time.monotonic() * 1000


def _socket(host: str) -> socket.socket:
    """Of the host's family, with room for bursts."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        made.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
    return made


# ---- as a process of its own ---------------------------------------------------------------------------


def _conditions(words: dict[str, float | int | None]) -> dict[Direction, Conditions]:
    """``{"loss": 0.05, "rtt_ms": 60, …}``, or the same under "up" and "down"."""
    if "up" in words or "down" in words:
        return {direction: Conditions(**words[direction]) for direction in ("up", "down") if direction in words}
    return both_ways(**words)


async def _serve(arguments: argparse.Namespace) -> None:
    host, _, port = arguments.target.rpartition(":")
    percent = {name: getattr(arguments, name) / 100 for name in ("loss", "reorder", "duplicate")}
    conditions = both_ways(rtt_ms=arguments.rtt, jitter_ms=arguments.jitter, rate_bps=arguments.rate, **percent)
    relay = await ImpairedRelay.start(
        (host.strip("[]"), int(port)), seed=arguments.seed, host=arguments.host, **conditions
    )
    print(json.dumps({"host": relay.address[0], "port": relay.address[1]}), flush=True)
    commands = asyncio.StreamReader()
    await relay.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        relay.set(**_conditions(json.loads(line)))
    counted = {direction: dict(relay.counters(direction)) for direction in ("up", "down")}
    print(json.dumps(counted | {"clients": len(relay.clients)}), flush=True)
    await relay.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.rooms.impaired", description=__doc__)
    parser.add_argument("target", metavar="HOST:PORT", help="of the node's UDP port")
    parser.add_argument("--host", default="127.0.0.1", help="to listen on")
    parser.add_argument("--seed", type=int, default=0)
    for name, unit in (
        ("loss", "percent"),
        ("reorder", "percent"),
        ("duplicate", "percent"),
        ("jitter", "ms"),
        ("rtt", "ms"),
    ):
        parser.add_argument(f"--{name}", type=float, default=0.0, help=f"{unit}, each way" if name != "rtt" else unit)
    parser.add_argument("--rate", type=float, metavar="BPS", help="bit/s each way and client")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


__all__ = ["CLEAR", "Client", "Conditions", "ImpairedRelay", "Link", "both_ways"]

if __name__ == "__main__":
    main()
