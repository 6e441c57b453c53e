"""How Sphinx builds the documentation: docstrings in, pages out, nothing from the network."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

project = "riskdec"
author = "the riskdec developers"
copyright = f"2026, {author}"
release = importlib.metadata.version("riskdec")
version = release

extensions = ["numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["_build"]

# Members come in the order of `__all__`; what a class holds is said once, in its docstring.
autodoc_default_options = {"members": True, "member-order": "bysource", "show-inheritance": True}
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
# The lists of names on the pages of the rooms lead to the same page, and need none of their own.
autosummary_generate = False

html_theme = "alabaster"
html_title = f"riskdec {release}"
html_theme_options = {
    "description": "Estimate the risk, show how honest it is, and only then decide.",
    "page_width": "1140px",
    "body_max_width": "880px",
    "code_font_size": "0.8em",
}
html_show_sourcelink = False
# The browser draws formulas by itself; the default would fetch a script from the network.
html_math_renderer = "mathml"


def setup(app: Sphinx) -> None:
    """Leave out the methods that scikit-learn writes into estimators, whose texts link to its own glossary."""
    app.connect("autodoc-skip-member", _is_routing)
    write = (_write_formula, None)
    app.add_html_math_renderer("mathml", inline_renderers=write, block_renderers=write)


def _write_formula(page: HTML5Translator, node: Element) -> None:
    page.body.append(tex2mathml(node.astext()))
    raise SkipNode


def _is_routing(_app: object, _what: str, name: str, _member: object, skip: bool, _options: object) -> bool:  # noqa: FBT001
    return skip or name == "get_metadata_routing" or (name.startswith("set_") and name.endswith("_request"))
