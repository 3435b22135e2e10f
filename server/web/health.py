"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from server import clock
from server.domain.refusals import Refusal
from server.services.media import MediaStats
from server.web.call import CALL
from server.web.origins import is_loopback, is_within
from server.web.site import SITE, Site

_CHECK_TIMEOUT_S = 2.0
_READY_AGE_MS = 500.0
_LEAST_FREE_BYTES = 64 * 1024 * 1024


def routes() -> list[web.RouteDef]:
    return [web.get("/healthz", _healthz), web.get("/readyz", Readiness().readyz), web.get("/metrics", _metrics)]


async def _healthz(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"alive": True})


class Readiness:
    """Whoever asks within a moment gets one answer: a hundred who ask are one look at database, media and disk."""

    def __init__(self) -> None:
        self._looked_at_ms = float("-inf")
        self._looking: asyncio.Task[_Look] | None = None

    async def readyz(self, request: web.Request) -> web.Response:
        """Send people here: database, a media process and disk are there, and we are not ending.

        Lessons of one media process among several that is away wait for its successor, the others go on: still ready.
        """
        site = request.app[SITE]
        look = await self._looked(site)
        checks = {**look.checks, "staying": not site.draining.active}
        ready = all(checks.values())
        media = {"processes": look.processes, "wanted": max(1, len(site.udp_ports()))}
        body = {"ready": ready, "checks": checks, "media": media}
        return web.json_response(body, status=200 if ready else 503)

    async def _looked(self, site: Site) -> _Look:
        now_ms = clock.monotonic_ms()
        if self._looking is None or (self._looking.done() and now_ms - self._looked_at_ms >= _READY_AGE_MS):
            self._looked_at_ms = now_ms
            self._looking = asyncio.create_task(_look(site))
        # One asker may go away; the answer is still wanted by the others.
        return await asyncio.shield(self._looking)


@dataclass(frozen=True, slots=True)
class _Look:
    checks: dict[str, bool]
    processes: int  # of media, that answer


async def _look(site: Site) -> _Look:
    processes = len(await _media(site))
    checks = {
        "database": await _within_time(_database(site)),
        "media": processes > 0,
        "disk": await asyncio.to_thread(_disk, site),
    }
    return _Look(checks, processes)


async def _within_time(check: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            return await check
    except (TimeoutError, Refusal):
        return False


async def _database(site: Site) -> bool:
    await site.house.records.read(lambda transaction: transaction.accounts.count())
    return True


async def _media(site: Site) -> tuple[MediaStats, ...]:
    """Of each media process that answers."""
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            return await site.house.media.stats()
    except (Refusal, TimeoutError):
        return ()


def _disk(site: Site) -> bool:
    folder = site.settings.folder
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _LEAST_FREE_BYTES


async def _metrics(request: web.Request) -> web.Response:
    call = request[CALL]
    if not (is_loopback(call.address) or is_within(call.address, call.site.settings.proxies)):
        raise Refusal("forbidden", "metrics are for this machine and trusted proxies")
    text = generate_latest(call.site.meters.registry) + await media_metrics(call.site)
    return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


async def media_metrics(site: Site) -> bytes:
    """The media processes' own figures; of one that is away only that it is."""
    registry = CollectorRegistry()
    registry.register(_MediaFigures(await _media(site), len(site.udp_ports())))
    return bytes(generate_latest(registry))


class _MediaFigures(Collector):
    def __init__(self, answered: tuple[MediaStats, ...], wanted: int) -> None:
        self._answered = {str(stats.worker): stats for stats in answered}
        self._wanted = {str(worker) for worker in range(wanted)} | self._answered.keys()

    def collect(self) -> list[Metric]:
        up = GaugeMetricFamily(_NAME + "up", "Whether the media process answers", labels=["worker"])
        for worker in sorted(self._wanted, key=int):
            up.add_metric((worker,), float(worker in self._answered))
        return [up, self._relay(), *self._plain(), *self._counted(), *self._gauges()]

    def _relay(self) -> Metric:
        info = InfoMetricFamily(_NAME + "relay", "The relay backend", labels=["worker"])
        for worker, stats in self._answered.items():
            info.add_metric((worker,), {"backend": stats.backend, "udp_port": str(stats.udp_port)})
        return info

    def _plain(self) -> Iterator[Metric]:
        for family, name, meaning, value in _PLAIN:
            metric = family(_NAME + name, meaning, labels=["worker"])
            for worker, stats in self._answered.items():
                metric.add_metric((worker,), value(stats))
            yield metric

    def _counted(self) -> Iterator[Metric]:
        """Whatever the relay counts, by its own names."""
        dropped = CounterMetricFamily(
            _NAME + "datagrams_dropped", "Datagrams dropped, by reason", labels=["worker", "reason"]
        )
        events = CounterMetricFamily(_NAME + "events", "Repair and control, by kind", labels=["worker", "kind"])
        for worker, stats in self._answered.items():
            for reason, count in stats.datagrams_dropped.items():
                dropped.add_metric((worker, reason), count)
            for kind, count in stats.counters.items():
                events.add_metric((worker, kind), count)
        yield dropped
        yield events

    def _gauges(self) -> Iterator[Metric]:
        """Likewise what it measures now."""
        for name in sorted({name for stats in self._answered.values() for name in stats.gauges}):
            gauge = GaugeMetricFamily(_NAME + name, "Of now, see docs/operations.md", labels=["worker"])
            for worker, stats in self._answered.items():
                if name in stats.gauges:
                    gauge.add_metric((worker,), stats.gauges[name])
            yield gauge


_NAME = "dangxiao_media_"
_PLAIN: tuple[tuple[type[GaugeMetricFamily | CounterMetricFamily], str, str, Callable[[MediaStats], float]], ...] = (
    (GaugeMetricFamily, "sessions", "Peer connections", lambda stats: stats.sessions),
    (GaugeMetricFamily, "rooms", "Lessons with media", lambda stats: stats.rooms),
    (GaugeMetricFamily, "loop_lag_seconds", "Lag of the event loop, smoothed", lambda stats: stats.loop_lag_ms / 1000),
    (CounterMetricFamily, "cpu_seconds", "Processor time of the process", lambda stats: stats.cpu_seconds),
    (CounterMetricFamily, "packets_received", "Media packets received", lambda stats: stats.packets_received),
    (CounterMetricFamily, "packets_sent", "Media packets sent", lambda stats: stats.packets_sent),
    (CounterMetricFamily, "bytes_sent", "Media bytes sent", lambda stats: stats.bytes_sent),
)
