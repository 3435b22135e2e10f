"""Live and replay HLS (RFC 8216). The grant in the path is the permission: players send no cookie with segments.

Thousands of players ask for the same live playlist and the same newest segments: one question to the media process
answers all who ask within a moment.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import io
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

import structlog
from aiohttp import hdrs, web

from server import clock
from server.domain.refusals import Refusal
from server.domain.tickets import PlayGrant, Playing, check_grant, may_outlast
from server.services.checkpoints import see_segment
from server.services.login import digest
from server.services.media import Asking, Away, Track
from server.services.recordings import live_barrier, replay_closed
from server.services.replays import note_segment
from server.services.rights import may_play_on
from server.web.call import CALL, MOST_TOKEN, Call

_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
_TYPES = {".m4s": "video/iso.segment", ".mp4": "video/mp4", ".webp": "image/webp", ".json": "application/json"}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}(\.[A-Za-z0-9]{1,8}){1,2}")
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
_REPLAY = {"camera.m3u8": Track.CAMERA, "screen.m3u8": Track.SCREEN}
_LIVE = {"live-camera.m3u8": Track.CAMERA, "live-screen.m3u8": Track.SCREEN}
_PLAYLIST_AGE_MS = 250.0
_BARRIER_AGE_MS = 250.0
_BARRIER_BYTES = 64 * 1024
SETTLING = dt.timedelta(seconds=2)
"""A cut stands in the record before it is drawn: what came from a media process's memory meanwhile is not kept."""
_RING_AGE_MS = 60_000.0
_RING_BYTES = 64 * 1024 * 1024
_EDGE_BYTES = 64 * 1024 * 1024
_MOST_KEPT = 4 * 1024 * 1024
"""A file that is larger is sent from disk to everybody by itself."""
_ZIPPED_AGE_MS, _ZIPPED_BYTES = 10_000.0, 1024 * 1024
_OUTLASTED_AGE_MS = 30_000.0
_OUTLASTED_BYTES = 30_000


def routes() -> list[web.RouteDef]:
    return [web.get("/hls/{recording_id}/{grant}/{name}", Files().serve)]


