"""Every limit and default of the server, read once from the environment into one frozen value.

A key is ``DANGXIAO_`` and the field's name in capitals. Nothing starts with a key or a value that cannot be used.
``rows()`` is the source of the tables in README and docs/operations.md.
"""

from server.settings.environment import Row, from_environment, markdown_table, rows, shown, to_environment
from server.settings.values import (
    BadSetting,
    IceServer,
    Language,
    LogFormat,
    LogLevel,
    RelayBackend,
    Settings,
    Tls,
    key_of,
)

__all__ = [
    "BadSetting",
    "IceServer",
    "Language",
    "LogFormat",
    "LogLevel",
    "RelayBackend",
    "Row",
    "Settings",
    "Tls",
    "from_environment",
    "key_of",
    "markdown_table",
    "rows",
    "shown",
    "to_environment",
]
