"""An S3-compatible store as the place of finished archives: ``<prefix>/<recording>/<file>``. Requests are signed by the
library (AWS Signature Version 4); the bucket is never made, and nothing but our own prefix is touched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from recordings.storage import StorageUnavailable

if TYPE_CHECKING:
    from obstore.store import S3Store

TRIES = 3
REQUEST_S = 30


@dataclass(frozen=True, slots=True)
class ObjectPlace:
    endpoint: str
    bucket: str
    region: str
    prefix: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    path_style: bool = True

    @property
    def address(self) -> str:
        """Where requests go: with the bucket in the host's name, unless it stands in their path."""
        scheme, _, rest = self.endpoint.partition("://")
        if self.path_style or rest.startswith(f"{self.bucket}."):
            return self.endpoint
        return f"{scheme}://{self.bucket}.{rest}"


class Objects(Protocol):
    """Whole objects by name. Every method may raise :class:`StorageUnavailable`. Safe to use from several threads."""

    def put(self, name: str, data: bytes) -> None:
        """Durable when it returns; replaces one that is there."""

    def get(self, name: str) -> bytes | None:
        """None: there is none."""
        ...

    async def fetch(self, name: str) -> bytes | None:
        """As :meth:`get`, without a thread."""
        ...

    def size(self, name: str) -> int | None: ...

    def clear(self, folder: str) -> int:
        """Delete all below ``folder``; how many."""
        ...


class S3Objects:
    def __init__(self, place: ObjectPlace) -> None:
        self._place = place
        self._made: S3Store | None = None

    @property
    def _store(self) -> S3Store:
        """Made when it is first wanted: the library is 15 MB that most houses never need."""
        if self._made is None:
            from obstore.store import S3Store  # noqa: PLC0415

            place = self._place
            self._made = S3Store(
                place.bucket,
                endpoint=place.address,
                region=place.region,
                access_key_id=place.access_key,
                secret_access_key=place.secret_key,
                virtual_hosted_style_request=not place.path_style,
                client_options={"allow_http": place.endpoint.startswith("http:"), "timeout": f"{REQUEST_S}s"},
                retry_config={"max_retries": TRIES, "retry_timeout": dt.timedelta(seconds=REQUEST_S)},
            )
        return self._made

    def _path(self, name: str) -> str:
        return f"{self._place.prefix}/{name}"

    def put(self, name: str, data: bytes) -> None:
        import obstore  # noqa: PLC0415

        with _translated():
            obstore.put(self._store, self._path(name), data, use_multipart=False)

    def get(self, name: str) -> bytes | None:
        import obstore  # noqa: PLC0415

        try:
            with _translated():
                return bytes(obstore.get(self._store, self._path(name)).bytes())
        except FileNotFoundError:
            return None

    async def fetch(self, name: str) -> bytes | None:
        import obstore  # noqa: PLC0415

        try:
            with _translated():
                found = await obstore.get_async(self._store, self._path(name))
                return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None

    def size(self, name: str) -> int | None:
        import obstore  # noqa: PLC0415

        try:
            with _translated():
                return obstore.head(self._store, self._path(name))["size"]
        except FileNotFoundError:
            return None

    def clear(self, folder: str) -> int:
        import obstore  # noqa: PLC0415

        gone = 0
        with _translated():
            for some in obstore.list(self._store, self._path(folder) + "/"):
                paths = [one["path"] for one in some]
                obstore.delete(self._store, paths)
                gone += len(paths)
        return gone


@contextmanager
def _translated() -> Iterator[None]:
    """The library's sentences hold whole requests: only what kind of fault it was is passed on."""
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StorageUnavailable(f"the object store: {type(error).__name__}") from None
