"""The thread that forwards packets goes first, where it may, and alone."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.process
def test_only_the_thread_that_forwards_goes_before_others_and_never_fails() -> None:
    """In a process of its own: nobody may take a priority back."""
    code = """
import os, sys, threading
from server.link.process import packets_first
ready, seen = threading.Event(), []
def other():
    ready.wait()
    seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
thread = threading.Thread(target=other)
thread.start()
before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
packets_first()
ready.set()
thread.join()
assert seen == [before], seen
assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) in (-10, before)  # whether we may depends
assert sys.getswitchinterval() < 0.001
print("fine")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "fine\n", done.stderr
