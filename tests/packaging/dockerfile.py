"""Reads a Dockerfile far enough to check it and to run a stage of it in a plain shell."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str


@dataclass
class Stage:
    """From one FROM to the next."""

    image: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [instruction.rest for instruction in self.instructions if instruction.word == word]

    @property
    def environment(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for rest in self.all("ENV") for pair in shlex.split(rest))


def stages(text: str) -> list[Stage]:
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    found: list[Stage] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, rest = line.split(None, 1)
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            found.append(Stage(image, name))
        else:
            found[-1].instructions.append(Instruction(word, rest))
    return found


@dataclass
class Rehearsal:
    """Runs a stage's instructions with its absolute paths moved under `root`; `sources` are the other stages' roots."""

    root: Path
    context: Path
    sources: Mapping[str, Path]
    moved: tuple[str, ...] = ("/src", "/opt")
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = Path("/")

    def inside(self, text: str) -> str:
        for path in self.moved:
            text = re.sub(rf"(?<![\w.]){path}\b", f"{self.root}{path}", text)
        return text

    def perform(self, stage: Stage) -> None:
        for instruction in stage.instructions:
            getattr(self, instruction.word.lower())(instruction.rest)

    def workdir(self, rest: str) -> None:
        self.folder = Path(self.inside(rest))
        self.folder.mkdir(parents=True, exist_ok=True)

    def env(self, rest: str) -> None:
        for pair in shlex.split(self.inside(rest)):
            key, value = pair.split("=", 1)
            self.environment[key] = value.replace("$PATH", self.environment.get("PATH", ""))

    def copy(self, rest: str) -> None:
        *sources, target = rest.split()
        origin = self.context
        if sources[0].startswith("--from="):
            origin = self.sources[sources.pop(0).removeprefix("--from=")]
        for source in sources:
            self._copy_one(origin / source.lstrip("/"), target)

    def _copy_one(self, source: Path, target: str) -> None:
        place = self.folder / self.inside(target)
        if source.is_dir():
            shutil.copytree(
                source, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "_client", "*.so")
            )
        else:
            shutil.copy(source, place / source.name if target.endswith("/") else place)

    def run(self, rest: str) -> None:
        done = subprocess.run(
            ["/bin/sh", "-ec", self.inside(rest)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"RUN {rest}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
