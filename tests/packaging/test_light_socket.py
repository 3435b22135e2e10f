"""The benches' own web socket against aiohttp's server, over TLS; and its frames, however they come."""

import datetime as dt
import importlib
from pathlib import Path
from types import ModuleType

import pytest
from aiohttp import WSMsgType, web
from hypothesis import given
from hypothesis import strategies as st

from server.live.wire import text_frame
from server.web import certificates
from tests.servers.process import free_port

ROOT = Path(__file__).resolve().parents[2]


def light() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "script"))
        return importlib.import_module("light_socket")


@given(st.lists(st.text(max_size=300) | st.just("长" * 30_000), max_size=5), st.integers(1, 5_000))
def test_frames_are_the_same_however_their_bytes_come(texts: list[str], piece: int) -> None:
    data, frames, found = b"".join(text_frame(text) for text in texts), light().Frames(), []
    for at in range(0, len(data), piece):
        found += frames.feed(data[at : at + piece])
    assert [(kind, payload.decode()) for kind, payload in found] == [(1, text) for text in texts]


async def test_what_it_says_and_hears_is_a_web_sockets(tmp_path: Path) -> None:
    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=1 << 20)
        await socket.prepare(request)
        async for item in socket:
            assert item.type is WSMsgType.TEXT
            await socket.send_str(item.data)
        closed.append(socket.close_code)
        return socket

    closed: list[int | None] = []
    folder = certificates.ensure(tmp_path, ("127.0.0.1",), dt.datetime.now(dt.UTC))
    app = web.Application()
    app.router.add_get("/echo", echo)
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    context = certificates.server_context(folder.leaf_cert, folder.leaf_key)
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
    origin, module = f"https://127.0.0.1:{port}", light()
    try:
        socket = await module.LightSocket.open(origin, "/echo", module.anyone())
        for length in (0, 1, 125, 126, 65_535, 65_536, 300_000):
            socket.send("x" * length)
            assert await socket.receive() == "x" * length
        socket.close()
        socket.close()
        with pytest.raises(ConnectionError):
            await socket.receive()
        with pytest.raises(ConnectionError):
            await module.LightSocket.open(origin, "/elsewhere", module.anyone())
    finally:
        await runner.cleanup()
    assert closed == [1000]
    with pytest.raises(ConnectionError):
        await module.LightSocket.open(origin, "/echo", module.anyone())
