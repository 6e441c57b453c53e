"""Run commands one after the other, and say at the end how long each took against its budget."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from typing import NamedTuple


class Step(NamedTuple):
    """A command with a name and the minutes it may take on two cores."""

    name: str
    budget: float
    command: list[str]


def read_steps(words: list[str]) -> list[Step]:
    """Read name, minutes and command, three words for each step.

    >>> read_steps(["tests", "12", "pytest -n 2"])
    [Step(name='tests', budget=12.0, command=['pytest', '-n', '2'])]
    """
    if not words or len(words) % 3:
        message = "steps are given as NAME MINUTES COMMAND, three words each"
        raise ValueError(message)
    triples = zip(words[::3], words[1::3], words[2::3], strict=True)
    return [Step(name, float(minutes), shlex.split(command)) for name, minutes, command in triples]


def run(command: list[str]) -> int:
    """Run a command and give its exit status; 128 and the signal's number where a signal ended it."""
    try:
        status = subprocess.run(command, check=False).returncode
    except OSError as err:
        print(f"{command[0]} cannot be run: {err}", file=sys.stderr)
        return 127
    return status if status >= 0 else 128 - status


def report(step: Step, seconds: float, status: int) -> str:
    """Write one line about a step that has ended.

    >>> report(Step("tests", 12, []), 75.0, 0)
    'tests            1.2 of 12 min'
    >>> report(Step("tests", 12, []), 750.0, 1)
    'tests           12.5 of 12 min, over its budget; failed with exit status 1'
    """
    late = ", over its budget" if seconds > 60 * step.budget else ""
    failed = f"; failed with exit status {status}" if status else ""
    return f"{step.name:<15}{seconds / 60:>5.1f} of {step.budget:g} min{late}{failed}"


def main(words: list[str] | None = None) -> int:
    """Run the steps until one fails; the exit status is that of the step that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="+", help="NAME MINUTES COMMAND, three words for each step")
    steps = read_steps(parser.parse_args(words).steps)
    lines: list[str] = []
    status = 0
    for step in steps:
        start = time.monotonic()
        status = run(step.command)
        lines.append(report(step, time.monotonic() - start, status))
        if status:
            break
    print("\nTime against the budget on two cores:", *lines, sep="\n  ", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
