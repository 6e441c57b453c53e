"""Where the risks of a command come from: a model, or a column of the rows, mended or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from riskdec.cli.completion import COLUMN, LABEL
from riskdec.cli.options import FILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from riskdec._base.typing import AnyArray


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskSource:
    """What the user said about the risks.

    Attributes
    ----------
    model : Path or None
        A model, or a calibrator for the column of risks.
    data : Path
        The rows.
    column : str or None
        The column that holds risks.
    event : str or None
        Which outcome these are risks of.
    undo_weights : float or None
        Weight of an event over that of a non-event in the fit that gave the risks.
    prevalence : (float, float) or None
        Share of events where the risks were right, and here.
    """

    model: Path | None
    data: Path
    column: str | None
    event: str | None
    undo_weights: float | None
    prevalence: tuple[float, float] | None

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that are read."""
        return (self.data,) if self.model is None else (self.model, self.data)

    @property
    def is_unmended(self) -> bool:
        """Whether the risks are those of a column as they stand there."""
        return self.model is None and self.undo_weights is None and self.prevalence is None

    @property
    def name(self) -> str:
        """What to call the risks."""
        return f"the column {self.column}" if self.model is None else self.model.name

    def open(self, frame: pd.DataFrame, outcome: AnyArray | None, *, target: str | None) -> Any:
        """Give something that gives risks, is diagnosed and decides: a risk model, or what behaves like one."""
        from riskdec.cli.risk_source import open_source

        return open_source(self, frame, outcome, target=target)


def takes_risks(*, rows: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the arguments [MODEL] and rows and the options about risks, joined as `source`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def call(
            *given: Any,
            files: tuple[Path, ...],
            risk: str | None,
            event: str | None,
            undo_weights: float | None,
            prevalence: tuple[float, float] | None,
            **rest: Any,
        ) -> Any:
            model = _split(files, rows=rows, risk=risk, event=event)
            source = RiskSource(
                model=model,
                data=files[-1],
                column=risk,
                event=event,
                undo_weights=undo_weights,
                prevalence=prevalence,
            )
            return command(*given, source=source, **rest)

        for add in reversed(_options(rows)):
            call = add(call)
        return call

    return decorate


def _split(files: tuple[Path, ...], *, rows: str, risk: str | None, event: str | None) -> Path | None:
    """Give the model, if one was named before the rows."""
    if len(files) > 2:
        message = f"one MODEL and one {rows} are read; got {len(files)} files. Put options with a space before a value."
        raise click.UsageError(message)
    if len(files) == 1 and risk is None:
        message = (
            f"MODEL and {rows} must both be given; got {files[0]} alone. Name the model first, or say with --risk "
            f"which column of {rows} holds the risks."
        )
        raise click.UsageError(message)
    if len(files) == 2 and event is not None:
        raise click.UsageError("--event goes with a column of risks: a model knows the event it was made for.")
    return files[0] if len(files) == 2 else None


def _options(rows: str) -> tuple[Callable[..., Any], ...]:
    return (
        click.argument("files", type=FILE, nargs=-1, required=True, metavar=f"[MODEL] {rows}"),
        click.option(
            "--risk",
            type=COLUMN,
            metavar="COLUMN",
            help=f"A column of {rows} with risks from 0 to 1, in place of MODEL; or the one that MODEL mends.",
        ),
        click.option(
            "--event", type=LABEL, metavar="VALUE", help="With --risk: the value of the target that these are risks of."
        ),
        click.option(
            "--undo-weights",
            type=click.FloatRange(min=0, min_open=True),
            metavar="RATIO",
            help="Undo class weights first: how many times as much as a non-event an event counted in the fit.",
        ),
        click.option(
            "--prevalence",
            callback=_read_prevalence,
            metavar="THEN:HERE",
            help="Move the risks first: share of events where they were right, and share here, such as 0.5:0.03.",
        ),
    )


def _read_prevalence(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[float, float] | None:
    if value is None:
        return None
    try:
        then, here = (float(part) for part in value.split(":"))
    except ValueError:
        then = here = 0.0
    if not (0 < then < 1 and 0 < here < 1):
        message = f"must be two shares between 0 and 1 such as 0.5:0.03; got {value!r}."
        raise click.BadParameter(message, ctx, param)
    return then, here
