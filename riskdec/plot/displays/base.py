"""What all displays share: an answer, its name, and where it was drawn last."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np

from riskdec._base.checks import check_option, choose_event, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray

Curve = TypeVar("Curve")

# Of a picture in a notebook, per inch.
_PIXELS = 144


class Display(ABC, Generic[Curve]):
    """A curve that knows how to be drawn, with the attributes that scikit-learn's displays have.

    Parameters
    ----------
    curve : result of the function behind the display
        What is drawn.
    name : str, optional
        Of the model, for the legend.

    Attributes
    ----------
    curve
        What is drawn.
    name : str or None
        Of the model.
    ax_ : matplotlib Axes
        Where it was drawn last.
    figure_ : matplotlib Figure
        The figure of those axes.
    """

    ax_: Axes
    figure_: Figure

    def __init__(self, curve: Curve, *, name: str | None = None) -> None:
        self.curve = curve
        self.name = name
        self._look: dict[str, Any] = {}
        self._made_figure = False

    @abstractmethod
    def _draw(self, ax: Axes | None, *, name: str | None, curve_kwargs: Mapping[str, Any]) -> Axes | Figure:
        """Draw the curve, and give what `riskdec.plot.draw` gives."""

    def plot(
        self, ax: Axes | None = None, *, name: str | None = None, curve_kwargs: Mapping[str, Any] | None = None
    ) -> Self:
        """Draw, on the axes given or on a new figure; give the display itself.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw. On axes that show another display of this class, the curve is added to it; on axes that show
            this very curve, all stays as it is.
        name : str, optional
            Of the model, for the legend; by default the name that the display was made with.
        curve_kwargs : mapping, optional
            Properties of the line, as matplotlib's ``plot`` takes them, such as ``{"linestyle": "--"}``.
        """
        shown = self.name if name is None else name
        drawn = self._draw(ax, name=shown, curve_kwargs={**self._look, **(curve_kwargs or {})})
        self.figure_ = drawn.figure  # type: ignore[assignment]  # a figure of axes, or the figure itself
        self.ax_ = ax if ax is not None else self.figure_.axes[0]
        self._made_figure = ax is None
        return self

    def set_style(
        self, *, policy: Literal["update", "override"] = "update", curve_kwargs: Mapping[str, Any] | None = None
    ) -> None:
        """Choose the look of the line for drawings to come.

        Parameters
        ----------
        policy : {"update", "override"}
            Whether to add to what was chosen before, or to replace it.
        curve_kwargs : mapping, optional
            As in `plot`.
        """
        check_option(policy, ("update", "override"), name="policy")
        before = self._look if policy == "update" else {}
        self._look = {**before, **(curve_kwargs or {})}

    def frame(self) -> Any:
        """Give the numbers behind the drawing as a data frame of the caller's kind."""
        return self.curve.frame()  # type: ignore[attr-defined]  # every curve has one

    def help(self) -> None:
        """Print what the display can do."""
        print("\n".join(_contents(self)))  # noqa: T201  # what it is for

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.curve!r}>"

    def _repr_png_(self) -> bytes | None:
        # A notebook shows the figures of pyplot by itself; ours belongs to nobody's window.
        if not self._made_figure:
            return None
        picture = io.BytesIO()
        self.figure_.savefig(picture, format="png", dpi=_PIXELS)
        return picture.getvalue()


def proba_of(estimator: Any, X: ArrayLike) -> tuple[FloatArray, AnyArray]:
    """Give the probabilities of a fitted classifier, and the classes of their columns."""
    try:
        classes, predict_proba = np.asarray(estimator.classes_), estimator.predict_proba
    except AttributeError as err:
        cure = "Fit it first; it needs predict_proba too."
        raise refuse("estimator", "be a fitted classifier", type(estimator).__name__, cure) from err
    if len(classes) < 2:
        raise refuse("estimator", "know more than one class", f"{classes.tolist()}", "Fit it on rows of both.")
    return np.asarray(predict_proba(X), dtype=np.float64), classes


def risk_of(estimator: Any, X: ArrayLike, y: ArrayLike, event: object) -> tuple[ArrayLike, FloatArray, object]:
    """Give outcomes, the risk of the event under a fitted classifier, and the event; many classes become two."""
    # Whoever draws predictions alone needs no models.
    from riskdec.models.outcome_codes import known_outcomes

    proba, classes = proba_of(estimator, X)
    chosen = choose_event(classes, named_event(estimator, event), name="y")
    place = classes.tolist().index(chosen)
    risk = np.ascontiguousarray(proba[:, place])
    return (y, risk, chosen) if len(classes) == 2 else (known_outcomes(y, classes) == place, risk, True)


def named_event(estimator: Any, event: object) -> object:
    """Give the event that was named, here or where a model of riskdec was made."""
    return getattr(estimator, "event", None) if event is None else event


def name_of(estimator: Any, name: str | None) -> str:
    """Give the name for the legend: that of the class unless there is another."""
    return type(estimator).__name__ if name is None else name


def _contents(display: Display[Any]) -> list[str]:
    kind = type(display)
    methods = {"plot": kind.plot, "frame": kind.frame, "set_style": kind.set_style, "help": kind.help}
    members = {f".{name}()": _first_sentence(method.__doc__) for name, method in methods.items()}
    members |= {".curve": repr(display.curve), ".ax_, .figure_": "Where it was drawn last."}
    return [f"{kind.__name__}: {_first_sentence(kind.__doc__)}", *(f"  {k:15} {v}" for k, v in members.items())]


def _first_sentence(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
