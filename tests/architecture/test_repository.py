"""What may stand in the repository: nothing of one machine, nothing large, nothing that unpickles."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 500 * 1024

MACHINE_PATH = re.compile(r"(?<![\w.<])/(?:work|tmp|root|home|farm|opt|Users)/\w")
REGISTRY_HOST = re.compile(r"pypi\.org|pythonhosted\.org|anaconda\.org|download\.pytorch\.org")
BESIDE_CHECKOUT = re.compile(r"\.\./shared")
RUNS_CODE_FROM_A_FILE = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}


def files_of_repository() -> list[Path]:
    """List the files that git tracks or would track."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    # The checkout may belong to another user than the one who tests; git refuses that unless told.
    command = [git, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Name file and line of every match in the text files."""
    found = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT)
        found += [f"{name}:{i}: {line}" for i, line in enumerate(lines, 1) if pattern.search(line)]
    return found


def test_no_file_names_a_place_of_one_machine() -> None:
    assert not lines_with(MACHINE_PATH, files_of_repository())


def test_no_file_names_a_package_registry() -> None:
    assert not lines_with(REGISTRY_HOST, files_of_repository())


def test_only_tests_know_the_folder_beside_the_checkout() -> None:
    paths = [path for path in files_of_repository() if path.relative_to(ROOT).parts[0] != "tests"]
    assert not lines_with(BESIDE_CHECKOUT, paths)


def test_no_file_is_large() -> None:
    sizes = {path: path.stat().st_size for path in files_of_repository()}
    assert not {str(path): size for path, size in sizes.items() if size > MOST_BYTES}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("read_csv('/" + "tmp/a.csv')", MACHINE_PATH),
        ("pip install -i https://" + "pypi" + ".org/simple", REGISTRY_HOST),
        ("see .." + "/shared/data", BESIDE_CHECKOUT),
    ],
)
def test_pattern_finds_what_it_is_for(text: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(text)


def imported_packages(path: Path) -> set[str]:
    """Name the packages that a file imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return {module.partition(".")[0] for module in plain | named}


def test_package_never_unpickles() -> None:
    sources = sorted((ROOT / "riskdec").rglob("*.py"))
    offenders = {str(path): imported_packages(path) & RUNS_CODE_FROM_A_FILE for path in sources}
    assert sources
    assert not {path: names for path, names in offenders.items() if names}
    assert not lines_with(re.compile(r"allow_pickle\s*=\s*True|weights_only\s*=\s*False"), sources)
