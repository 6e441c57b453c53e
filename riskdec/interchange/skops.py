"""What model files refuse, handed to skops, whose reader asks which types are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskdec._base.files import replacing
from riskdec._base.optional import require

if TYPE_CHECKING:
    import os


def to_skops(model: Any, path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Write any estimator of riskdec with skops, classifiers of other libraries inside it included.

    Model files of riskdec hold no code and therefore no foreign classifier: a `TabularRiskModel` with another learner,
    a `CalibratedRiskModel` around one, a `DecisionClassifier`. skops stores these as the parts that they are made of,
    and its reader builds a part only if the one who loads the file says that its type is trusted.

    Parameters
    ----------
    model : estimator
        A fitted one.
    path : str or path
        Where to write; hubs of models expect the ending .skops.

    Returns
    -------
    tuple of str
        The types that whoever loads the file has to look at and to trust, beyond those that skops trusts by itself:
        ``skops.io.load(path, trusted=[...])``.

    Raises
    ------
    MissingExtraError
        If skops is not installed.
    """
    skops = require("skops.io", extra="skops", caller="to_skops")
    target = Path(path)
    content: bytes = skops.dumps(model)
    with replacing(target) as stream:
        stream.write(content)
    return tuple(sorted(skops.get_untrusted_types(data=content)))