class Files:
    """The handler, with what it remembers of the live edge."""

    def __init__(self) -> None:
        self._playlists = Recent(_PLAYLIST_AGE_MS, 1024 * 1024)
        self._zipped = Recent(_ZIPPED_AGE_MS, _ZIPPED_BYTES)
        self._ring = Recent(_RING_AGE_MS, _RING_BYTES)
        self._edge = Recent(_RING_AGE_MS, _EDGE_BYTES)
        self._barriers = Recent(_BARRIER_AGE_MS, _BARRIER_BYTES)
        self._outlasted = Recent(_OUTLASTED_AGE_MS, _OUTLASTED_BYTES)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        call = request[CALL]
        grant, name = await self._permitted(call)
        recording_id, account_id = grant.recording_id, grant.account_id
        since = await self._barrier(call, recording_id, grant.kind)
        if name in _REPLAY or name in _LIVE:
            await call.watches()
        if name in _REPLAY:
            return _playlist(await call.site.house.library.playlist(recording_id, _REPLAY[name]))
        if name in _LIVE:
            asking = _asking(request)
            return await self._packed(request, await self._live_playlist(call, grant, _LIVE[name], since, asking))
        if name.endswith(".m4s"):
            await see_segment(call.site.house, recording_id, account_id, call.now)
        return await self._file(call, grant, name, since)

    async def _barrier(self, call: Call, recording_id: str, kind: Playing) -> dt.datetime | None:
        """After an emergency cut nothing from before it is given to who watches live, whoever has kept it.

        Raises ``recording_not_found`` for a replay that is closed by it: nobody remembers that, so that it opens again
        at once.
        """
        records = call.site.house.records

        async def ask() -> bytes | None:
            since = await live_barrier(records, recording_id)
            return b"" if since is None else since.isoformat().encode()

        async def ask_whether_open() -> bytes | None:
            return None if await replay_closed(records, recording_id) else b""

        if kind is Playing.LIVE:
            said = await self._barriers.get(recording_id, ask)
        elif (said := await self._barriers.get(f"replay {recording_id}", ask_whether_open)) is None:
            raise Refusal("recording_not_found", "its lesson was cut, and is on the air still")
        return dt.datetime.fromisoformat(said.decode()) if said else None

    async def _live_playlist(
        self, call: Call, grant: PlayGrant, track: Track, since: dt.datetime | None, asking: Asking | None
    ) -> bytes:
        """A number is the player's own, and a question of its own to the media process: paced like what it misses."""
        recording_id = grant.recording_id

        def before() -> None:
            if asking is not None and asking.number is not None:
                call.site.pace.miss(grant.account_id)

        async def ask() -> bytes | None:
            text = await call.site.house.media.live_playlist(recording_id, track, asking)
            return None if text is None else text.encode()

        playlist = await self._playlists.get(f"{recording_id}/{track}/{since}/{asking}", ask, before)
        if playlist is None:
            raise Refusal("not_yet", retry_after_s=1)
        return playlist

    async def _packed(self, request: web.Request, playlist: bytes) -> web.Response:
        """Compressed once for all who ask within a moment."""
        headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_TYPE: _PLAYLIST_TYPE, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if "gzip" not in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower():
            return web.Response(body=playlist, headers=headers)

        async def ask() -> bytes | None:
            return gzip.compress(playlist, 6)

        packed = await self._zipped.get(playlist.decode(), ask)
        return web.Response(body=packed, headers={**headers, hdrs.CONTENT_ENCODING: "gzip"})

    async def _file(self, call: Call, grant: PlayGrant, name: str, since: dt.datetime | None) -> web.StreamResponse:
        """From disk when it is recorded, else from the memory of the media process, which is asked only so often."""
        pace, recording_id, account_id = call.site.pace, grant.recording_id, grant.account_id
        pace.check_misses(account_id)
        content_type = _TYPES.get("." + name.rpartition(".")[2], "application/octet-stream")
        headers: dict[str, str] = {
            hdrs.CONTENT_TYPE: content_type,
            hdrs.CACHE_CONTROL: "private, max-age=86400, immutable",
        }
        if grant.kind is Playing.LIVE and hdrs.RANGE not in call.request.headers:
            kept = await self._edge.get(
                f"{recording_id}/{name}/{since}", lambda: _small(call, recording_id, name, since)
            )
            if kept is not None:
                return from_memory(kept, headers)
        try:
            path = await call.site.house.library.file(recording_id, name, since)
        except Away:
            return await self._from_store(call, grant, name, headers)
        except Refusal as refusal:
            if refusal.code not in {"recording_unknown", "recording_not_found"}:
                raise
        else:
            if name.endswith(".m4s") and asks_for_all(call.request, path):
                await note_segment(call.site.house, grant, name)
            return web.FileResponse(path, headers=headers)

        async def ask() -> bytes | None:
            return await call.site.house.media.ring_file(recording_id, name)

        settling = since is not None and call.now - since < SETTLING
        key = f"{recording_id}/{name}/{since}/{settling}"
        content = await self._ring.get(key, ask, lambda: pace.miss(account_id))
        if content is None:
            raise Refusal("recording_not_found", name)
        return from_memory(content, headers)

    async def _from_store(
        self, call: Call, grant: PlayGrant, name: str, headers: Mapping[str, str]
    ) -> web.StreamResponse:
        """Of an archive whose media was moved: fetched once for all who want it in the same minute."""
        recording_id = grant.recording_id

        async def ask() -> bytes | None:
            return await call.site.house.library.fetch(recording_id, name)

        content = await self._ring.get(f"far {recording_id}/{name}", ask) or b""
        response, given = _part(call.request, content, headers)
        if name.endswith(".m4s") and call.request.method == hdrs.METH_GET and given == len(content):
            await note_segment(call.site.house, grant, name)
        return response

    async def _permitted(self, call: Call) -> tuple[PlayGrant, str]:
        """The grant in the path, and the file, when the grant covers it."""
        info = call.request.match_info
        recording_id, name = _recording_id(info["recording_id"]), info["name"]
        structlog.contextvars.bind_contextvars(recording_id=recording_id)
        grant = call.site.grants.read_grant(info["grant"], recording_id)
        structlog.contextvars.bind_contextvars(account_id=grant.account_id)
        try:
            check_grant(grant, recording_id, _kind(name), call.now)
        except Refusal as refusal:
            if refusal.code != "grant_expired" or not await self._outlasting(call, grant):
                raise
        if not _NAME.fullmatch(name):
            raise Refusal("recording_not_found", "no such name")
        return grant, name

    async def _outlasting(self, call: Call, grant: PlayGrant) -> bool:
        """A browser's own player can't be given another address without a gap: the cookie that it sends counts then.

        One answer of the record is good for a while, so that a player costs one reading in that time.
        """
        if not call.token or len(call.token) > MOST_TOKEN or not may_outlast(grant, call.now):
            return False
        login = digest(call.token)

        async def ask() -> bytes | None:
            return b"yes" if await may_play_on(call.site.house.records, login, grant, call.now) else b"no"

        # A cookie of many makings is a question of the record each: paced as what is not on disk.
        answer = await self._outlasted.get(f"{login}/{grant}", ask, lambda: call.site.pace.miss(grant.account_id))
        return answer == b"yes"


