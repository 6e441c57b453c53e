"""What a balance of recalls says, in sentences: each from the numbers of the answer alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import count, interval, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.result import Estimate
    from riskdec.weighting.balance.answer import RecallBalance
    from riskdec.weighting.balance.arms import RecallArm

_FEW = 30
# Temperatures within these are not worth a word of warning.
_CALM = (1 / 1.25, 1.25)


def conclude_balance(balance: RecallBalance, *, is_hidden: bool) -> Iterator[Finding]:
    """Give the findings.

    Parameters
    ----------
    balance : RecallBalance
        The answer, still without findings.
    is_hidden : bool
        Whether the model divides the weights out of its probabilities.
    """
    plain, weights, offsets = balance.arms[0], balance.arm("weights"), balance.arm("offsets")
    yield _say_plain(balance, plain)
    yield from _say_held_out(balance)
    if weights is not None:
        yield _say_weights(balance, plain, weights)
        yield from _say_overshoot(balance, plain, weights)
        yield from _say_effect(balance)
    if is_hidden:
        sentence = (
            f"{balance.estimator} divides class weights out of its probabilities, so they cannot move its likeliest "
            "class; its weighted fit was judged with the weights put back."
        )
        yield Finding(code="RD448", severity="good", sentence=sentence)
    if offsets is not None:
        yield _say_offsets(balance, plain, offsets)
        yield from _say_temperature(balance)
        yield _say_price(balance, offsets)
        if balance.offsets is not None:
            yield from balance.offsets.findings


def _say_plain(balance: RecallBalance, plain: RecallArm) -> Finding:
    least, most = (balance.classes[int(place)] for place in (plain.recall.argmin(), plain.recall.argmax()))
    sentence = (
        f"Recalls of the plain fit range from {number(plain.recall.min(), 2)} ({least}) to "
        f"{number(plain.recall.max(), 2)} ({most}): a range of {number(plain.range, 2)}, where chance alone would make "
        f"{number(plain.range_by_chance, 2)}; true recalls spread with a standard deviation of "
        f"{number(plain.deviation, 2)}."
    )
    if plain.range <= 1.3 * plain.range_by_chance:
        todo = "There is nothing to balance that these rows could show."
        return Finding(code="RD440", severity="good", sentence=sentence, todo=todo)
    todo = "Whether that matters is a question of costs: with them, decide(costs=) needs no equal recalls."
    return Finding(code="RD440", severity="caution", sentence=sentence, todo=todo)


def _say_held_out(balance: RecallBalance) -> Iterator[Finding]:
    never = np.flatnonzero(balance.held_out_recall == 0)
    if len(never) and balance.weights is not None:
        names = ", ".join(str(balance.classes[k]) for k in never[:5])
        sentence = (
            f"{len(never)} of {len(balance.classes)} classes ({names}) were never found on the held-out rows; half a "
            "row was counted as found for their weight."
        )
        todo = "Such a weight depends on the number of rows alone: offsets do not need it."
        yield Finding(code="RD445", severity="caution", sentence=sentence, todo=todo)
    fewest = int(balance.n_held_out_per_class.min())
    if fewest < _FEW:
        name = balance.classes[int(balance.n_held_out_per_class.argmin())]
        sentence = (
            f"Only {count(fewest)} held-out rows of class {name} measured its recall and fitted its offset: on other "
            "rows its recall will differ."
        )
        yield Finding(code="RD449", severity="caution", sentence=sentence, todo="Hold out more rows.")


def _say_weights(balance: RecallBalance, plain: RecallArm, weights: RecallArm) -> Finding:
    sentence = f"Recall-driven weights of power {number(balance.power)} {_spread(plain, weights)}."
    did_good = weights.deviation <= 0.5 * plain.deviation and weights.deviation < plain.deviation
    if did_good:
        return Finding(code="RD441", severity="good", sentence=sentence)
    todo = "Offsets of calibrated probabilities aim at equal recalls directly, without another fit."
    return Finding(code="RD441", severity="caution", sentence=sentence, todo=todo)


def _say_overshoot(balance: RecallBalance, plain: RecallArm, weights: RecallArm) -> Iterator[Finding]:
    if balance.weights is None:
        return
    log_weight = np.log(balance.weights) - np.log(balance.weights).mean()
    before, after = float(log_weight @ plain.recall), float(log_weight @ weights.recall)
    if before < 0 < after and weights.deviation > plain.deviation / 3:
        heaviest = balance.classes[int(balance.weights.argmax())]
        k = int(balance.weights.argmax())
        sentence = (
            f"The weights overshoot: classes that were found least are now found most ({heaviest}: "
            f"{number(plain.recall[k], 2)} before, {number(weights.recall[k], 2)} now)."
        )
        yield Finding(code="RD447", severity="caution", sentence=sentence, todo="Try a smaller power.")


def _say_effect(balance: RecallBalance) -> Iterator[Finding]:
    effect = balance.effect
    if effect is None:
        return
    done, raw, due = effect.by_weights, effect.by_shift, effect.by_calibrated_shift
    moved = (
        f"they moved recalls by {_slope(done)} per unit of log weight, where the same shift of the plain fit's "
        f"probabilities moves them by {number(raw.estimate, 2)}, and by {number(due.estimate, 2)} after calibration"
    )
    if done.high >= due.estimate / 2:
        sentence = f"The weights acted like a shift of the logits: {moved}."
        yield Finding(code="RD442", severity="good", sentence=sentence, todo="Offsets give that without another fit.")
        return
    todo = "Shift the decisions, not the loss: offsets on calibrated probabilities."
    if effect.interpolates:
        shares = [percent(share) for share in (effect.training_accuracy, effect.training_accuracy_weighted)]
        sentence = (
            f"The weights faded: {moved}. Both fits get practically all of their own rows right ({shares[0]} plain, "
            f"{shares[1]} weighted), so that their loss has nothing left to weigh."
        )
    else:
        sentence = f"The weights did less than half of what they stand for: {moved}."
    yield Finding(code="RD442", severity="caution", sentence=sentence, todo=todo)


def _say_offsets(balance: RecallBalance, plain: RecallArm, offsets: RecallArm) -> Finding:
    sentence = (
        f"Offsets of calibrated probabilities {_spread(plain, offsets)}. Recalls that were equal on the labels of the "
        f"held-out rows would by chance range over {number(balance.counted_range, 2)} here."
    )
    if offsets.deviation <= 0.5 * plain.deviation:
        return Finding(code="RD443", severity="good", sentence=sentence)
    todo = "They were fitted on held-out rows: more of them bring recalls nearer to each other."
    return Finding(code="RD443", severity="caution", sentence=sentence, todo=todo)


def _say_temperature(balance: RecallBalance) -> Iterator[Finding]:
    if _CALM[0] <= balance.temperature <= _CALM[1]:
        return
    kind = "too sure" if balance.temperature > 1 else "too unsure"
    divisor = number(balance.temperature, 2)
    sentence = f"Probabilities as fitted were {kind}: log probabilities have to be divided by {divisor}."
    if balance.effect is not None:
        raw, calibrated = balance.effect.by_shift.estimate, balance.effect.by_calibrated_shift.estimate
        sentence += (
            f" The same shift moves recalls by {number(raw, 2)} per unit before and by {number(calibrated, 2)} after "
            "calibration."
        )
    todo = "Offsets belong after calibration: apply these to probabilities calibrated in the same way only."
    yield Finding(code="RD444", severity="caution", sentence=sentence, todo=todo)


def _say_price(balance: RecallBalance, offsets: RecallArm) -> Finding:
    change = offsets.accuracy_change
    sentence = (
        f"Equal recalls change the accuracy by {percent_points(change.estimate)} "
        f"({_signed(change.low)} to {_signed(change.high)})"
    )
    cheapest = balance.arm("least cost")
    if cheapest is None or cheapest.mean_cost is None or offsets.mean_cost is None:
        todo = "Pass costs= to see what that is worth."
        return Finding(code="RD446", severity="caution", sentence=f"{sentence}.", todo=todo)
    sentence += (
        f", and cost {number(offsets.mean_cost.estimate)} per row where decisions of least expected cost pay "
        f"{number(cheapest.mean_cost.estimate)}."
    )
    dear = offsets.mean_cost.estimate > cheapest.mean_cost.estimate
    todo = "Equal recalls are a wish of their own; costs are served by decide(costs=)." if dear else ""
    return Finding(code="RD446", severity="caution" if dear else "good", sentence=sentence, todo=todo)


def _spread(plain: RecallArm, other: RecallArm) -> str:
    change = other.accuracy_change
    moved = percent_points(change.estimate)
    accuracy = "no change of accuracy" if moved == percent_points(0.0) else f"a change of accuracy of {moved}"
    return (
        f"bring the range of recalls from {number(plain.range, 2)} to {number(other.range, 2)} and their true standard "
        f"deviation from {number(plain.deviation, 2)} to {number(other.deviation, 2)}, at {accuracy}"
    )


def percent_points(change: float) -> str:
    """Write a change of a share in percentage points, with its sign.

    >>> percent_points(-0.0312), percent_points(-0.0001)
    ('-3.1 points', '0.0 points')
    """
    return f"{_signed(change)} points"


def _signed(share: float) -> str:
    """Write 100 times a share with its sign, and what rounds to nothing without one."""
    text = f"{100 * share:+.1f}"
    return text[1:] if float(text) == 0 else text


def _slope(estimate: Estimate) -> str:
    return f"{number(estimate.estimate, 2)} ({interval(estimate.low, estimate.high, 2)})"
