"""The container's health check against a real HTTP server."""

import importlib.util
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("healthcheck", ROOT / "deploy" / "healthcheck.py")
assert spec
assert spec.loader
healthcheck = importlib.util.module_from_spec(spec)
spec.loader.exec_module(healthcheck)


class Answer(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_serving_server_is_healthy(port: int) -> None:
    assert healthcheck.healthy(healthcheck.address({"DANGXIAO_TLS": "off", "DANGXIAO_PORT": str(port)}))


def test_a_server_that_fails_is_not_healthy(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answer, "status", 503)
    assert not healthcheck.healthy(f"http://127.0.0.1:{port}/healthz")


def test_nobody_listening_is_not_healthy(port: int) -> None:
    assert not healthcheck.healthy(f"https://127.0.0.1:{port}/healthz")


def test_the_address_follows_the_settings() -> None:
    assert healthcheck.address({}) == "https://127.0.0.1:8443/healthz"
    assert healthcheck.address({"DANGXIAO_PORT": "9000"}) == "https://127.0.0.1:9000/healthz"
