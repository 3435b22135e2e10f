"""What this control process counts about itself, in a registry of its own (two in one test don't collide)."""

from __future__ import annotations

import functools

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Meters:
    """Labels are bounded: route patterns, statuses, refusal codes; never ids or addresses."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "dangxiao_http_requests", "HTTP requests", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "dangxiao_http_seconds", "Time to answer", ("route",), buckets=_SECONDS, registry=self.registry
        )
        self.repetitions = Counter(
            "dangxiao_http_repetitions",
            "HTTP requests answered with the bytes of an earlier answer, also counted as requests",
            registry=self.registry,
        )
        # Finding a label's own counter takes longer than counting.
        self._request = functools.lru_cache(maxsize=4096)(self.requests.labels)
        self._second = functools.lru_cache(maxsize=4096)(self.seconds.labels)
        self.refusals = Counter("dangxiao_refusals", "Refusals, by code", ("code",), registry=self.registry)
        self.sockets = Gauge("dangxiao_sockets", "Connected Socket.IO clients", registry=self.registry)
        self.sockets_cut = Counter(
            "dangxiao_sockets_cut", "Socket.IO clients cut off, by reason", ("reason",), registry=self.registry
        )
        self.waiting = Gauge("dangxiao_waiting_requests", "Requests waiting for events", registry=self.registry)
        self.media_restarts = Gauge("dangxiao_media_restarts", "Restarts of the media process", registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._request(method, route, str(status)).inc()
        self._second(route).observe(seconds)

    def repeated(self, method: str, route: str, seconds: float) -> None:
        self.answered(method, route, 200, seconds)
        self.repetitions.inc()
