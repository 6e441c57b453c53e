"""How Sphinx builds the documentation: docstrings in, pages out, nothing from the network."""

from __future__ import annotations

import importlib.metadata

project = "riskdec"
author = "the riskdec developers"
copyright = f"2026, {author}"
release = importlib.metadata.version("riskdec")
version = release

extensions = ["numpydoc", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]

# Members come in the order of `__all__`; what a class holds is said once, in its docstring.
autodoc_default_options = {"members": True, "member-order": "bysource", "show-inheritance": True}
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "alabaster"
html_title = f"riskdec {release}"
html_theme_options = {"description": "Estimate the risk, show how honest it is, and only then decide."}
html_show_sourcelink = False


def setup(app: object) -> None:
    """Leave out the methods that scikit-learn writes into estimators; their texts link to its own glossary."""
    app.connect("autodoc-skip-member", _is_routing)  # type: ignore[attr-defined]  # Sphinx's application


def _is_routing(_app: object, _what: str, name: str, _member: object, skip: bool, _options: object) -> bool:  # noqa: FBT001
    return skip or name == "get_metadata_routing" or (name.startswith("set_") and name.endswith("_request"))
