"""Make .venv and install riskdec into it, once: a stamp tells when there is nothing left to do."""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import subprocess
import sys
import time
import tomllib
import venv
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
# While pip works, a line of its output is shown about this often.
SECONDS_BETWEEN_LINES = 20
LINES_OF_A_FAILURE = 15


class SetupError(Exception):
    """Set-up cannot go on; the message is one sentence with the cure."""


class Stamp(NamedTuple):
    """What a finished set-up leaves behind: the hash of what it read, and the extras it installed."""

    fingerprint: str
    extras: frozenset[str]

    def covers(self, wanted: Stamp) -> bool:
        """Tell whether nothing is left to install for `wanted`."""
        return self.fingerprint == wanted.fingerprint and self.extras >= wanted.extras


def fingerprint(root: Path) -> str:
    """Hash the project and the constraints."""
    contents = [(root / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()


def read_stamp(path: Path) -> Stamp | None:
    """Read the stamp; None where it is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(content["fingerprint"], frozenset(content["extras"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Write the stamp; the last act of a set-up."""
    content = stamp._asdict() | {"extras": sorted(stamp.extras)}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def known_extras(root: Path) -> list[str]:
    """List the extras that pyproject.toml offers."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["optional-dependencies"])


def choose_extras(words: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """Turn the words of the command line into names of extras; "all" stands for every one."""
    known = frozenset(known)
    wanted = frozenset(words)
    unknown = sorted(wanted - known - {"all"})
    if unknown:
        message = (
            f"EXTRAS must be names of extras; got {', '.join(unknown)}. "
            f"Choose from {', '.join(sorted(known))}, or leave EXTRAS out for all of them."
        )
        raise SetupError(message)
    return known if "all" in wanted else wanted


def dotted(version: tuple[int, ...]) -> str:
    """Write a version as text.

    >>> dotted((3, 11, 7))
    '3.11.7'
    """
    return ".".join(str(part) for part in version)


def interpreter(environment: Path) -> str:
    """Give the path of an environment's interpreter."""
    return str(environment / "bin" / "python")


def python_version(python: str) -> tuple[int, ...] | None:
    """Ask an environment's interpreter for its version; None where it does not run or has no pip."""
    # Without its pyvenv.cfg, for example after an interruption, it would be the machine's own Python.
    code = "import sys, pip; assert sys.prefix != sys.base_prefix; print(*sys.version_info[:3])"
    command = [python, "-I", "-c", code]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return tuple(int(part) for part in answer.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def was_moved(environment: Path) -> bool:
    """Tell whether an environment stands elsewhere than it was made; its scripts hold the old path."""
    settings = environment / "pyvenv.cfg"
    lines = settings.read_text(encoding="utf-8").splitlines() if settings.is_file() else []
    commands = [line for line in lines if line.startswith("command = ")]
    return bool(commands) and not commands[0].endswith(f" {environment}")


def reason_to_rebuild(
    version: tuple[int, ...] | None, *, asked: tuple[int, ...] | None = None, moved: bool = False
) -> str | None:
    """Say why an existing environment cannot stay; None if it can.

    Parameters
    ----------
    version : tuple of int, optional
        Version of the environment's interpreter; None if it does not run.
    asked : tuple of int, optional
        Version of the Python that the user named, if any.
    moved : bool, optional
        Whether the environment stands elsewhere than it was made.
    """
    if moved:
        return "was made in another folder"
    if version is None:
        return "is broken (its Python or its pip does not run)"
    if version < OLDEST:
        return f"has Python {dotted(version)}, and riskdec needs {dotted(OLDEST)} or later"
    if asked is not None and version[:2] != asked[:2]:
        return f"has Python {dotted(version)}, and {dotted(asked)} was asked for"
    return None


def missing_module_message(python: str, version: tuple[int, ...]) -> str | None:
    """Say what this Python lacks to make environments; None if it lacks nothing."""
    lacking = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if not lacking:
        return None
    return (
        f"Python {dotted(version)} ({python}) cannot make environments because it lacks "
        f"{' and '.join(lacking)}; install it (Debian, Ubuntu: apt install python{dotted(version[:2])}-venv) "
        "or name another Python: make PYTHON=/path/to/python3.12 ..."
    )


class Steps:
    """Prints one line per step, with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        """Print one line."""
        print(f"[{time.monotonic() - self._start:5.1f} s] {text}", flush=True)


def make_environment(environment: Path) -> None:
    """Make an empty environment with pip; what was there is removed."""
    message = missing_module_message(sys.executable, sys.version_info[:3])
    if message:
        raise SetupError(message)
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(environment)
    except (OSError, subprocess.CalledProcessError) as err:
        message = f"{environment} could not be made ({err}); check space and permissions of its folder."
        raise SetupError(message) from err


def install(environment: Path, root: Path, extras: frozenset[str], steps: Steps) -> None:
    """Install riskdec in place, with its extras; all of pip's output stays in the environment."""
    names = sorted(extras)
    steps.say("installing riskdec " + (f"with the extras {', '.join(names)}" if names else "without extras"))
    target = f"{root}[{','.join(names)}]" if names else str(root)
    # -I: neither the caller's PYTHONPATH nor a user's site folder may pass for what is installed here.
    command = [interpreter(environment), "-I", "-m", "pip", "install", "--no-input", "--progress-bar=off"]
    command += [f"--constraint={root / 'constraints.txt'}", f"--editable={target}"]
    tail: deque[str] = deque(maxlen=LINES_OF_A_FAILURE)
    shown = time.monotonic()
    with (
        (environment / "setup.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip,
    ):
        for line in pip.stdout or ():
            log.write(line)
            tail.append(line)
            step = pip_step(line)
            if step and (step.startswith("writing") or time.monotonic() - shown > SECONDS_BETWEEN_LINES):
                steps.say(f"  {step}")
                shown = time.monotonic()
    if pip.returncode:
        raise SetupError(pip_failure(pip.returncode, tail))


def pip_step(line: str) -> str | None:
    """Say in a few words what a line of pip's output is about; None if it is not worth showing.

    >>> pip_step("Installing collected packages: click, numpy")
    'writing 2 packages'
    >>> pip_step("Collecting numpy>=2.0 (from riskdec==0.1.0)")
    'collecting numpy>=2.0'
    """
    head, _, rest = line.strip().partition(" ")
    if head == "Installing" and "packages: " in rest:
        return f"writing {rest.count(',') + 1} packages"
    if head in ("Collecting", "Downloading"):
        return f"{head.lower()} {rest.partition(' (')[0]}"
    return None


def pip_failure(status: int, tail: Iterable[str]) -> str:
    """Say that pip failed, with the end of its output."""
    lines = "".join(f"    {line.rstrip()}\n" for line in tail)
    return (
        f"pip could not install riskdec (exit code {status}; all of its output is in .venv/setup.log); "
        f"mend what its last lines say (network, package index, disk space) and run make again:\n{lines}"
    )


def check_import(environment: Path) -> None:
    """Import the installed package from outside of the checkout, as a user would."""
    command = [interpreter(environment), "-I", "-c", "import riskdec"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=environment)
    if answer.returncode:
        last = answer.stderr.strip().rpartition("\n")[2]
        message = f"riskdec was installed but cannot be imported ({last}); run make clean, then make again."
        raise SetupError(message)


def set_up(root: Path, words: Iterable[str], *, asked: tuple[int, ...] | None) -> None:
    """Bring .venv up to date with the project and the extras.

    Parameters
    ----------
    root : Path
        The checkout.
    words : iterable of str
        Names of extras, or "all".
    asked : tuple of int, optional
        Version of the Python that the environment must have, if the user named one.
    """
    environment = root / ".venv"
    stamp_path = environment / "riskdec-setup.json"
    wanted = Stamp(fingerprint(root), choose_extras(words, known_extras(root)))
    stamp = read_stamp(stamp_path)
    steps = Steps()

    version = python_version(interpreter(environment))
    rebuild: str | None = "does not exist yet"
    if environment.exists():
        rebuild = reason_to_rebuild(version, asked=asked, moved=was_moved(environment))
    if rebuild is None and stamp is not None and stamp.covers(wanted):
        steps.say(f"environment is up to date ({environment.name}, Python {dotted(version or ())})")
        return

    # From here until the end there is no stamp, so that an interrupted set-up is taken up again.
    stamp_path.unlink(missing_ok=True)
    if rebuild is not None:
        steps.say(f"{environment.name} {rebuild}; making it with Python {dotted(sys.version_info[:3])}")
        make_environment(environment)
    elif stamp is not None and stamp.fingerprint == wanted.fingerprint:
        wanted = wanted._replace(extras=wanted.extras | stamp.extras)
    install(environment, root, wanted.extras, steps)
    check_import(environment)
    write_stamp(stamp_path, wanted)
    steps.say("environment is ready")


def main(words: list[str] | None = None) -> int:
    """Set up as the command line says; the exit status is 0, 1 after a failure, or 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extras", default="", help='names, separated by spaces; "all" for every one')
    parser.add_argument("--this-python", action="store_true", help="rebuild .venv if it has another Python")
    options = parser.parse_args(words)
    asked = tuple(sys.version_info[:3]) if options.this_python else None
    try:
        set_up(ROOT, options.extras.split(), asked=asked)
    except SetupError as err:
        print(f"Set-up failed: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up was interrupted; the next run takes it up again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
