"""Which riskdec this is: for the files and pages that it writes, installed or not."""

from __future__ import annotations

# The same as in pyproject.toml.
VERSION = "0.1.0"
