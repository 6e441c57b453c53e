"""The one importer of optional packages."""

from __future__ import annotations

import importlib
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from riskdec.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType


def require(module: str, *, extra: str | None, caller: str) -> ModuleType:
    """Import an optional module, or say which command installs it.

    Parameters
    ----------
    module : str
        Dotted name, for example ``"pyarrow.parquet"``.
    extra : str or None
        The extra of riskdec that brings it; None where none does.
    caller : str
        What the user called, as the user would write it.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    MissingExtraError
        If the package is not installed.

    Examples
    --------
    >>> require("json", extra="none", caller="an example").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as err:
        package = module.partition(".")[0]
        if err.name != package:
            # The package is there and lacks something: that is not for us to explain.
            raise
        cure = f"'riskdec[{extra}]' (in a checkout: .venv/bin/pip install -e '.[{extra}]')" if extra else package
        message = f"{caller} needs the package {package!r}, which is not installed. Install it with: pip install {cure}"
        raise MissingExtraError(message) from err


@cache
def has_numba() -> bool:
    """Tell whether numba is installed and not switched off."""
    if find_spec("numba") is None:
        return False
    from numba import config

    return not config.DISABLE_JIT
