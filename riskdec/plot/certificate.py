"""Drawing of a certificate: its zones on the axis of the risk, and each promised rate beside its limit."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import expit, logit

from riskdec._base.table import count
from riskdec.decisions import DeferralCertificate
from riskdec.decisions.certificates.answer import rate_text
from riskdec.decisions.zones.regions import risk_text
from riskdec.plot.axes import ProbabilityAxis, axis_position, new_figure, percent_label, set_probability_axis
from riskdec.plot.dispatch import draw
from riskdec.plot.style import BLUE, INK, MUTED, ORANGE, SMALL, VERMILION, short, style, text_on

# A zone that is this narrow is drawn on the logit scale, with this much room beside its cuts.
_NEAR_EDGE = 0.1
_ROOM = 1.8
# About as many letters fit across the axes.
_LETTERS = 70


@draw.register
def draw_certificate(certificate: DeferralCertificate, ax: Axes | None = None) -> Axes | Figure:
    """Draw what is called at which risk, and the errors seen beside the limits promised.

    Parameters
    ----------
    certificate : DeferralCertificate
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the zones alone.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure of two panels; of the zones alone where nothing is promised.
    """
    with style():
        if ax is not None or not certificate.coverage:
            ax = ax or new_figure(6.6, 1.5).add_subplot()
            _draw_zones(certificate, ax)
            return ax
        bars = 0.5 * len(certificate.promises)
        figure = new_figure(6.6, 2.5 + bars)
        upper, lower = figure.subplots(2, 1, height_ratios=(0.8, 0.4 + bars))
        _draw_zones(certificate, upper)
        _draw_promises(certificate, lower)
        return figure


def _draw_zones(certificate: DeferralCertificate, ax: Axes) -> None:
    spec = _axis(certificate)
    cuts = [spec.low, max(certificate.low, spec.low), min(certificate.high, spec.high), spec.high]
    negative, positive, defer = certificate.actions
    ends = axis_position(np.array([spec.low, spec.high]), spec)
    set_probability_axis(ax, "x", spec)
    zones = zip((negative, defer, positive), (BLUE, ORANGE, VERMILION), cuts[:-1], cuts[1:], strict=True)
    for name, color, low, high in zones:
        if high <= low:
            continue
        ax.axvspan(low, high, color=color, linewidth=0)
        left, right = (axis_position(np.array([low, high]), spec) - ends[0]) / (ends[1] - ends[0])
        room = int(_LETTERS * (right - left))
        if room >= min(len(name), 6):
            look: dict[str, Any] = {"weight": "bold", "color": text_on(color), "transform": ax.transAxes}
            ax.text((left + right) / 2, 0.5, short(name, room), ha="center", va="center", **look)
    for cut in (certificate.low, certificate.high):
        if spec.low < cut < spec.high:
            look = {"textcoords": "offset points", "xycoords": ax.get_xaxis_transform(), "fontsize": SMALL}
            ax.annotate(risk_text(cut), (cut, 1), (0, 3), ha="center", **look)
    ax.set_ylim(0, 1)
    ax.set_yticks([])
    ax.set_xlabel(f"risk of {short(certificate.outcomes[1])}")


def _axis(certificate: DeferralCertificate) -> ProbabilityAxis:
    cuts = np.array([cut for cut in (certificate.low, certificate.high) if 0 < cut < 1])
    if not cuts.size or (cuts.min() >= _NEAR_EDGE and cuts.max() <= 1 - _NEAR_EDGE):
        return ProbabilityAxis("probability")
    cuts = cuts.clip(1e-7, 1 - 1e-7)
    return ProbabilityAxis("logit", float(expit(logit(cuts.min()) - _ROOM)), float(expit(logit(cuts.max()) + _ROOM)))


def _draw_promises(certificate: DeferralCertificate, ax: Axes) -> None:
    names = []
    for place, promise in enumerate(certificate.promises):
        kept, seen = promise.bound <= promise.limit, promise.errors / promise.n if promise.n else 0.0
        color = BLUE if kept else MUTED
        ax.plot([seen, promise.bound], [place, place], color=color, linewidth=2.2)
        ax.plot([seen], [place], "o", color=color)
        ax.plot([promise.limit] * 2, [place - 0.25, place + 0.25], color=INK, linewidth=2.5)
        verdict = f"at most {rate_text(promise.limit)}" if kept else f"not certified at {rate_text(promise.limit)}"
        label = f"{verdict}; seen {count(promise.errors)} of {count(promise.n)}"
        look: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": SMALL}
        ax.annotate(label, (max(promise.limit, promise.bound), place), (6, 0), **look)
        names.append(short(promise.rate, 32))
    ax.set_yticks(range(len(names)), labels=names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(0, 1.9 * max(max(promise.limit, promise.bound) for promise in certificate.promises))
    ax.xaxis.set_major_formatter(lambda rate, _: percent_label(rate) if 0 <= rate <= 1 else "")
    ax.tick_params(axis="y", length=0)
    ax.axvline(0, color=MUTED, linewidth=0.8)
    ax.set_xlabel("rate among the calibration cases")
