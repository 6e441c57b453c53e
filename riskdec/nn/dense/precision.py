"""Full float32 on every device: a window must not depend on how many others are computed with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def exact_inference() -> Iterator[None]:
    """Compute without gradients, and keep a GPU from rounding the factors of convolutions to ten bits."""
    cudnn = torch.backends.cudnn
    flags = {"benchmark": cudnn.benchmark, "deterministic": cudnn.deterministic, "allow_tf32": False}
    with torch.inference_mode(), cudnn.flags(enabled=cudnn.enabled, **flags):
        yield
