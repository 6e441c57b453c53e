"""A model of windows, slid over scenes: risks that are right where objects are rare, and actions by cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit

from riskdec._base.checks import check_integer, check_number, refuse
from riskdec.calibration import PrevalenceEstimate
from riskdec.detection.calibrating import calibrate_log_odds, check_calibrator
from riskdec.detection.deciding import detect_on_maps
from riskdec.detection.preparing import prepare
from riskdec.detection.pyramid import ScaledImage
from riskdec.detection.risk_map import RiskMap
from riskdec.detection.scanning import scan
from riskdec.detection.scene import open_scene
from riskdec.detection.scene_prevalence import prevalence_of_scenes
from riskdec.detection.scorers import open_model
from riskdec.detection.storing import save_detector
from riskdec.detection.windows import WindowGrid, check_scales, check_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from riskdec._base.typing import AnyArray, ArrayLike
    from riskdec.calibration import Calibrator
    from riskdec.decisions import CostMatrix
    from riskdec.detection.answer import Detections
    from riskdec.detection.scanning import Evaluation


class SlidingWindowDetector:
    """A model of windows, slid over scenes.

    A classifier trained on as many objects as background promises a precision that no scene keeps: there one window in
    thousands holds an object. The detector moves the log odds of each window to the prevalence of scenes, so that risks
    add up to the number of objects, and leaves the cut to costs.

    Networks are applied to whole scenes at once where that gives the numbers of single windows: not taken for granted
    but measured, on the first scene. Zero padding and normalisation by the statistics of an image make it impossible;
    windows are then evaluated one by one, with a warning that names the layer.

    Parameters
    ----------
    model : CNNRiskModel, torch.nn.Module, or object with predict_risk or predict_proba
        Gives the risk of windows of shape (n, h, w) or (n, h, w, c). The calibration and the event of a `CNNRiskModel`
        are used; the logits of a module (one, or two: nothing, object) are taken for log odds.
    window : int or (int, int)
        Height and width in pixels that the model looks at.
    stride : int, optional
        Pixels between neighbouring windows; by default the network's own stride, else a quarter of the window.
    scales : sequence of float, default=(1.0,)
        Factors by which a scene is resized: 0.5 finds objects of twice the size. Risks add up to the number of objects
        only if the model was trained to find an object at one of these scales (`WindowSampler` takes them too), and
        evaluations need scenes that say how large their objects are (see `scan_scenes`).
    train_prevalence : float, optional
        Share of positive windows at which the risks of the model are right: 0.5 after training on as many windows with
        an object as without.
    deploy_prevalence : float, PrevalenceEstimate or sequence of float, optional
        Share of positive windows in scenes (see `window_prevalence` and `estimate_prevalence`); of several scales
        together, or for each of them its own. Needs `train_prevalence`; without it risks stay as the model gives them.
    calibrator : Calibrator, optional
        What `calibrate_scans` gave for scans of this model without prevalences: it corrects the log odds of each window
        before they are shifted, so that `train_prevalence` is then the prevalence of the scenes it was fitted on.

    Attributes
    ----------
    evaluation_ : Evaluation
        After the first scene: ``"dense"`` or ``"crops"``, why, and the difference that was measured.
    stride_ : int
        After the first scene: the stride that is used.

    Raises
    ------
    InputError
        For models that give no risks, and windows, scales and prevalences that are none.

    Notes
    -----
    The shift ``logit(deploy) - logit(train)`` is exact for risks that are exact at `train_prevalence`; with a share for
    each scale, if objects look the same at theirs, and background too. At one scale it changes no ranking, and cannot
    repair scores that were never compared with the background that scenes are full of: windows that a few hundred
    random negatives did not show. Train with hard negatives and recorded keep rates, and calibrate on labelled scenes.

    References
    ----------
    M. Saerens, P. Latinne and C. Decaestecker, Adjusting the outputs of a classifier to new a priori probabilities,
    Neural Computation 14 (2002), 21-41.
    P. Sermanet et al., OverFeat: integrated recognition, localization and detection using convolutional networks, ICLR
    2014 (one pass over the whole image).

    Examples
    --------
    Anything that gives a risk can be slid: here the mean of a window, seen in 8 x 8 windows.

    >>> import numpy as np
    >>> class Bright:
    ...     def predict_risk(self, windows):
    ...         return 1 / (1 + np.exp(4 - 8 * windows.mean(axis=(1, 2))))
    >>> scene = np.zeros((32, 32))
    >>> scene[8:16, 20:28] = 1.0
    >>> detector = SlidingWindowDetector(Bright(), 8, stride=4, train_prevalence=0.5, deploy_prevalence=0.02)
    >>> found = detector.detect(scene, {"false_positive": 1, "false_negative": 9, "defer": 0.5})
    >>> found.boxes[0].tolist(), str(found.action[0])
    ([8.0, 20.0, 16.0, 28.0], 'alarm')
    """

    def __init__(
        self,
        model: object,
        window: int | Sequence[int],
        *,
        stride: int | None = None,
        scales: Sequence[float] = (1.0,),
        train_prevalence: float | None = None,
        deploy_prevalence: float | PrevalenceEstimate | Sequence[float] | None = None,
        calibrator: Calibrator | None = None,
    ) -> None:
        self.model = model
        self.window = check_window(window)
        self.stride = None if stride is None else check_integer(stride, name="stride", low=1)
        self.scales = check_scales(scales)
        self.train_prevalence = _share(train_prevalence, name="train_prevalence")
        self.deploy_prevalence = _shares(deploy_prevalence, len(self.scales))
        if self.deploy_prevalence is not None and self.train_prevalence is None:
            cure = "It is the share of positive windows at which the model's risks are right: 0.5 after 1:1 training."
            raise refuse("train_prevalence", "be given with deploy_prevalence", "None", cure)
        self.calibrator = None if calibrator is None else check_calibrator(calibrator)
        self._scorer, self._network = open_model(model)
        self._n_channels: int | None = None if self._network is None else self._network.n_channels
        self.evaluation_: Evaluation | None = None
        self.stride_: int | None = None

    def __repr__(self) -> str:
        height, width = self.window
        way = "not used yet" if self.evaluation_ is None else str(self.evaluation_)
        return f"<SlidingWindowDetector: windows of {height} x {width} pixels of a {type(self.model).__name__}, {way}>"

    def risk_map(self, image: ArrayLike) -> tuple[RiskMap, ...]:
        """Give the risk of every window of a scene.

        Parameters
        ----------
        image : array-like of shape (h, w) or (h, w, c)
            Pixels in the unit of the training images. A `numpy.memmap` is read tile by tile and may be larger than
            memory.

        Returns
        -------
        tuple of RiskMap
            One for each scale, in their order.

        Raises
        ------
        InputError
            For images that are none, have other channels than the training images, hold NaN, or are smaller than a
            window at every scale.

        Warns
        -----
        RiskdecWarning
            RD700 if the pixels look to be in another unit than those of training; RD701 if a network has to look at
            windows one by one.
        """
        pixels = open_scene(image, n_channels=self._n_channels)
        if self.evaluation_ is None or self.stride_ is None:
            self.evaluation_, self.stride_ = prepare(self._network, pixels, self.window, self.stride)
            self._n_channels = pixels.shape[2]
        height, width = pixels.shape[:2]
        grids = [WindowGrid((height, width), self.window, self.stride_, scale) for scale in self.scales]
        if not any(grid.n for grid in grids):
            got = f"{height} x {width} pixels"
            sides = f"{self.window[0]} x {self.window[1]}"
            raise refuse("image", f"be at least as large as a window ({sides}) at some scale", got)
        known = self.deploy_prevalence
        deploy = known if isinstance(known, tuple) else (known,) * len(grids)
        return tuple(self._scan(pixels, *one, self.evaluation_) for one in zip(grids, deploy, strict=True))

    def _scan(self, pixels: AnyArray, grid: WindowGrid, deploy: float | None, evaluation: Evaluation) -> RiskMap:
        image = ScaledImage(pixels, grid.scaled_shape)
        log_odds = scan(image, grid, self._scorer, self._network, evaluation)
        if self.calibrator is not None:
            log_odds = calibrate_log_odds(self.calibrator, log_odds)
        if self.train_prevalence is not None and deploy is not None:
            log_odds += float(logit(deploy) - logit(self.train_prevalence))
        return RiskMap(
            risk=np.asarray(expit(log_odds)),
            row_centres=grid.row_centres,
            column_centres=grid.column_centres,
            window=grid.window,
            stride=grid.stride,
            scale=grid.scale,
            image_shape=grid.image_shape,
            evaluation=evaluation.way,
            train_prevalence=self.train_prevalence,
            deploy_prevalence=deploy,
        )

    def detect(
        self,
        image: ArrayLike,
        costs: CostMatrix | Mapping[str, Any],
        *,
        min_risk: float | None = None,
        separation: float = 0.5,
    ) -> Detections:
        """Find regions that may hold an object, and choose the action of least expected cost for each.

        Parameters
        ----------
        image : array-like of shape (h, w) or (h, w, c)
            As in `risk_map`.
        costs : CostMatrix or dict
            Costs per region; of two outcomes the second is "object". Keywords of `CostMatrix.binary` as a dict make
            the actions "clear", "alarm" and, with a cost, "defer".
        min_risk : float, optional
            Regions of smaller risk are cleared without being listed; by default a tenth of the smallest risk at which
            the costs call for another action than at risk 0.
        separation : float, default=0.5
            How far a region reaches from its peak, as a share of the window: objects closer together are one region.

        Returns
        -------
        Detections
            Regions, actions, and the risk of the scene as a whole.

        Raises
        ------
        InputError
            As `risk_map`, and for costs that are not the same for all regions or not for two outcomes.
        """
        return detect_on_maps(self.risk_map(image), costs, min_risk=min_risk, separation=separation)

    def save(self, path: str | Path) -> Path:
        """Write model, calibrator and settings to one file without code; `riskdec.load` reads it.

        How windows are evaluated is not written: it is measured again on the first scene.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.

        Raises
        ------
        InputError
            For a model that is not one of riskdec's: a module, or an object of one's own, can only be stored as code.
        """
        return save_detector(self, path)

    def estimate_prevalence(
        self,
        images: Iterable[ArrayLike],
        *,
        calibrated: bool = False,
        confidence_level: float = 0.95,
    ) -> PrevalenceEstimate:
        """Estimate from unlabelled scenes what share of their windows holds an object.

        Parameters
        ----------
        images : iterable of array-like
            Scenes without labels, at least two; read one after the other.
        calibrated : bool, default=False
            Confirms that the risks were calibrated on labelled scenes. Without it only models with a small
            `train_prevalence` are accepted.
        confidence_level : float
            Level of the interval, which takes scenes as units.

        Returns
        -------
        PrevalenceEstimate
            May be passed as `deploy_prevalence`.

        Raises
        ------
        InputError
            Without `train_prevalence`; and for risks that are right on samples full of objects, unless `calibrated`.
            Estimates from networks trained on as many windows with an object as without came out 7 to 23 times too
            high in trials.
        """
        return prevalence_of_scenes(self, images, calibrated=calibrated, confidence_level=confidence_level)


def _share(value: object, *, name: str) -> float | None:
    if value is None:
        return None
    share = check_number(value, name=name, low=0, high=1, open_low=True)
    if share == 1:
        raise refuse(name, "be below 1", 1, "It is the share of windows that hold an object.")
    return share


def _shares(value: object, n_scales: int) -> float | tuple[float, ...] | None:
    """Give the share of positive windows, or that of each scale."""
    if isinstance(value, PrevalenceEstimate):
        return _share(value.prevalence.estimate, name="deploy_prevalence")
    if not isinstance(value, (tuple, list, np.ndarray)):
        return _share(value, name="deploy_prevalence")
    if len(value) != n_scales or any(one is None for one in value):
        raise refuse("deploy_prevalence", f"be one share, or one for each of {n_scales} scale(s)", repr(value))
    shares = tuple(_share(one, name="each deploy_prevalence") for one in value)
    return tuple(one for one in shares if one is not None)
