"""`riskdec detect`: from scenes and costs to places with actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from riskdec.cli.options import FILE, costs_option, json_option
from riskdec.cli.output import check_output, one_line, show, write_figure
from riskdec.cli.scene_output import PlaceTable, ScenePage
from riskdec.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.typing import AnyArray
    from riskdec.decisions import CostMatrix
    from riskdec.detection import SlidingWindowDetector

_EXAMPLE = """\b
Example:
  trained on as many objects as background, three objects in a scene
    riskdec detect model.riskdec scenes/ --costs fp=1,fn=20,defer=0.4 \\
      --train-prevalence 0.5 --objects-per-scene 3 \\
      --out regions.csv --overlay pictures/
"""


def _read_scales(_ctx: click.Context, param: click.Parameter, value: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError as err:
        message = f"{param.opts[0]} must be numbers joined by commas, such as 1,0.5; got {value!r}."
        raise click.BadParameter(message) from err


@click.command(short_help="From scenes to places with risks and actions.", epilog=_EXAMPLE)
@click.argument("model", type=FILE)
@click.argument("scenes", type=FILE, nargs=-1, required=True)
@costs_option(help="Per place. fp: a false alarm; fn: an object missed; defer: a look by a human.", required=True)
@click.option("--stride", type=click.IntRange(min=1), help="Pixels between windows; by default the network's own.")
@click.option(
    "--scales", default="1", show_default=True, callback=_read_scales, help="Sizes at which a scene is scanned."
)
@click.option(
    "--train-prevalence", type=float, metavar="SHARE", help="Share of windows with an object that MODEL was trained on."
)
@click.option("--deploy-prevalence", type=float, metavar="SHARE", help="Share of windows with an object in scenes.")
@click.option(
    "--objects-per-scene",
    type=float,
    metavar="NUMBER",
    help="Instead: objects in a scene as large as the first, on average.",
)
@click.option("--min-risk", type=click.FloatRange(0, 1), help="Leave out places of smaller risk; they are cleared.")
@click.option("--out", required=True, type=FILE, metavar="FILE", help="Where to write the places (.csv or .parquet).")
@click.option(
    "--html", type=FILE, metavar="FILE", help="One offline page of the scene; of many, of those of the highest risk."
)
@click.option("--overlay", type=FILE, metavar="PATH", help="A picture of one scene, or a folder for pictures of many.")
@json_option
@click.pass_context
def detect(
    ctx: click.Context,
    model: Path,
    scenes: tuple[Path, ...],
    costs: dict[str, float] | CostMatrix,
    stride: int | None,
    scales: tuple[float, ...],
    train_prevalence: float | None,
    deploy_prevalence: float | None,
    objects_per_scene: float | None,
    min_risk: float | None,
    out: Path,
    html: Path | None,
    overlay: Path | None,
    as_json: bool,
) -> None:
    """Scan SCENES (image files, or folders of them) with the image MODEL, and choose an action for each place.

    MODEL holds a CNNRiskModel, or a SlidingWindowDetector, whose settings hold where no option is given.

    The file written has one line per place: scene, box, risk, action, expected cost. As CSV it grows scene by scene, so
    that what was scanned stays whatever happens later; Parquet is written at the end. Scenes that cannot be read are
    named, and the exit code is 1. The page has boxes without pixels; --overlay draws them on the scene.
    """
    from riskdec.detection.deciding import scene_costs
    from riskdec.detection.scene_files import find_scenes, read_scene

    saved, n_channels = _load(model)
    prevalence = _Prevalence(train_prevalence, deploy_prevalence, objects_per_scene).completed(saved)
    prevalence.check()
    files = find_scenes(scenes)
    check_output(out, endings=(".csv", ".parquet"), inputs=(model, *files))
    check_output(html, endings=(".html", ".htm"), inputs=(model, *files))
    pictures = _pictures(overlay, files)
    matrix = scene_costs(costs)
    wanted = scales if ctx.get_parameter_source("scales") is click.core.ParameterSource.COMMANDLINE else saved.scales
    detector = _remake(saved, prevalence, stride=saved.stride if stride is None else stride, scales=wanted)
    is_ready = objects_per_scene is None
    answers, failed = list[dict[str, Any]](), list[dict[str, str]]()
    table, page = PlaceTable(out), ScenePage(html)
    for path in files:
        try:
            pixels = read_scene(path, n_channels=n_channels)
            if not is_ready:
                detector, is_ready = prevalence.settle(detector, pixels), True
            found = detector.detect(pixels, matrix, min_risk=min_risk)
        except (InputError, OSError) as err:
            failed.append({"scene": str(path), "error": str(err)})
            click.echo(one_line(f"error: {path}: {err}"), err=True)
            continue
        table.append(found, path)
        page.add(found, path)
        if path in pictures:
            write_figure(found.plot(image=pixels).figure, pictures[path])
        answers.append({"scene": str(path), **found.to_dict()})
        if not as_json:
            click.echo(one_line(f"{path}: {found!r}"))
    table.finish()
    page.write()
    where = f"the places are in {out}" if answers else "there are no places"
    text = f"{len(answers)} of {len(files)} scenes scanned; {where}."
    page_at = {} if html is None else {"html": str(html)}
    show(text, {"scenes": answers, "failed": failed, "out": str(out), **page_at}, as_json=as_json)
    if failed:
        ctx.exit(1)


class _Prevalence(NamedTuple):
    """What is known of how rare objects are."""

    train: float | None
    deploy: float | tuple[float, ...] | None
    objects: float | None

    def completed(self, saved: SlidingWindowDetector) -> _Prevalence:
        """Take from a detector what the command line does not say."""
        deploy = self.deploy if self.deploy is not None or self.objects is not None else saved.deploy_prevalence
        return _Prevalence(saved.train_prevalence if self.train is None else self.train, deploy, self.objects)

    def check(self) -> None:
        if self.deploy is not None and self.objects is not None:
            message = "--deploy-prevalence and --objects-per-scene say the same: give one of them."
            raise click.UsageError(message)
        if self.train is None and (self.deploy is not None or self.objects is not None):
            message = "--train-prevalence must be given too: the share of training windows with an object, often 0.5."
            raise click.UsageError(message)

    def settle(self, detector: SlidingWindowDetector, pixels: AnyArray) -> SlidingWindowDetector:
        """Give the detector for scenes with so many objects; the first scene shows how many windows they have."""
        from riskdec.detection import window_prevalence

        first = detector.risk_map(pixels)[0]
        assert self.objects is not None
        share = window_prevalence(first.image_shape, first.window, first.stride, self.objects, scales=detector.scales)
        return _remake(detector, self._replace(deploy=share), stride=first.stride, scales=detector.scales)


def _remake(
    detector: SlidingWindowDetector, prevalence: _Prevalence, *, stride: int | None, scales: tuple[float, ...]
) -> SlidingWindowDetector:
    """Give a detector of the same model, window and calibrator with other settings."""
    from riskdec.detection import SlidingWindowDetector

    return SlidingWindowDetector(
        detector.model,
        detector.window,
        stride=stride,
        scales=scales,
        train_prevalence=prevalence.train,
        deploy_prevalence=prevalence.deploy,
        calibrator=detector.calibrator,
    )


def _load(model: Path) -> tuple[SlidingWindowDetector, int]:
    """Give the detector in a file, or one of the network in it, and the channels of its images."""
    from riskdec.cli.tables import check_input
    from riskdec.detection import SlidingWindowDetector
    from riskdec.nn import CNNRiskModel
    from riskdec.persistence import load

    check_input(model)
    fitted = load(model)
    network = fitted.model if isinstance(fitted, SlidingWindowDetector) else fitted
    if not isinstance(network, CNNRiskModel):
        message = f"{model} must hold a model of images; got a {type(fitted).__name__}. Fit a CNNRiskModel and save it."
        raise InputError(message)
    channels, height, width = network.parts_.shape
    return fitted if fitted is not network else SlidingWindowDetector(network, (height, width)), channels


def _pictures(overlay: Path | None, files: list[Path]) -> dict[Path, Path]:
    """Say where the picture of each scene goes."""
    if overlay is None:
        return {}
    if not overlay.is_dir():
        if len(files) > 1:
            message = f"{overlay} must be a folder that exists, for the pictures of {len(files)} scenes. Make it first."
            raise InputError(message)
        check_output(overlay, endings=(".png", ".svg", ".pdf"), inputs=files)
        return {files[0]: overlay}
    places = {path: overlay / f"{path.stem}.png" for path in files}
    if len(set(places.values())) < len(files) or any(place in files for place in places.values()):
        message = f"the pictures in {overlay} must have names of their own; got scenes of one name. Use another folder."
        raise InputError(message)
    return places
