"""Checkpoints: everything that a step changes, in a file that is whole or absent, and back.

The file is a model file (safetensors with a checksum): nothing in it is code. Order, augmentation and dropout are
functions of the place in the run, so no generator's state is needed; neither is the schedule's.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from riskdec._base.checks import refuse
from riskdec._base.codes import warn
from riskdec._base.modelfile import read_model, write_model
from riskdec.errors import RiskdecWarning
from riskdec.nn.training.history import EpochRow
from riskdec.nn.training.optimizer import pack_optimizer, unpack_optimizer

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.modelfile import ModelFile
    from riskdec._base.typing import AnyArray
    from riskdec.nn.training.plan import Precision
    from riskdec.nn.training.run import Run

KIND = "TrainingCheckpoint"
_FILE = "training.riskdec"


class Stored(NamedTuple):
    """A checkpoint that was found.

    Attributes
    ----------
    seed : int
        Of the run that wrote it.
    precision : {"float32", "bfloat16"}
        Of its arithmetic.
    file : ModelFile
        All of it.
    """

    seed: int
    precision: Precision
    file: ModelFile


class Checkpoints:
    """The checkpoint of one run in a folder.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.
    digest : str
        Of data and settings: a checkpoint of another fit is refused.
    every : float
        Seconds between two checkpoints.
    """

    def __init__(self, folder: str | Path, *, digest: str, every: float) -> None:
        self.path = checkpoint_path(folder)
        self._digest, self._every = digest, every
        self._last = time.monotonic()

    def after_batch(self, run: Run) -> None:
        """Write a checkpoint if it is time, and if this is the process that writes."""
        if run.processes.is_first and time.monotonic() - self._last >= self._every:
            self.write(run)

    def write(self, run: Run) -> None:
        """Write a checkpoint; the one before stays until this one is complete."""
        header, arrays = pack_run(run)
        write_model(self.path, kind=KIND, header={"digest": self._digest, **header}, arrays=arrays)
        self._last = time.monotonic()

    def restore(self, run: Run, stored: Stored) -> None:
        """Put a run where the one stopped that wrote the checkpoint."""
        if stored.file.header["digest"] != self._digest:
            cure = "Name another folder, or delete the file to begin anew."
            raise refuse("checkpoint_dir", "hold a checkpoint of the same data and options", str(self.path), cure)
        unpack_run(run, stored.file)

    def remove(self) -> None:
        """Delete the checkpoint of a run that is finished."""
        self.path.unlink(missing_ok=True)


def checkpoint_path(folder: str | Path) -> Path:
    """Give the file of a folder's checkpoint; the folder is made."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) / _FILE


def find_checkpoint(folder: str | Path | None) -> Stored | None:
    """Read the checkpoint in a folder, if there is one.

    Raises
    ------
    ModelFileError
        If the file is none, or is damaged.
    """
    if folder is None or not checkpoint_path(folder).exists():
        return None
    file = read_model(checkpoint_path(folder))
    if file.kind != KIND:
        raise refuse("checkpoint_dir", f"hold a {KIND} under the name {_FILE}", f"a {file.kind}")
    precision: Precision = "bfloat16" if file.header["precision"] == "bfloat16" else "float32"
    return Stored(int(file.header["seed"]), precision, file)


def pack_run(run: Run) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Give a JSON-ready header and arrays from which a run can go on."""
    groups = {
        "network": run.network.state_dict(),
        "loss": run.loss.state_dict(),
        "optimizer": pack_optimizer(run.optimizer),
        "average": {} if run.average is None else {str(k): values for k, values in enumerate(run.average.values)},
        "best": run.best,
        "sums": {"epoch": run.sums},
    }
    header = {
        "seed": run.plan.seed,
        "precision": run.precision,
        "epoch": run.epoch,
        "batch": run.batch,
        "rows": [asdict(row) for row in run.rows],
        "threads": torch.get_num_threads(),
        "torch": str(torch.__version__),
    }
    tensors = {f"{group}|{name}": tensor for group, part in groups.items() for name, tensor in part.items()}
    return header, {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}


def unpack_run(run: Run, file: ModelFile) -> None:
    """Put back what `pack_run` gave; a change of threads or of torch is warned about."""
    parts: dict[str, dict[str, Tensor]] = {}
    for name, array in file.arrays.items():
        group, key = name.split("|", 1)
        parts.setdefault(group, {})[key] = torch.tensor(array)
    run.network.load_state_dict(parts["network"])
    run.loss.load_state_dict(parts.get("loss", {}))
    unpack_optimizer(run.optimizer, parts.get("optimizer", {}))
    if run.average is not None:
        for k, values in enumerate(run.average.values):
            values.copy_(parts["average"][str(k)])
    run.best = parts.get("best", {})
    run.sums.copy_(parts["sums"]["epoch"])
    run.epoch, run.batch = int(file.header["epoch"]), int(file.header["batch"])
    run.rows = [EpochRow(**row) for row in file.header["rows"]]
    _warn_of_changes(file.header)


def _warn_of_changes(header: dict[str, Any]) -> None:
    now = {"threads": torch.get_num_threads(), "torch": str(torch.__version__)}
    changed = [f"{name} {header[name]} then, {value} now" for name, value in now.items() if header[name] != value]
    if changed:
        message = (
            f"{'; '.join(changed)}. The weights will differ in their last digits from those of a run without "
            "interruption. Restore the conditions for the same bits."
        )
        warn("RD611", message, RiskdecWarning)
