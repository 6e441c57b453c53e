"""The set-up script: when it has nothing to do, when it rebuilds, and what it says when it fails."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def load_tool(name: str) -> ModuleType:
    """Import a script of the tools folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


setup_env = load_tool("setup_env")
timed_steps = load_tool("timed_steps")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with what the set-up reads, and no package."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "p"\n[project.optional-dependencies]\nfast = []\nnn = []\ndev = []\n'
    )
    (tmp_path / "constraints.txt").write_text("torch==2.13.0\n")
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[str]]:
    """Replace what takes time or a network by notes of what was asked for."""
    installations: list[frozenset[str]] = []
    monkeypatch.setattr(setup_env, "make_environment", lambda environment: environment.mkdir(exist_ok=True))
    monkeypatch.setattr(setup_env, "install", lambda _0, _1, extras, _2: installations.append(extras))
    monkeypatch.setattr(setup_env, "check_import", lambda _env: None)
    monkeypatch.setattr(
        setup_env, "python_version", lambda python: (3, 12, 1) if Path(python).parents[1].exists() else None
    )
    return installations


def test_second_run_installs_nothing(
    project: Path, installed: list[frozenset[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    setup_env.set_up(project, ["all"], asked=None)
    capsys.readouterr()
    setup_env.set_up(project, ["all"], asked=None)
    assert installed == [{"fast", "nn", "dev"}]
    assert "environment is up to date" in capsys.readouterr().out


def test_subset_of_installed_extras_installs_nothing(project: Path, installed: list[frozenset[str]]) -> None:
    setup_env.set_up(project, ["dev", "fast"], asked=None)
    setup_env.set_up(project, ["dev"], asked=None)
    setup_env.set_up(project, [], asked=None)
    assert installed == [{"dev", "fast"}]


def test_further_extra_joins_those_installed(project: Path, installed: list[frozenset[str]]) -> None:
    setup_env.set_up(project, ["fast"], asked=None)
    setup_env.set_up(project, ["nn"], asked=None)
    setup_env.set_up(project, ["fast"], asked=None)
    assert installed == [{"fast"}, {"fast", "nn"}]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_file_installs_again(project: Path, installed: list[frozenset[str]], name: str) -> None:
    setup_env.set_up(project, ["fast"], asked=None)
    (project / name).write_text((project / name).read_text() + "\n# changed\n")
    setup_env.set_up(project, ["fast"], asked=None)
    assert len(installed) == 2


def test_fingerprint_tells_the_files_apart(project: Path) -> None:
    before = setup_env.fingerprint(project)
    # The same bytes in all, one of them moved from the first file to the second.
    first, second = project / "pyproject.toml", project / "constraints.txt"
    text = first.read_text()
    first.write_text(text[:-1])
    second.write_text(text[-1] + second.read_text())
    assert setup_env.fingerprint(project) != before


@pytest.mark.parametrize(
    ("settings", "moved"),
    [
        ("home = h\ncommand = python3 -m venv {here}\n", False),
        ("home = h\ncommand = python3 -m venv {here}/elsewhere/.venv\n", True),
        ("home = h\n", False),
        (None, False),
    ],
)
def test_moved_environment_is_recognised(tmp_path: Path, settings: str | None, moved: bool) -> None:
    if settings is not None:
        (tmp_path / "pyvenv.cfg").write_text(settings.format(here=tmp_path))
    assert setup_env.was_moved(tmp_path) is moved


@pytest.mark.parametrize("failure", [setup_env.SetupError, KeyboardInterrupt])
def test_interrupted_set_up_leaves_no_stamp(
    project: Path,
    installed: list[frozenset[str]],
    monkeypatch: pytest.MonkeyPatch,
    failure: type[BaseException],
) -> None:
    setup_env.set_up(project, ["fast"], asked=None)

    def stop(*_: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(setup_env, "check_import", stop)
        with pytest.raises(failure):
            setup_env.set_up(project, ["nn"], asked=None)
    assert setup_env.read_stamp(project / ".venv" / "riskdec-setup.json") is None
    setup_env.set_up(project, ["fast"], asked=None)
    assert len(installed) == 3


def test_environment_of_another_python_is_made_anew_and_said_so(
    project: Path, installed: list[frozenset[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    setup_env.set_up(project, ["fast"], asked=None)
    setup_env.set_up(project, ["fast"], asked=(3, 13, 0))
    assert len(installed) == 2
    assert "has Python 3.12.1, and 3.13.0 was asked for" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("version", "asked", "words"),
    [
        (None, None, "is broken"),
        ((3, 10, 13), None, "3.10.13"),
        ((3, 12, 1), (3, 11, 7), "3.11.7 was asked for"),
        ((3, 12, 1), (3, 12, 4), None),
        ((3, 11, 0), None, None),
    ],
)
def test_reason_to_rebuild(version: tuple[int, ...] | None, asked: tuple[int, ...] | None, words: str | None) -> None:
    reason = setup_env.reason_to_rebuild(version, asked=asked)
    assert (reason is None) if words is None else (words in reason)
    assert "another folder" in setup_env.reason_to_rebuild(version, asked=asked, moved=True)


@pytest.mark.parametrize("content", ["", "[]", '{"fingerprint": "a"}', '{"fingerprint": "a", "extras": 1}'])
def test_damaged_stamp_counts_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "stamp.json"
    path.write_text(content)
    assert setup_env.read_stamp(path) is None


def test_stamp_survives_writing(tmp_path: Path) -> None:
    stamp = setup_env.Stamp("abc", frozenset({"fast", "dev"}))
    setup_env.write_stamp(tmp_path / "stamp.json", stamp)
    assert setup_env.read_stamp(tmp_path / "stamp.json") == stamp
    assert json.loads((tmp_path / "stamp.json").read_text())["extras"] == ["dev", "fast"]


def test_unknown_extra_is_named_with_the_known_ones() -> None:
    with pytest.raises(setup_env.SetupError, match=r"got fats\. Choose from fast, nn"):
        setup_env.choose_extras(["fats"], ["nn", "fast"])


def test_missing_module_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    message = setup_env.missing_module_message("python3", (3, 12, 1))
    assert "because it lacks ensurepip" in message
    assert "apt install python3.12-venv" in message


def test_python_with_all_modules_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    assert setup_env.missing_module_message("python3", (3, 12, 1)) is None


def test_version_of_an_environment_that_works(tmp_path: Path) -> None:
    setup_env.venv.EnvBuilder(symlinks=True).create(tmp_path)
    # Making pip takes seconds; a module of its name stands in for it.
    (next(tmp_path.glob("lib/python*/site-packages")) / "pip.py").touch()
    python = setup_env.interpreter(tmp_path)
    assert setup_env.python_version(python) == tuple(sys.version_info[:3])
    (tmp_path / "pyvenv.cfg").unlink()
    assert setup_env.python_version(python) is None


def test_version_of_python_that_does_not_run_is_none(tmp_path: Path) -> None:
    assert setup_env.python_version(str(tmp_path / "python")) is None


def test_failing_pip_shows_end_of_its_output_and_its_status(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A stand-in for the environment's Python: it prints as pip does and fails.
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    script = "for i in $(seq 40); do echo line $i; done; echo no such package >&2; exit 3"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(setup_env, "ROOT", project)
    monkeypatch.setattr(setup_env, "python_version", lambda _python: (3, 12, 1))
    assert setup_env.main(["--extras", "fast"]) == 1
    output = capsys.readouterr()
    assert "installing riskdec with the extras fast" in output.out
    assert "exit code 3" in output.err
    assert "no such package" in output.err
    assert "line 40" in output.err
    assert "line 20\n" not in output.err
    assert "line 20\n" in (project / ".venv" / "setup.log").read_text()
    assert setup_env.read_stamp(project / ".venv" / "riskdec-setup.json") is None


def make_python(folder: Path, name: str, version: str) -> None:
    """Write a stand-in for an interpreter; without a version it is a shim that runs nothing."""
    ok = int(tuple(map(int, version.split("."))) < (3, 11)) if version else 127
    answer = f'case "$2" in *print*) echo {version};; *) exit {ok};; esac' if version else "exit 127"
    path = folder / name
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)


def find_python(folder: Path, *candidates: str) -> subprocess.CompletedProcess[str]:
    """Run the search with nothing but one folder on the path."""
    return subprocess.run(
        ["/bin/sh", TOOLS / "find_python.sh", *candidates],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_search_for_python_skips_old_ones_and_shims_that_do_not_run(tmp_path: Path) -> None:
    make_python(tmp_path, "python3", "3.9.18")
    make_python(tmp_path, "python3.13", "")
    make_python(tmp_path, "python3.12", "3.12.1")
    assert find_python(tmp_path).stdout == "python3.12\n"


def test_search_for_python_prefers_plain_python3(tmp_path: Path) -> None:
    make_python(tmp_path, "python3", "3.11.7")
    make_python(tmp_path, "python3.13", "3.13.0")
    assert find_python(tmp_path).stdout == "python3\n"


def test_search_for_python_says_what_it_found_when_all_are_old(tmp_path: Path) -> None:
    make_python(tmp_path, "python3", "3.9.18")
    make_python(tmp_path, "python", "2.7.18")
    answer = find_python(tmp_path)
    assert answer.returncode == 1
    assert not answer.stdout
    assert "needs Python 3.11 or later; found python3 (3.9.18), python (2.7.18)." in answer.stderr
    assert "make PYTHON=" in answer.stderr


def test_search_for_python_takes_no_other_than_the_one_named(tmp_path: Path) -> None:
    make_python(tmp_path, "python3", "3.12.1")
    answer = find_python(tmp_path, "python3.14")
    assert answer.returncode == 1
    assert "none that runs among python3.14" in answer.stderr


def test_timed_steps_stop_at_first_failure_with_its_status(capfd: pytest.CaptureFixture[str]) -> None:
    words = ["first", "1", "true", "second", "1", "sh -c 'exit 7'", "third", "1", "echo never"]
    status = timed_steps.main(words)
    output = capfd.readouterr().out
    assert status == 7
    assert "never" not in output
    assert "first" in output
    assert "failed with exit status 7" in output


def test_timed_steps_name_a_command_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert timed_steps.main(["only", "1", "no-such-command"]) == 127
    assert "no-such-command cannot be run" in capsys.readouterr().err
