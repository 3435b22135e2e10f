"""What may be called over the link: the async methods of ``MediaPlane``, by their own type hints."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.link.codec import BadFrame, decode
from server.services import media


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    parameters: tuple[tuple[str, Any], ...]
    keyword_only: frozenset[str]
    result: Any

    def arguments(self, data: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Decoded positional and keyword arguments. Raises :class:`BadFrame`."""
        if len(data) != len(self.parameters):
            raise BadFrame(f"{self.name} takes {len(self.parameters)} arguments")
        values = {name: decode(hint, item) for (name, hint), item in zip(self.parameters, data, strict=True)}
        positional = [value for name, value in values.items() if name not in self.keyword_only]
        return positional, {name: values[name] for name in self.keyword_only}


def _method(name: str) -> Method:
    function = getattr(media.MediaPlane, name)
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return Method(
        name=name,
        parameters=tuple((p.name, hints[p.name]) for p in parameters),
        keyword_only=frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY),
        result=hints["return"],
    )


METHODS = {
    name: _method(name)
    for name, function in inspect.getmembers(media.MediaPlane, inspect.iscoroutinefunction)
    if not name.startswith("_")
}
EVENT = media.MediaEvent