async def _small(call: Call, recording_id: str, name: str, since: dt.datetime | None) -> bytes | None:
    """What thousands of live players fetch within the same seconds: read once, not once for each of them."""
    try:
        path = await call.site.house.library.file(recording_id, name, since)
    except (Away, Refusal):
        return None  # who asks on is told why
    return await asyncio.to_thread(_read, path)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= _MOST_KEPT else None
    except OSError:
        return None


def from_memory(content: bytes, headers: Mapping[str, str]) -> web.Response:
    """Given as its line takes it: thousands of slow ones hold no copy each of all of it."""
    return web.Response(body=io.BytesIO(content), headers=headers)


def _asking(request: web.Request) -> Asking | None:
    """``wait``: ``lifted`` for the programme behind a curtain, ``next`` also for the segment of ``_HLS_msn``."""
    wait, number = request.query.get("wait"), request.query.get("_HLS_msn", "")
    if wait not in {"lifted", "next"}:
        return None
    return Asking(wait == "next", int(number) if wait == "next" and _NUMBER.fullmatch(number) else None)


_CONDITIONS = (hdrs.IF_MATCH, hdrs.IF_NONE_MATCH, hdrs.IF_MODIFIED_SINCE, hdrs.IF_UNMODIFIED_SINCE)


def asks_for_all(request: web.BaseRequest, path: Path) -> bool:
    """Whether the answer can only be every byte of the file: no ``HEAD``, no part (RFC 9110, 14), and not whether it
    has changed, which may be answered without any.
    """
    if request.method != hdrs.METH_GET or any(name in request.headers for name in _CONDITIONS):
        return False
    if hdrs.RANGE not in request.headers:
        return True
    try:
        asked = request.http_range
        size = path.stat().st_size
    except (ValueError, OSError):
        return False
    begin = asked.start or 0
    return (begin == 0 or begin <= -size) and (asked.stop is None or asked.stop >= size)


def _kind(name: str) -> Playing | None:
    """Of a playlist; segments and inits are the same for both."""
    return Playing.REPLAY if name in _REPLAY else Playing.LIVE if name in _LIVE else None


def _recording_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Refusal("recording_not_found") from None


def _part(request: web.Request, content: bytes, said: Mapping[str, str]) -> tuple[web.Response, int]:
    """Whole, or the range that is asked for (RFC 9110, 14); and how many bytes that are."""
    headers: dict[str, str] = {**said, hdrs.ACCEPT_RANGES: "bytes"}
    try:
        wanted = request.http_range
    except ValueError:
        wanted = slice(None)
    if wanted.start is None and wanted.stop is None:
        return from_memory(content, headers), len(content)
    first, last, _ = wanted.indices(len(content))
    if first >= last:
        headers[hdrs.CONTENT_RANGE] = f"bytes */{len(content)}"
        return web.Response(status=416, headers=headers), 0
    headers[hdrs.CONTENT_RANGE] = f"bytes {first}-{last - 1}/{len(content)}"
    return web.Response(status=206, body=content[first:last], headers=headers), last - first


def _playlist(text: str) -> web.Response:
    response = web.Response(text=text, content_type=_PLAYLIST_TYPE)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    response.enable_compression()
    return response


class Recent:
    """Answers of the last moments, each asked for once however many want it. Bounded in bytes: oldest go first."""

    def __init__(self, age_ms: float, most_bytes: int) -> None:
        self._age_ms = age_ms
        self._most_bytes = most_bytes
        self._known: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0
        self._asking: dict[str, asyncio.Task[bytes | None]] = {}

    async def get(
        self, key: str, ask: Callable[[], Awaitable[bytes | None]], before: Callable[[], None] = lambda: None
    ) -> bytes | None:
        """What ``ask`` answered less than ``age_ms`` ago, else asks. None is not remembered.

        ``before`` is called when a question is about to be asked, and may raise instead.
        """
        at_ms, content = self._known.get(key, (0.0, b""))
        if key in self._known and clock.monotonic_ms() - at_ms < self._age_ms:
            return content
        task = self._asking.get(key)
        if task is None:
            before()
            task = self._asking[key] = asyncio.create_task(self._ask(key, ask))
            task.add_done_callback(lambda _: self._asking.pop(key, None))
        # One asker may go away; the answer is still wanted by the others.
        return await asyncio.shield(task)

    async def _ask(self, key: str, ask: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        content = await ask()
        if content is not None:
            self._remember(key, content)
        return content

    def _remember(self, key: str, content: bytes) -> None:
        _, old = self._known.pop(key, (0.0, b""))
        self._known[key] = (clock.monotonic_ms(), content)
        self._bytes += len(content) - len(old)
        while self._bytes > self._most_bytes and len(self._known) > 1:
            _, (_, dropped) = self._known.popitem(last=False)
            self._bytes -= len(dropped)
