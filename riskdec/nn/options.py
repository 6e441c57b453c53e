"""The options of a network model, checked before anything is opened; torch is not needed for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_integer, check_level, check_number, check_option, check_rng, refuse
from riskdec.nn.training.plan import TrainingPlan

if TYPE_CHECKING:
    from riskdec.nn.training.plan import Augmentation

_CALIBRATIONS = (None, "temperature", "vector", "matrix", "platt", "beta")


def check_options(model: Any) -> None:
    """Refuse options that are none; architecture and loss check their names where they are built."""
    check_option(model.calibration, _CALIBRATIONS, name="calibration")
    check_option(model.weight_kind, ("frequency", "importance"), name="weight_kind")
    check_option(model.optimizer, ("adamw", "sgd"), name="optimizer")
    check_option(model.precision, ("auto", "float32", "bfloat16"), name="precision")
    check_level(model.validation_fraction, name="validation_fraction")
    check_integer(model.max_epochs, name="max_epochs", low=1)
    check_integer(model.batch_size, name="batch_size", low=1)
    check_integer(model.gradient_accumulation, name="gradient_accumulation", low=1)
    check_number(model.learning_rate, name="learning_rate", low=0, open_low=True)
    check_number(model.weight_decay, name="weight_decay", low=0)
    check_number(model.dropout, name="dropout", low=0, high=1)
    check_number(model.checkpoint_seconds, name="checkpoint_seconds", low=0)
    if model.average_decay is not None:
        check_level(model.average_decay, name="average_decay")
    if model.gradient_clip is not None:
        check_number(model.gradient_clip, name="gradient_clip", low=0, open_low=True)
    if model.patience is not None:
        check_integer(model.patience, name="patience", low=1)
    if model.image_size is not None:
        _check_image_size(model.image_size)
    augmentations(model.augment)


def make_plan(model: Any, seed: int) -> TrainingPlan:
    """Give the settings of the training as numbers."""
    return TrainingPlan(
        max_epochs=int(model.max_epochs),
        batch_size=int(model.batch_size),
        optimizer=model.optimizer,
        learning_rate=float(model.learning_rate),
        weight_decay=float(model.weight_decay),
        gradient_clip=None if model.gradient_clip is None else float(model.gradient_clip),
        gradient_accumulation=int(model.gradient_accumulation),
        average_decay=None if model.average_decay is None else float(model.average_decay),
        patience=None if model.patience is None else int(model.patience),
        augment=augmentations(model.augment),
        seed=seed,
        checkpoint_seconds=float(model.checkpoint_seconds),
    )


def draw_seed(random_state: Any) -> int:
    """Draw the seed of a fit; the same state gives the same seed."""
    return int(check_rng(random_state, name="random_state").integers(2**62))


def augmentations(augment: Any) -> tuple[Augmentation, ...]:
    """Give what is done to training images, in a fixed order: None, one name, or several.

    >>> augmentations(("shift", "flip"))
    ('flip', 'shift')
    """
    if augment is None:
        return ()
    named = (augment,) if isinstance(augment, str) else tuple(augment)
    for name in named:
        check_option(name, ("flip", "shift"), name="augment")
    known: tuple[Augmentation, ...] = ("flip", "shift")
    return tuple(name for name in known if name in named)


def _check_image_size(image_size: Any) -> None:
    if not isinstance(image_size, (tuple, list)) or len(image_size) != 2:
        raise refuse("image_size", "be (height, width) or None", repr(image_size))
    for side in image_size:
        check_integer(side, name="image_size", low=1)
