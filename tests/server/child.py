"""A media process in twenty lines for the supervisor's tests: it stands by, serves and ends as the real one does.

Argument: the socket, or ``--standby``. ``CHILD_FAILS`` in the environment: it gives up while it stands by;
``CHILD_MUTE``: it serves and never says that it lives.
"""

import json
import os
import select
import socket
import sys

from server.link.codec import encode, pack
from server.link.load import Load
from server.link.process import PLACE_BYTES

BEAT_S = 0.1


def tell(said: dict[str, object]) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


def main(path: str) -> None:
    if path == "--standby":
        if os.environ.get("CHILD_FAILS"):
            sys.exit(1)
        tell({"standby": True})
        line = os.read(0, PLACE_BYTES)
        if not line:
            return
        (path,) = json.loads(line)
    if os.path.exists(path):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        tell({"instance": str(os.getpid())})
        link, _ = listener.accept()
        with link:
            link.sendall(pack({"hello": str(os.getpid())}))
            while not select.select([0], [], [], BEAT_S)[0]:
                if not os.environ.get("CHILD_MUTE"):
                    link.sendall(pack({"beat": encode(Load(0, 0, 0, 0.0, 0.0))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
