"""The three lists of public names in the root agree, every name opens, and no room imports from the root."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import riskdec

PACKAGE = Path(riskdec.__file__).parent
REFERENCE = PACKAGE.parent / "docs" / "reference"


def typed_imports() -> dict[str, str]:
    """Read the names that the root imports under TYPE_CHECKING, and from where."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    typed = [block for block in blocks if ast.unparse(block.test) == "TYPE_CHECKING"]
    imports = [node for block in typed for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def test_table_of_rooms_agrees_with_typed_imports() -> None:
    assert typed_imports() == riskdec._ROOMS


def test_all_is_sorted_table_of_rooms() -> None:
    assert riskdec.__all__ == sorted(riskdec._ROOMS)


@pytest.mark.parametrize("name", riskdec.__all__)
def test_public_name_opens_and_says_what_it_is(name: str) -> None:
    value = getattr(riskdec, name)
    assert callable(value)
    assert value.__name__ == name
    assert value.__doc__


@pytest.mark.parametrize("room", sorted(set(riskdec._ROOMS.values())))
def test_reference_lists_public_names_of_room(room: str) -> None:
    page = (REFERENCE / f"{room.removeprefix('riskdec.')}.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^   (\w+)$", page, re.MULTILINE)
    assert sorted(listed) == sorted(name for name, home in riskdec._ROOMS.items() if home == room)
    assert f".. automodule:: {room}\n" in page


def test_completion_offers_public_names() -> None:
    assert set(dir(riskdec)) >= set(riskdec.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'no_such_name'"):
        riskdec.no_such_name  # noqa: B018


def test_no_module_imports_from_root() -> None:
    offenders = [
        f"{path.relative_to(PACKAGE)}, line {node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and node.module == "riskdec" and not node.level)
        or (isinstance(node, ast.Import) and any(alias.name == "riskdec" for alias in node.names))
    ]
    assert not offenders
