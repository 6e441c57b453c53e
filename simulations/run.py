"""Run every simulation and keep what it prints: `make simulate`, or this file with the names of some.

A simulation is a module of this folder with a function `main()` that prints Markdown. What it prints stands in
docs/simulations/<name>.md between two marks; the text around them is written by hand and stays.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import pkgutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PAGES = ROOT / "docs" / "simulations"
BEGIN, END = "<!-- printed -->", "<!-- end of what was printed -->"
_HELPERS = ("run", "markdown")


def simulations() -> list[str]:
    """Name every simulation."""
    return [module.name for module in pkgutil.iter_modules([str(ROOT / "simulations")]) if module.name not in _HELPERS]


def run(name: str) -> str:
    """Run one simulation and give what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        importlib.import_module(f"simulations.{name}").main()
    return printed.getvalue().strip()


def keep(name: str, printed: str) -> None:
    """Put what was printed between the marks of its page; a page not there yet gets the module's description."""
    page = PAGES / f"{name}.md"
    if page.exists():
        text = page.read_text(encoding="utf-8")
    else:
        description = (importlib.import_module(f"simulations.{name}").__doc__ or "").strip().split("\n\n")[0]
        again = f"Made by `make simulate`; this page alone: `python simulations/run.py {name}`."
        text = f"# {name.replace('_', ' ').capitalize()}\n\n{description}\n\n{again}\n\n{BEGIN}\n{END}\n"
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        message = f"{page.relative_to(ROOT)} must hold the marks {BEGIN} and {END} once each"
        raise ValueError(message)
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{printed}\n\n{END}{after}", encoding="utf-8")


def main(names: list[str]) -> None:
    """Run the simulations named, or all, and write their pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in names or simulations():
        start = time.perf_counter()
        keep(name, run(name))
        print(f"{name}: docs/simulations/{name}.md ({time.perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
