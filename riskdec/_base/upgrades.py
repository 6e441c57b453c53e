"""What changed from one schema of model files to the next, so that files of older versions are read for ever.

The schema of a file grows by one when what a kind writes can no longer be read by the class as it is: an entry that is
new and has no default, has another name or another meaning. Whoever raises it adds the step here that brings a file of
the schema before to the new one; files are checked before they are brought up, and the class checks what comes out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riskdec.errors import ModelFileError

# Kind, header and arrays of a file of one schema, as the next one has them.
Contents = tuple[str, dict[str, Any], dict[str, Any]]
Step = Callable[[str, dict[str, Any], dict[str, Any]], Contents]

# By the schema that a step starts from. Schema 1 is the first: nothing is older.
STEPS: dict[int, Step] = {}


def bring_up(contents: Contents, *, schema: int, wanted: int) -> Contents:
    """Bring what a file holds from its schema to the one that is wanted, one step after the other.

    Raises
    ------
    ModelFileError
        For a file that is not what its schema says.
    """
    for number in range(schema, wanted):
        try:
            contents = STEPS[number](*contents)
        except (LookupError, TypeError, ValueError, AttributeError) as err:
            message = f"a model file of schema {number} must hold what it says; got something else ({err!r:.120})."
            raise ModelFileError(message) from err
    return contents
