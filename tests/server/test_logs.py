"""Logs carry ids and no secrets."""

import io
import json
import logging

import pytest
import structlog

from server import logs


@pytest.fixture
def stream():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    logs.configure("info", "json", out)
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_one_json_object_with_its_ids(stream):
    with structlog.contextvars.bound_contextvars(request_id="r1", account_id="a1", lesson_id="l1"):
        structlog.get_logger().info("taken", slot="camera")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["slot"], line["request_id"], line["account_id"], line["lesson_id"]) == (
        "taken",
        "camera",
        "r1",
        "a1",
        "l1",
    )


SECRETS = [
    {"password": "S3CRET"},
    {"set_cookie": "S3CRET"},
    {"socket_ticket": "S3CRET"},
    {"header": "Bearer S3CRET"},
    {"header": "x=1; __Host-session=S3CRET; y=2"},
    {"header": "__Host-device=S3CRET; __Host-proof=S3CRET"},
    {"note": "token eyJS3CRET.eyJS3CRET.S3CRET was refused"},
    {"path": "/s/S3CRETxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    {"path": "/calendar/S3CRETxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.ics"},
    {"path": "/hls/0b2f/S3CRET/camera.m3u8"},
    {"path": "/pages/0b2f/S3CRET/phone-001.webp"},
    {"note": "kit_S3CRETxxxxxxxxxxxxxxxxxxxxx was refused"},
    {"path": "/whip/resource/S3CRET"},
    {"path": "/whep/resource/S3CRET"},
    {"url": "postgresql+asyncpg://user:S3CRET@host/db"},
]


@pytest.mark.parametrize("fields", SECRETS, ids=str)
def test_secrets_are_hidden_by_name_and_by_shape(stream, fields):
    structlog.get_logger().warning("something", **fields)
    assert "S3CRET" not in stream.getvalue()


def test_secrets_inside_exceptions_and_library_logs_are_hidden(stream):
    try:
        raise ValueError("Authorization: Bearer S3CRET")
    except ValueError:
        structlog.get_logger().exception("failed")
    logging.getLogger("aiohttp.server").error("Error handling /hls/1/S3CRET/camera.m3u8")
    assert "S3CRET" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_the_level_is_kept(stream):
    structlog.get_logger().debug("quiet")
    assert stream.getvalue() == ""
