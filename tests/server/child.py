"""A media process in twenty lines for the supervisor's tests: it stands by, serves and ends as the real one does.

Argument: the socket; then ``--standby`` or not. ``CHILD_FAILS`` in the environment: it gives up while it stands by.
"""

import json
import os
import socket
import sys

from server.link.codec import pack
from server.link.process import GO


def tell(said: dict[str, object]) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


def main(path: str, *more: str) -> None:
    if "--standby" in more:
        if os.environ.get("CHILD_FAILS"):
            sys.exit(1)
        tell({"standby": True})
        if os.read(0, len(GO)) != GO:
            return
    if os.path.exists(path):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        tell({"instance": str(os.getpid())})
        link, _ = listener.accept()
        with link:
            link.sendall(pack({"hello": str(os.getpid())}))
            os.read(0, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
