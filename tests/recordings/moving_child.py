"""Moves an archive and dies at the n-th thing it does: ``python -m tests.recordings.moving_child FOLDER PLACE N``."""

import json
import os
import sys
from pathlib import Path

from recordings import moving
from recordings.objects import ObjectPlace, S3Objects


def main(folder: Path, place: ObjectPlace, last: int) -> None:
    left = [last]

    def step():
        left[0] -= 1
        if left[0] < 0:
            os._exit(9)

    class Dying(S3Objects):
        def put(self, name, data):
            step()
            super().put(name, data)
            step()

        def get(self, name):
            step()
            return super().get(name)

    def spoiling(function):
        def spoilt(*args, **kwargs):
            step()
            found = function(*args, **kwargs)
            step()
            return found

        return spoilt

    moving.write_all = spoiling(moving.write_all)
    os.fsync, Path.unlink = spoiling(os.fsync), spoiling(Path.unlink)
    moving.move(folder, Dying(place), "2026-11-27T00:00:00Z", lambda percent: None)
    moving.release(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), ObjectPlace(**json.loads(sys.argv[2])), int(sys.argv[3]))
