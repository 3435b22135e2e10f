"""The archive plane in the house's own words; for the composition roots alone."""

from __future__ import annotations

from server.archive.exports import ExportsInFolder
from server.archive.library import ArchivedLibrary, summary_of
from server.archive.objects import MovingToObjects, objects_of
from server.archive.pictures import PicturesInFolder

__all__ = ["ArchivedLibrary", "ExportsInFolder", "MovingToObjects", "PicturesInFolder", "objects_of", "summary_of"]
