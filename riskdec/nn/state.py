"""A network model as a JSON-ready header and arrays, and back: names and numbers, no code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from riskdec._base.checks import refuse
from riskdec._base.findings import Finding
from riskdec._base.modelfile import decode_labels, encode_labels
from riskdec.errors import ModelFileError
from riskdec.models.fingerprint import unpack_fingerprint
from riskdec.models.regression.logistic_state import pack_options, unpack_options
from riskdec.nn.architectures import ArchitectureArguments, build_from
from riskdec.nn.calibration_layers import build_calibration_layer
from riskdec.nn.estimation import Estimated
from riskdec.nn.losses.making import make_loss
from riskdec.nn.network import RiskNetwork
from riskdec.nn.options import augmentations
from riskdec.nn.predicting import FittedParts
from riskdec.nn.training.history import TrainingHistory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

    from riskdec._base.typing import AnyArray
    from riskdec.nn.risk_model import CNNRiskModel

_MODULES = ("network", "loss", "layer")


def pack_model(model: CNNRiskModel) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Give everything that a fitted model learned.

    Raises
    ------
    InputError
        For an architecture or a loss of the caller's.
    """
    for name in ("architecture", "loss"):
        if not isinstance(getattr(model, name), str):
            got = type(getattr(model, name)).__name__
            cure = "A module is code, which a model file never holds: export the network, or keep its state_dict."
            raise refuse(name, "be one of riskdec's by name in a model that is saved", got, cure)
    parts, fingerprint = model.parts_, model.fingerprint_
    weights = model.loss_class_weight_
    header = {
        "options": _pack_options(model),
        "classes": encode_labels(model.classes_),
        "network": parts.network.body.arguments.to_dict(),
        "channels_last": parts.channels_last,
        "layer": parts.layer.kind,
        "class_counts": model.class_counts_.tolist(),
        "loss_class_weight": None if weights is None else weights.tolist(),
        "history": model.history_.to_dict(),
        "findings": [[f.code, f.severity, f.sentence, f.todo] for f in model.findings_],
        "fingerprint": None if fingerprint is None else fingerprint.to_state(),
    }
    arrays = {
        f"{name}|{key}": tensor.detach().cpu().contiguous().numpy()
        for name in _MODULES
        for key, tensor in getattr(parts, name).state_dict().items()
    }
    marks = {} if fingerprint is None else {"fingerprint": fingerprint.bits}
    return header, arrays | marks


def unpack_model(header: Mapping[str, Any], arrays: dict[str, AnyArray]) -> tuple[dict[str, Any], Estimated]:
    """Give options and estimates from what `pack_model` gave."""
    options = _unpack_options(header["options"])
    classes = decode_labels(header["classes"])
    arguments = ArchitectureArguments.from_dict(header["network"])
    if arguments.n_outcomes != len(classes):
        message = f"the network must give {len(classes)} logits; got {arguments.n_outcomes}. Save the model again."
        raise ModelFileError(message)
    _check_sizes(arguments, header["layer"], arrays)
    counts, weights = np.array(header["class_counts"], dtype=np.float64), header["loss_class_weight"]
    weight = None if weights is None else np.array(weights, dtype=np.float64)
    with torch.random.fork_rng(devices=[]):
        body = build_from(arguments)
    unset = np.ones(arguments.in_channels)
    parts = FittedParts(
        network=RiskNetwork(body, unset, unset),
        loss=make_loss(
            options["loss"], class_counts=counts, class_weight=weight, options=options["loss_options"]
        ).eval(),
        layer=build_calibration_layer(header["layer"], n_outcomes=len(classes)),
        shape=(arguments.in_channels, *arguments.image_size),
        n_outcomes=len(classes),
        channels_last=bool(header["channels_last"]),
    )
    for name in _MODULES:
        _load(getattr(parts, name), name, arrays)
    parts.place.put_network(parts.network)
    parts.network.eval()
    found = Estimated(
        parts,
        TrainingHistory.from_dict(header["history"]),
        classes,
        counts,
        weight,
        unpack_fingerprint(header["fingerprint"], arrays.get("fingerprint")),
        tuple(Finding(code=f[0], severity=f[1], sentence=f[2], todo=f[3]) for f in header["findings"]),
    )
    return options, found


def _check_sizes(arguments: ArchitectureArguments, layer: object, arrays: Mapping[str, AnyArray]) -> None:
    """Refuse arguments that ask for more weights than the file holds, before memory is taken for any."""
    try:
        with torch.device("meta"), torch.random.fork_rng(devices=[]):
            wanted = {name: tuple(value.shape) for name, value in build_from(arguments).state_dict().items()}
    except RuntimeError as err:
        message = f"a network in a model file must be of a size that can be; got others ({err!s:.100})."
        raise ModelFileError(message) from err
    held = {name.removeprefix("network|body."): array.shape for name, array in arrays.items()}
    misfits = [name for name, shape in wanted.items() if held.get(name) != shape]
    if layer == "matrix" and not any(
        array.size == arguments.n_outcomes**2 for name, array in arrays.items() if name.startswith("layer|")
    ):
        misfits.append("the calibration layer")
    if misfits:
        message = (
            f"the weights of the network must fit its arguments; got others for {misfits[0]}. Save the model again."
        )
        raise ModelFileError(message)


def _load(module: nn.Module, name: str, arrays: dict[str, AnyArray]) -> None:
    state: dict[str, Tensor] = {
        key.partition("|")[2]: torch.tensor(array) for key, array in arrays.items() if key.startswith(f"{name}|")
    }
    try:
        module.load_state_dict(state)
    except RuntimeError as err:
        message = f"the weights of the {name} must fit its arguments; got others ({err!s:.150}). Save the model again."
        raise ModelFileError(message) from err
    if not all(bool(torch.isfinite(value).all()) for value in module.state_dict().values()):
        message = f"the weights of the {name} must be finite; got NaN or inf. Save the model again."
        raise ModelFileError(message)


def _pack_options(model: CNNRiskModel) -> dict[str, Any]:
    options = model.get_params(deep=False)
    # A generator has moved on since, and folders and devices are those of another machine.
    seed = options["random_state"]
    options["random_state"] = int(seed) if isinstance(seed, int | np.integer) else None
    options["checkpoint_dir"] = None
    return pack_options(options)


def _unpack_options(packed: Mapping[str, Any]) -> dict[str, Any]:
    options = unpack_options(packed)
    size, augment = options["image_size"], options["augment"]
    options["image_size"] = None if size is None else tuple(size)
    options["augment"] = augment if augment is None or isinstance(augment, str) else augmentations(augment)
    return options
