"""Lines of the audit log as syslog messages (RFC 5424). The detail stays at home: what was sent cannot be erased."""

from __future__ import annotations

import datetime as dt

from server.domain.audit import DONE, Line

_LOG_AUDIT = 13  # RFC 5424, table 1
_WARNING, _NOTICE = 4, 5
_ID = "dangxiao@32473"
_NAMES = ("position", "actor", "address", "login", "request_id", "about", "result", "detail_digest", "hash")


def message(line: Line, host: str) -> bytes:
    """``host``: of this machine. One message, without the framing of its transport."""
    severity = _NOTICE if line.result == DONE else _WARNING
    at = line.at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    data = " ".join(f'{name}="{_escaped(getattr(line, name))}"' for name in _NAMES)
    head = f"<{_LOG_AUDIT * 8 + severity}>1 {at} {_printable(host)} dangxiao - audit [{_ID} {data}]"
    return f"{head} \ufeff{line.action} {line.result}".encode("utf-8", "replace")


def framed(message_bytes: bytes) -> bytes:
    """For TCP: octet counting (RFC 6587, 3.4.1)."""
    return str(len(message_bytes)).encode() + b" " + message_bytes


def _escaped(value: object) -> str:
    """RFC 5424, 6.3.3."""
    text = "" if value is None else str(value)
    return "".join(f"\\{letter}" if letter in '"\\]' else letter for letter in text if letter >= " ")


def _printable(host: str) -> str:
    return "".join(letter for letter in host if "!" <= letter <= "~")[:255] or "-"
