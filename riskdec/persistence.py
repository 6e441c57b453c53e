"""Open what `.save` wrote: a closed table from the kind in the file to the class that wrote it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from riskdec._base.modelfile import read_model
from riskdec.errors import ModelFileError

if TYPE_CHECKING:
    import os

    from riskdec.models import LogisticRiskModel, PooledRiskModel, TabularRiskModel

# The file names a kind; this table alone says which module is imported for it.
_ROOMS = {
    "LogisticRiskModel": "riskdec.models",
    "PooledRiskModel": "riskdec.models",
    "TabularRiskModel": "riskdec.models",
}


def load(path: str | os.PathLike[str]) -> LogisticRiskModel | PooledRiskModel | TabularRiskModel:
    """Read a fitted model from the file that its `save` wrote.

    No code in the file is run, nothing outside a closed list of kinds is built, and a file that is damaged,
    is cut off or asks for too much is refused.

    Parameters
    ----------
    path : str or path
        The model file.

    Returns
    -------
    LogisticRiskModel, PooledRiskModel or TabularRiskModel
        The fitted model, of the class that was saved; it gives the same numbers.

    Raises
    ------
    ModelFileError
        If the file is not a riskdec model, is damaged, or comes from a newer riskdec.
    OSError
        If the file cannot be opened; a `FileNotFoundError` that is a `ModelFileError` too, if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from riskdec import LogisticRiskModel, load
    >>> X, y = np.arange(6.0)[:, np.newaxis], [0, 1, 0, 0, 1, 1]
    >>> model = LogisticRiskModel().fit(X, y)
    >>> with TemporaryDirectory() as folder:
    ...     same = load(model.save(Path(folder, "model.riskdec")))
    >>> bool((same.predict_risk(X) == model.predict_risk(X)).all())
    True
    """
    found = read_model(path)
    if found.kind not in _ROOMS:
        kinds = ", ".join(_ROOMS)
        message = f"{path} must hold one of {kinds}; got {found.kind[:100]!r}. Upgrade riskdec if it is newer."
        raise ModelFileError(message)
    model_class = getattr(import_module(_ROOMS[found.kind]), found.kind)
    try:
        model: LogisticRiskModel | PooledRiskModel | TabularRiskModel = model_class.from_state(
            found.header, found.arrays
        )
    except (LookupError, TypeError, ValueError, ArithmeticError) as err:
        message = (
            f"{path} must hold the state of a {found.kind}; got a header that does not fit ({err!r:.200}). "
            "Save the model again with this version of riskdec."
        )
        raise ModelFileError(message) from err
    return model
