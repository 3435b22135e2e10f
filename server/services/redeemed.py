"""Codes that a hall is scanning: the lesson they lead to and the proofs just made of them, known without reading."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.lessons import Lesson
from server.domain.sign_ins import Proof
from server.services.records import Seen
from server.services.remembering import Memory

_PROOFS = "sign_in_proofs"


@dataclass(frozen=True, slots=True)
class Place:
    """A venue's lesson, with that venue alone. ``seen``: also of the proofs that there were."""

    lesson: Lesson
    seen: Seen


class Redeemed:
    """Nothing is known where it can't be told whether it is still so (0120)."""

    def __init__(self) -> None:
        self._places: Memory[str, Place] = Memory()
        self._proofs: Memory[str, Proof] = Memory()

    def place(self, lesson_venue_id: str) -> Place | None:
        return self._places.get(lesson_venue_id)

    def keep_place(self, lesson_venue_id: str, lesson: Lesson, seen: Seen | None) -> Place | None:
        """``seen``: of a reading of the lesson and of proofs; others' new ones alter neither."""
        if seen is None:
            return None
        place = Place(lesson, seen.despite_new(_PROOFS).despite_marks("lessons"))
        self._places.keep(lesson_venue_id, place, place.seen)
        return place

    def proof(self, key: str) -> Proof | None:
        """By its digest: one that was made here, while no proof was altered or deleted since its place was read."""
        return self._proofs.get(key)

    def keep_proof(self, proof: Proof, place: Place | None) -> None:
        """It was written down for the first time: nobody had this secret before."""
        if place is not None:
            self._proofs.keep(proof.digest, proof, place.seen)
