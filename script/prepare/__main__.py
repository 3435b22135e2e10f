"""Brings a checkout into the state a script needs: environment, packages, web client. Standard library only.

    python script/prepare [--test] [--no-client | --no-build] [--again]

Each step is skipped while its inputs are unchanged; the client's run beside the environment's. Two scripts at once
wait for each other. Ends with 1 and one sentence when something is missing.
"""

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client import client_steps, system_node
from environment import environment_steps
from steps import StepFailed, run_chains

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """One preparation at a time for a checkout; the second says that it waits."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("另一个脚本正在准备，等待中 / Another script is preparing, waiting …", file=sys.stderr)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/prepare", description=__doc__.splitlines()[0])
    parser.add_argument("--test", action="store_true", help="the packages of the tests too")
    client = parser.add_mutually_exclusive_group()
    client.add_argument("--no-client", action="store_true", help="leave the web client out")
    client.add_argument("--no-build", action="store_true", help="its packages only, not its build")
    parser.add_argument("--again", action="store_true", help="do every step, changed or not")
    arguments = parser.parse_args()
    try:
        with exclusive(ROOT):
            # To make the environment anew empties its folder, and all stamps are in there.
            environment, *packages = environment_steps(ROOT, testing=arguments.test)
            chains = [packages]
            if not arguments.no_client:
                chains.append(client_steps(ROOT, build=not arguments.no_build))
            if not system_node():  # it comes into the environment then, after that is made
                chains = [[step for chain in chains for step in chain]]
            run_chains(chains, ROOT / ".venv" / ".steps", again=arguments.again, first=[environment])
    except StepFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except PermissionError as denied:
        print(f"没有写入权限 / No permission to write: {denied.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
