"""The settings of one training run, as numbers."""

from __future__ import annotations

from typing import Literal, NamedTuple

Precision = Literal["float32", "bfloat16"]
Augmentation = Literal["flip", "shift"]


class TrainingPlan(NamedTuple):
    """How a network is trained.

    Attributes
    ----------
    max_epochs, batch_size : int
        Passes over the training part, and images per step.
    optimizer : {"adamw", "sgd"}
        SGD has momentum 0.9.
    learning_rate : float
        At the top of the one-cycle schedule.
    weight_decay : float
        Decoupled with AdamW.
    gradient_clip : float or None
        Largest norm of the gradient of a step.
    gradient_accumulation : int
        Pieces in which a batch goes through the network.
    average_decay : float or None
        Weight of the past in the moving average of the weights; None evaluates the weights as they are.
    patience : int or None
        Epochs without improvement after which training stops.
    augment : tuple of {"flip", "shift"}
        What is done to training images at random.
    seed : int
        Of the order, the augmentation and the dropout of every step.
    checkpoint_seconds : float
        Time between checkpoints.
    """

    max_epochs: int
    batch_size: int
    optimizer: Literal["adamw", "sgd"]
    learning_rate: float
    weight_decay: float
    gradient_clip: float | None
    gradient_accumulation: int
    average_decay: float | None
    patience: int | None
    augment: tuple[Augmentation, ...]
    seed: int
    checkpoint_seconds: float

    def n_batches(self, n_rows: int) -> int:
        """Count the steps of an epoch, the last and perhaps shorter one included."""
        return -(-n_rows // self.batch_size)
