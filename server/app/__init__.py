"""Composition root of the control process. ``control`` says the order; each of the others builds one part of it."""

from server.app.control import REASONS_NOT_TO_START, Control, running
from server.app.doors import Ports, Ready

__all__ = ["REASONS_NOT_TO_START", "Control", "Ports", "Ready", "running"]
