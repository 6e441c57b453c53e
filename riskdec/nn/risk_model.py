"""Images in, calibrated risks out: the estimator. It can be listed, printed and cloned without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from sklearn.base import BaseEstimator, ClassifierMixin

from riskdec._base.optional import require
from riskdec.models.callbacks import tells_callbacks
from riskdec.models.faces import RiskFaces, require_fitted
from riskdec.models.fit_faces import FitFaces
from riskdec.nn.options import check_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from riskdec._base.notebook import Glance
    from riskdec._base.table import Table
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.nn.estimation import Estimated

_LEARNED = (
    "parts_",
    "classes_",
    "history_",
    "fit_result_",
    "findings_",
    "fingerprint_",
    "class_counts_",
    "loss_class_weight_",
)


class CNNRiskModel(RiskFaces, FitFaces, ClassifierMixin, BaseEstimator):
    """A convolutional network with a calibration layer: images in, risks of an outcome out.

    The model sets a part of the images aside by itself, stratified by outcome. That part chooses the epoch, by its log
    loss after a temperature, and then fits the calibration layer, once. No weight is ever fitted to it.

    Parameters
    ----------
    architecture : {"small", "valid", "resnet"} or torch.nn.Module, default="small"
        A network by name, or one that maps images (n, c, h, w), standardised per channel, to logits (n, K). A module is
        copied, and starts from the weights it has.
    calibration : {"temperature", "vector", "matrix", "platt", "beta", None}, default="temperature"
        The layer on the logits; the last two before None are for two outcomes.
    loss : str or torch.nn.Module, default="cross_entropy"
        What the weights minimise. Where the loss has an exact way back to probabilities, calibration begins there.
    loss_options : mapping, optional
        Options of the loss by name, such as ``{"gamma": 2.0}`` for ``"focal"``.
    class_weight : None, "balanced", "natural" or mapping of label to weight, default=None
        Weights in the loss. Risks do not show them: they are divided out. To act on costs use `decide`.
    weight_kind : {"frequency", "importance"}, default="frequency"
        What ``sample_weight`` means to the calibration layer. In the loss weights are ratios.
    event : label, optional
        As in `LogisticRiskModel`.
    max_epochs : int, default=20
        Passes over the training part. The learning rate rises for a tenth of all steps and falls along a cosine.
    batch_size : int, default=128
        Images per step.
    learning_rate : float, default=0.002
        At its highest.
    optimizer : {"adamw", "sgd"}, default="adamw"
        SGD has momentum 0.9.
    weight_decay : float, default=0.01
        Of the optimiser.
    dropout : float, default=0.0
        In built-in architectures.
    augment : None, "flip", "shift" or several of them, default=None
        Random changes of training images: mirrored left to right, moved by up to an eighth of a side.
    validation_fraction : float, default=0.2
        Share of the images that is set aside.
    patience : int, optional
        Stop after so many epochs without improvement. Without it all epochs are run, and the best is kept.
    average_decay : float or None, default=0.95
        Weight of the past in the moving average of the weights that is evaluated and kept; None keeps the weights as
        they are.
    gradient_clip : float, optional
        Largest norm of the gradient of a step.
    gradient_accumulation : int, default=1
        Pieces in which a batch goes through the network: less memory, the same step.
    image_size : (int, int), optional
        Height and width to which images in files are brought.
    device : str, default="auto"
        "auto" takes CUDA, else MPS, else the CPU.
    precision : {"auto", "float32", "bfloat16"}, default="auto"
        Of the arithmetic in training. "auto" times both on a few batches, and takes bfloat16 where it is 1.3 times as
        fast; name one for the same bits on every machine. Risks are always computed in float32.
    checkpoint_dir : str or Path, optional
        Where to write checkpoints. A fit of the same data and options goes on from the one it finds there, and the
        weights are those of a fit without interruption, bit for bit at the same number of threads. A finished fit
        removes it. Several processes have to see the same folder.
    checkpoint_seconds : float, default=60.0
        Time between two checkpoints.
    random_state : int, Generator or None, default=None
        Seeds the division, the first weights, the order of images, augmentation and dropout.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        Sorted labels.
    history_ : TrainingHistory
        What each epoch showed; `plot` draws it.
    parts_ : FittedParts
        Network, loss and calibration layer, as torch modules.
    findings_ : tuple of Finding
        What a reader must know.
    fingerprint_ : Fingerprint
        By which `diagnose` recognises images of the fit; no image can be read from it.
    class_counts_ : ndarray of shape (K,)
        Weight of each class in the training part.

    Notes
    -----
    Under ``torchrun`` several processes fit one model: each works through its share of every batch, and all hold the
    same model in the end.

    Ctrl-C keeps the best epoch so far, with a finding.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 200)
    >>> images = rng.normal(size=(200, 8, 8)) + y[:, None, None] * np.eye(8)
    >>> model = CNNRiskModel(max_epochs=2, precision="float32", random_state=0).fit(images, y)
    >>> model.predict_proba(images[:3]).shape
    (3, 2)
    >>> model.history_.n_held_out
    40
    """

    def __init__(
        self,
        *,
        architecture: Any = "small",
        calibration: Literal["temperature", "vector", "matrix", "platt", "beta"] | None = "temperature",
        loss: Any = "cross_entropy",
        loss_options: Mapping[str, float | str] | None = None,
        class_weight: Literal["balanced", "natural"] | Mapping[Any, float] | None = None,
        weight_kind: WeightKind = "frequency",
        event: object = None,
        max_epochs: int = 20,
        batch_size: int = 128,
        learning_rate: float = 2e-3,
        optimizer: Literal["adamw", "sgd"] = "adamw",
        weight_decay: float = 0.01,
        dropout: float = 0.0,
        augment: str | Sequence[str] | None = None,
        validation_fraction: float = 0.2,
        patience: int | None = None,
        average_decay: float | None = 0.95,
        gradient_clip: float | None = None,
        gradient_accumulation: int = 1,
        image_size: tuple[int, int] | None = None,
        device: str = "auto",
        precision: Literal["auto", "float32", "bfloat16"] = "auto",
        checkpoint_dir: str | Path | None = None,
        checkpoint_seconds: float = 60.0,
        random_state: Any = None,
    ) -> None:
        self.architecture = architecture
        self.calibration = calibration
        self.loss = loss
        self.loss_options = loss_options
        self.class_weight: Literal["balanced", "natural"] | Mapping[Any, float] | None = class_weight
        self.weight_kind = weight_kind
        self.event = event
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.augment = augment
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.average_decay = average_decay
        self.gradient_clip = gradient_clip
        self.gradient_accumulation = gradient_accumulation
        self.image_size = image_size
        self.device = device
        self.precision = precision
        self.checkpoint_dir = checkpoint_dir
        self.checkpoint_seconds = checkpoint_seconds
        self.random_state = random_state

    @tells_callbacks
    def fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
        offset: ArrayLike | None = None,
    ) -> Self:
        r"""Set a part aside, train the network on the rest, keep the best epoch, and calibrate it.

        Parameters
        ----------
        X : array of shape (n, h, w) or (n, h, w, c), torch Dataset, or path of a folder
            Images of uint8 or float; channels stand last. A folder holds one sub-folder of image files per outcome.
        y : array-like of shape (n,), optional
            Labels; left out where a folder or a Dataset brings them.
        sample_weight : array-like of shape (n,), optional
            Not negative. Images of weight 0 are as if absent.
        groups : array-like of shape (n,), optional
            Which images belong together (a person, a scene): a group is held out as a whole.
        offset : array-like of shape (n,), optional
            Known part of the log odds of the second of two outcomes, in the order of ``classes_``. The weights minimise
            the log loss of the network's log odds plus the offset, and the calibration layer is fitted so too; risks
            are those of images whose offset is 0. Where images were kept at known rates, log rate of the event less
            log rate of the other outcome: risks are then those among all images, whatever the rates were. With
            cross-entropy, and ``calibration`` of None, ``"temperature"`` or ``"platt"``.

        Returns
        -------
        self
            Fitted.

        Raises
        ------
        InputError
            For options that are none, images and outcomes that do not fit together, fewer than two images of an
            outcome, and a checkpoint of another fit.
        MissingExtraError
            Without torch.
        KeyboardInterrupt
            For Ctrl-C in the first epoch, when there is nothing to keep.

        Notes
        -----
        If images are kept with probability :math:`a_y(x)`, the log odds among those kept are
        :math:`f(x) + \log a_1(x) / a_0(x)` with f those among all (Bayes). So every rule of keeping is undone exactly
        by its own offset, whatever made it: chance, a pilot network, or both (Fithian and Hastie 2014,
        doi:10.1214/14-AOS1220).
        """
        check_options(self)
        require("torch", extra="nn", caller="CNNRiskModel.fit")
        from riskdec.nn.estimation import estimate

        for name in _LEARNED:
            if name in vars(self):
                delattr(self, name)
        return self._learn(estimate(self, X, y, sample_weight=sample_weight, groups=groups, offset=offset))

    def _glance(self) -> Glance | None:
        from riskdec.nn.summary import glance_at_network

        return glance_at_network(self)

    def _n_tasks(self) -> int:
        return self.max_epochs

    def _learn(self, found: Estimated) -> Self:
        self.parts_ = found.parts
        self.classes_ = found.classes
        self.history_ = found.history
        # Under this name the faces of all models look for class weights that are still in the risks.
        self.fit_result_ = found.history
        self.findings_ = found.findings
        self.fingerprint_ = found.fingerprint
        self.class_counts_ = found.counts
        self.loss_class_weight_ = found.class_weight
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Give the calibrated probability of each class.

        Parameters
        ----------
        X : array, torch Dataset or path of a folder
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, K)
            In [0, 1], rows summing to one, columns in the order of ``classes_``; NaN, with a warning, in rows of files
            that cannot be read.

        Raises
        ------
        InputError
            For images of another shape than those of the fit.
        """
        parts = require_fitted(self, "parts_")
        from riskdec.nn.predicting import predict_images

        return predict_images(parts, X, image_size=self.image_size)

    def _outcomes(self, data: object) -> AnyArray:
        from riskdec.nn.images.door import open_images, outcomes_of_images

        return outcomes_of_images(open_images(data, image_size=self.image_size), None)

    def summary(self) -> Table:
        """Give what the model is made of, what its held-out part is, the epochs and the findings."""
        require_fitted(self, "parts_")
        from riskdec.nn.summary import model_summary

        return model_summary(self)

    def save(self, path: str | Path) -> Path:
        """Write the model to one file without code and without images; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.

        Raises
        ------
        InputError
            For an architecture or a loss of the caller's: such a module is code, which a model file never holds.
        """
        from riskdec._base.modelfile import write_model

        header, arrays = self.to_state()
        return write_model(path, kind="CNNRiskModel", header=header, arrays=arrays)

    def export(self, path: str | Path, *, format: Literal["torch", "onnx"] | None = None) -> Path:
        """Write the network with its calibration layer as a program that runs without riskdec.

        Parameters
        ----------
        path : str or Path
            ``.pt2`` for `torch.export`, ``.onnx`` for ONNX.
        format : {"torch", "onnx"}, optional
            Where the ending of the path does not say it.

        Returns
        -------
        Path
            The file: it maps float32 images (n, c, h, w), in the unit of the pixels, to probabilities (n, K).
        """
        parts = require_fitted(self, "parts_")
        from riskdec.nn.export import CalibratedNetwork, export_network

        module = CalibratedNetwork(parts.network, parts.layer, parts.loss)
        return export_network(module, path, image_shape=parts.shape, format=format)

    def to_state(self) -> tuple[dict[str, Any], dict[str, AnyArray]]:
        """Give everything learned as a JSON-ready header and arrays."""
        require_fitted(self, "parts_")
        from riskdec.nn.state import pack_model

        return pack_model(self)

    @classmethod
    def from_state(cls, header: dict[str, Any], arrays: dict[str, AnyArray]) -> Self:
        """Build a fitted model from what `to_state` gave."""
        require("torch", extra="nn", caller="loading a CNNRiskModel")
        from riskdec.nn.state import unpack_model

        options, found = unpack_model(header, arrays)
        model = cls(**options)
        model._learn(found)
        return model

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags
