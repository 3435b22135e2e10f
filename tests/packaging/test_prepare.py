"""The steps of script/prepare: done once, done again when an input changed, never half done."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The modules of script/prepare import each other by their plain names: it runs before anything is installed."""
    monkeypatch.syspath_prepend(str(ROOT / "script" / "prepare"))
    yield
    for name in ("steps", "client", "environment"):
        sys.modules.pop(name, None)


class Workshop:
    """One step that copies its input; counts how often it ran."""

    def __init__(self, folder: Path) -> None:
        self.source, self.result, self.stamps = folder / "source", folder / "result", folder / "stamps"
        self.source.write_text("1")
        self.runs = 0
        self.broken = False

    def work(self) -> None:
        from steps import StepFailed

        self.runs += 1
        if self.broken:
            raise StepFailed("no")
        self.result.write_text(self.source.read_text())

    def prepare(self, *, again: bool = False) -> None:
        from steps import Step, digest_of_files, run_steps

        folder = self.source.parent
        step = Step("copy", "copy", lambda: digest_of_files(folder, [self.source]), self.result.exists, self.work)
        run_steps([step], self.stamps, again=again)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_chains_run_at_once_and_a_failure_of_one_lets_the_other_end(tmp_path: Path) -> None:
    from steps import Step, StepFailed, run_chains

    both, ended = threading.Barrier(2, timeout=60), threading.Event()

    def fail() -> None:
        both.wait()
        raise StepFailed("no")

    def end() -> None:
        both.wait()
        ended.set()

    broken, sound = (Step(work.__name__, "", lambda: "1", lambda: False, work) for work in (fail, end))
    with pytest.raises(StepFailed):
        run_chains([[broken], [sound]], tmp_path)
    assert ended.is_set()
    assert [stamp.name for stamp in tmp_path.iterdir()] == ["end"]


def test_what_comes_first_has_ended_before_the_chains_begin(tmp_path: Path) -> None:
    from steps import Step, run_chains

    stamps, ended = tmp_path / "stamps", list[str]()

    def empty() -> None:
        assert not stamps.exists()
        ended.append("first")

    first, *others = (
        Step(name, "", lambda: "1", lambda: False, work)
        for name, work in (("first", empty), ("one", lambda: ended.append("one")), ("two", lambda: ended.append("two")))
    )
    run_chains([[other] for other in others], stamps, first=[first])
    assert (ended[0], set(ended[1:])) == ("first", {"one", "two"})
    assert {stamp.name for stamp in stamps.iterdir()} == {"first", "one", "two"}


def test_an_unchanged_step_is_skipped(workshop: Workshop) -> None:
    workshop.prepare()
    workshop.prepare()
    assert workshop.runs == 1


def test_a_changed_input_runs_the_step(workshop: Workshop) -> None:
    workshop.prepare()
    workshop.source.write_text("2")
    workshop.prepare()
    assert workshop.runs == 2
    assert workshop.result.read_text() == "2"


def test_a_lost_result_runs_the_step(workshop: Workshop) -> None:
    workshop.prepare()
    workshop.result.unlink()
    workshop.prepare()
    assert workshop.runs == 2


def test_again_runs_everything(workshop: Workshop) -> None:
    workshop.prepare()
    workshop.prepare(again=True)
    assert workshop.runs == 2


def test_a_failed_step_is_tried_again_though_its_old_result_is_there(workshop: Workshop) -> None:
    from steps import StepFailed

    workshop.prepare()
    workshop.source.write_text("2")
    workshop.broken = True
    with pytest.raises(StepFailed):
        workshop.prepare()
    workshop.source.write_text("1")
    workshop.broken = False
    workshop.prepare()
    assert workshop.runs == 3


def test_a_failed_program_shows_the_end_of_its_output(tmp_path: Path) -> None:
    from steps import StepFailed, call

    with pytest.raises(StepFailed, match="the reason"):
        call([sys.executable, "-c", "print('the reason'); raise SystemExit(3)"], tmp_path)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    from steps import StepFailed, call

    with pytest.raises(StepFailed, match="no-such-program"):
        call(["no-such-program"], tmp_path)


def test_the_project_is_linked_again_when_the_source_of_its_extension_changes_or_the_built_one_is_lost(
    tmp_path: Path,
) -> None:
    from environment import LINK, environment_steps

    (tmp_path / "rooms" / "csrc").mkdir(parents=True)
    for name in ("pyproject.toml", "requirements.lock", "rooms/csrc/send.c", "rooms/_fanout.abi3.so"):
        (tmp_path / name).write_text("1")

    def state() -> str:
        return next(step for step in environment_steps(tmp_path, testing=False) if step.name == LINK).fingerprint()

    first = state()
    assert state() == first
    (tmp_path / "rooms/csrc/send.c").write_text("2")
    changed = state()
    (tmp_path / "rooms/_fanout.abi3.so").unlink()
    assert len({first, changed, state()}) == 3


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.12.0", "v24.1.0"])
def test_node_that_vite_accepts(version: str) -> None:
    from client import recent_enough

    assert recent_enough(version)


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.3", "v21.7.0", "v22.11.0", "", "command not found"])
def test_node_that_vite_refuses(version: str) -> None:
    from client import recent_enough

    assert not recent_enough(version)


def test_the_client_is_not_built_again_for_its_tests_or_its_packages(tmp_path: Path) -> None:
    from client import sources

    for name in ("src/main.ts", "tests/a.test.ts", "node_modules/vue/index.js", "dist/index.html", "package.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert {str(path.relative_to(tmp_path)) for path in sources(tmp_path)} == {"src/main.ts", "package.json"}
