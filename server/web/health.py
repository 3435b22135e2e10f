"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable

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
        self._looking: asyncio.Task[dict[str, bool]] | None = None

    async def readyz(self, request: web.Request) -> web.Response:
        """Send people here: database, media process and disk are there, and we are not ending."""
        site = request.app[SITE]
        checks = {**await self._checks(site), "staying": not site.draining.active}
        ready = all(checks.values())
        return web.json_response({"ready": ready, "checks": checks}, status=200 if ready else 503)

    async def _checks(self, site: Site) -> dict[str, bool]:
        now_ms = clock.monotonic_ms()
        if self._looking is None or (self._looking.done() and now_ms - self._looked_at_ms >= _READY_AGE_MS):
            self._looked_at_ms = now_ms
            self._looking = asyncio.create_task(_look(site))
        # One asker may go away; the answer is still wanted by the others.
        return await asyncio.shield(self._looking)


async def _look(site: Site) -> dict[str, bool]:
    return {
        "database": await _within_time(_database(site)),
        "media": await _within_time(_media(site)),
        "disk": await asyncio.to_thread(_disk, site),
    }


async def _within_time(check: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            return await check
    except (TimeoutError, Refusal):
        return False


async def _database(site: Site) -> bool:
    await site.house.records.read(lambda transaction: transaction.accounts.count())
    return True


async def _media(site: Site) -> bool:
    await site.house.media.stats()
    return True


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
    """The media process's own figures; without it only that it is away."""
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            stats = await site.house.media.stats()
    except (Refusal, TimeoutError):
        stats = None
    registry = CollectorRegistry()
    registry.register(_MediaFigures(stats))
    return bytes(generate_latest(registry))


class _MediaFigures(Collector):
    def __init__(self, stats: MediaStats | None) -> None:
        self._stats = stats

    def collect(self) -> list[Metric]:
        up = GaugeMetricFamily("dangxiao_media_up", "Whether the media process answers", float(self._stats is not None))
        return [up] if self._stats is None else [up, *_figures(self._stats)]


def _figures(stats: MediaStats) -> list[Metric]:
    name = "dangxiao_media_"
    info = InfoMetricFamily(name + "relay", "The relay backend")
    info.add_metric((), {"backend": stats.backend, "udp_port": str(stats.udp_port)})
    dropped = CounterMetricFamily(name + "datagrams_dropped", "Datagrams dropped, by reason", labels=["reason"])
    for reason, count in stats.datagrams_dropped.items():
        dropped.add_metric((reason,), count)
    events = CounterMetricFamily(name + "events", "Repair and control, by kind", labels=["kind"])
    for kind, count in stats.counters.items():
        events.add_metric((kind,), count)
    return [
        info,
        GaugeMetricFamily(name + "sessions", "Peer connections", stats.sessions),
        GaugeMetricFamily(name + "loop_lag_seconds", "Lag of the event loop", stats.loop_lag_ms / 1000),
        CounterMetricFamily(name + "packets_received", "Media packets received", stats.packets_received),
        CounterMetricFamily(name + "packets_sent", "Media packets sent", stats.packets_sent),
        CounterMetricFamily(name + "bytes_sent", "Media bytes sent", stats.bytes_sent),
        dropped,
        events,
    ]
