"""Shelves of micro-videos and of the films that come for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.make_ups import Attempt
from server.domain.marks import MarkAnswer
from server.domain.micro_studies import MicroQuestion, MicroStudy
from server.domain.micro_videos import MicroState, MicroVideo
from server.domain.uploads import Upload


class MicroShelf(Protocol):
    def get(self, video_id: str) -> MicroVideo | None: ...

    def lock(self, video_id: str) -> MicroVideo | None:
        """For changing it."""
        ...

    def of_course(self, course_id: str) -> tuple[MicroVideo, ...]:
        """By position."""
        ...

    def counts(self, course_ids: Collection[str], states: Collection[MicroState]) -> dict[str, int]: ...

    def in_states(self, states: Collection[MicroState]) -> tuple[MicroVideo, ...]:
        """Of all courses, the oldest first."""
        ...

    def put(self, video: MicroVideo) -> None:
        """Add it, or save what changed of it."""

    def remove(self, video_id: str) -> None:
        """With its uploads. One that nobody watched."""

    def retired_before(self, before: dt.datetime, limit: int) -> tuple[str, ...]:
        """Retired so long ago, with their film still here, and by nobody's hand who is under a legal hold."""
        ...

    def films(self) -> frozenset[str]:
        """The folders that some video has, or some upload."""
        ...


class UploadShelf(Protocol):
    def get(self, upload_id: str, *, lock: bool = False) -> Upload | None: ...

    def open_of(self, account_id: str, now: dt.datetime) -> tuple[Upload, ...]:
        """On their way."""
        ...

    def of_video(self, video_id: str) -> tuple[Upload, ...]: ...

    def put(self, upload: Upload) -> None:
        """Add it, or save what changed of it."""

    def remove(self, upload_id: str) -> None: ...

    def expired(self, now: dt.datetime) -> tuple[Upload, ...]: ...


class StudyShelf(Protocol):
    def get(self, video_id: str, member_id: str, *, lock: bool = False) -> MicroStudy | None: ...

    def of_member(self, member_id: str, video_ids: Collection[str]) -> dict[str, MicroStudy]:
        """By video."""
        ...

    def add(self, study: MicroStudy) -> None:
        """One that is there already stays as it is."""

    def save(self, study: MicroStudy) -> None: ...

    def attempts(self, study_id: str) -> tuple[Attempt, ...]:
        """By number."""
        ...

    def add_attempt(self, attempt: Attempt) -> None: ...

    def save_attempt(self, attempt: Attempt) -> None: ...

    def questions(self, video_id: str) -> tuple[MicroQuestion, ...]:
        """By position: of the test, and at marks."""
        ...

    def tested(self, video_ids: Collection[str]) -> dict[str, int]:
        """How many questions the test of each has; one without is not named."""
        ...

    def put_questions(self, video_id: str, questions: Sequence[MicroQuestion]) -> None:
        """In the place of all that there were."""

    def marked(self, video_id: str, member_id: str) -> dict[str, MarkAnswer]:
        """By question."""
        ...

    def mark(self, video_id: str, answer: MarkAnswer) -> None:
        """The first one stays."""
