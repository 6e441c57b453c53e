"""Run mypy over the project; without torch the room that needs it is left out, and that is said."""

from __future__ import annotations

import importlib.util
import subprocess
import sys


def mypy_arguments(*, with_torch: bool) -> list[str]:
    """Give the arguments for mypy.

    >>> mypy_arguments(with_torch=True)
    []
    >>> mypy_arguments(with_torch=False)
    ['--exclude', '(^|/)nn/', '--follow-imports', 'silent']
    """
    # Silent imports: what other rooms take from nn is still read, but its own lines are not judged.
    return [] if with_torch else ["--exclude", "(^|/)nn/", "--follow-imports", "silent"]


def main() -> int:
    """Check the types; the exit status is mypy's."""
    with_torch = importlib.util.find_spec("torch") is not None
    if not with_torch:
        print("types: torch is not installed, so riskdec/nn is skipped (the extra nn brings it)", flush=True)
    command = [sys.executable, "-m", "mypy", *mypy_arguments(with_torch=with_torch)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
