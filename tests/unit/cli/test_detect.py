"""`riskdec detect`: scenes in, places out, and nothing lost of what was scanned."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from riskdec import CNNRiskModel, LogisticRiskModel, PlattCalibrator, SlidingWindowDetector, load, window_prevalence
from riskdec.cli import main

SIDE = 12
COSTS = {"false_positive": 1, "false_negative": 20, "defer": 0.4}


@pytest.fixture(autouse=True)
def _one_thread():
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def photo(rng, shape=(44, 56)):
    pixels = rng.normal(90, 20, shape)
    pixels[8:20, 20:32] += 60
    return pixels.clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    y = (rng.random(200) < 0.5).astype(int)
    images = rng.normal(90, 20, (200, SIDE, SIDE)) + (rng.normal(50, 30, 200) * y)[:, None, None]
    model = CNNRiskModel(architecture="valid", max_epochs=3, precision="float32", random_state=0)
    path = tmp_path_factory.mktemp("scenes")
    model.fit(images.clip(0, 255).astype(np.uint8), y).save(path / "model.riskdec")
    for name in ("a", "b"):
        Image.fromarray(photo(rng)).save(path / f"{name}.png")
    return path


def detect(folder, *words, scenes=("a.png",), costs="fp=1,fn=20,defer=0.4", out="regions.csv"):
    paths = [str(folder / scene) for scene in scenes]
    return CliRunner().invoke(
        main,
        ["detect", str(folder / "model.riskdec"), *paths, "--costs", costs, "--out", str(folder / out), *words],
    )


def test_places_are_those_of_the_detector(folder):
    result = detect(folder, "--train-prevalence", "0.5", "--objects-per-scene", "2", "--stride", "2")
    assert result.exit_code == 0, result.output
    assert "1 of 1 scenes scanned" in result.stdout
    table = pd.read_csv(folder / "regions.csv")
    share = window_prevalence((44, 56), SIDE, 2, 2)
    detector = SlidingWindowDetector(
        load(folder / "model.riskdec"), SIDE, stride=2, train_prevalence=0.5, deploy_prevalence=share
    )
    with Image.open(folder / "a.png") as opened:
        found = detector.detect(np.asarray(opened), COSTS)
    np.testing.assert_allclose(table["risk"], found.risk)
    assert table["action"].tolist() == found.action.tolist()
    assert table["scene"].tolist() == [str(folder / "a.png")] * found.n


def test_json_holds_every_scene_and_nothing_else_is_printed(folder):
    prior = ("--train-prevalence", "0.5", "--deploy-prevalence", "0.01")
    result = detect(folder, "--json", *prior, scenes=("a.png", "b.png"))
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert [one["scene"] for one in answer["scenes"]] == [str(folder / "a.png"), str(folder / "b.png")]
    assert answer["failed"] == []
    assert set(answer["scenes"][0]) >= {"boxes", "risk", "action", "scene_risk", "expected_objects"}


def test_scene_that_cannot_be_read_loses_nothing_of_the_others(folder):
    (folder / "cut.png").write_bytes((folder / "a.png").read_bytes()[:500])
    Image.new("1", (9000, 9000)).save(folder / "bomb.png")
    Image.fromarray(np.zeros((6, 6), dtype=np.uint8)).save(folder / "tiny.png")
    scenes = ("cut.png", "a.png", "bomb.png", "tiny.png", "b.png")
    result = detect(folder, "--json", scenes=scenes)
    assert result.exit_code == 1
    assert result.stderr.count("error: ") == 3
    answer = json.loads(result.stdout)
    assert [one["scene"][-7:] for one in answer["failed"]] == ["cut.png", "omb.png", "iny.png"]
    alone = json.loads(detect(folder, "--json", scenes=("b.png",), out="alone.csv").stdout)
    assert answer["scenes"][1]["risk"] == alone["scenes"][0]["risk"]
    assert set(pd.read_csv(folder / "regions.csv")["scene"]) == {str(folder / "a.png"), str(folder / "b.png")}


def test_overlay_is_a_picture_of_one_scene_or_a_folder_of_pictures(folder):
    result = detect(folder, "--overlay", str(folder / "over.png"))
    assert result.exit_code == 0, result.output
    with Image.open(folder / "over.png") as opened:
        assert opened.size[0] > 300
    (folder / "pictures").mkdir(exist_ok=True)
    result = detect(folder, "--overlay", str(folder / "pictures"), scenes=("a.png", "b.png"))
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (folder / "pictures").iterdir()) == ["a.png", "b.png"]


@pytest.mark.parametrize(
    ("words", "options", "message"),
    [
        (["--deploy-prevalence", "0.1"], {}, "--train-prevalence must be given too"),
        (["--train-prevalence", "0.5", "--deploy-prevalence", "0.1", "--objects-per-scene", "1"], {}, "say the same"),
        (["--scales", "1,x"], {}, "numbers joined by commas"),
        (["--overlay", "one.png"], {"scenes": ("a.png", "b.png")}, "must be a folder that exists"),
        ([], {"scenes": ("absent.png",)}, "nothing of this name"),
        ([], {"out": "regions.txt"}, "must end with .csv or .parquet"),
        (["--html", "page.txt"], {}, "must end with .html"),
        ([], {"costs": "fp=1"}, "must hold fp and fn"),
        (["--train-prevalence", "2"], {}, "train_prevalence must be"),
    ],
)
def test_wrong_usage_ends_with_two_before_anything_is_scanned(folder, words, options, message):
    result = detect(folder, *words, **options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_model_of_tables_is_refused(folder, rng):
    LogisticRiskModel().fit(rng.normal(size=(50, 1)), rng.integers(0, 2, 50)).save(folder / "table.riskdec")
    paths = [str(folder / name) for name in ("table.riskdec", "a.png")]
    result = CliRunner().invoke(main, ["detect", *paths, "--costs", "fp=1,fn=2", "--out", str(folder / "x.csv")])
    assert result.exit_code == 2
    assert "must hold a model of images; got a LogisticRiskModel" in result.stderr


def test_a_saved_detector_brings_its_settings_and_options_come_before_them(folder, rng):
    network = load(folder / "model.riskdec")
    scores = rng.normal(size=80)
    calibrator = PlattCalibrator(input="logit").fit(scores, rng.random(80) < 1 / (1 + np.exp(-scores)))
    detector = SlidingWindowDetector(
        network, SIDE, stride=2, train_prevalence=0.5, deploy_prevalence=0.01, calibrator=calibrator
    )
    detector.save(folder / "detector.riskdec")
    pixels = np.asarray(Image.open(folder / "a.png"))
    words = ["detect", str(folder / "detector.riskdec"), str(folder / "a.png"), "--costs", "fp=1,fn=20,defer=0.4"]
    for more, expected in (
        ([], detector),
        (
            ["--stride", "4", "--deploy-prevalence", "0.2"],
            SlidingWindowDetector(
                network, SIDE, stride=4, train_prevalence=0.5, deploy_prevalence=0.2, calibrator=calibrator
            ),
        ),
    ):
        result = CliRunner().invoke(main, [*words, "--out", str(folder / "own.csv"), *more])
        assert result.exit_code == 0, result.output
        found = expected.detect(pixels, COSTS)
        np.testing.assert_allclose(pd.read_csv(folder / "own.csv")["risk"], found.risk, rtol=1e-6)


def test_parquet_holds_the_lines_of_the_csv(folder):
    pytest.importorskip("pyarrow")
    scenes = ("a.png", "b.png")
    for name in ("same.csv", "same.parquet"):
        result = detect(folder, scenes=scenes, out=name)
        assert result.exit_code == 0, result.output
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "same.parquet"), pd.read_csv(folder / "same.csv"))


def test_page_of_one_scene_is_that_of_python_under_its_name(folder):
    result = detect(folder, "--html", str(folder / "one.html"))
    assert result.exit_code == 0, result.output
    with Image.open(folder / "a.png") as opened:
        found = SlidingWindowDetector(load(folder / "model.riskdec"), SIDE).detect(np.asarray(opened), COSTS)
    expected = found.to_html(folder / "python.html").read_text(encoding="utf-8")
    page = (folder / "one.html").read_text(encoding="utf-8")
    assert page.replace(str(folder / "a.png"), "Detections in a scene") == expected


def test_page_of_many_scenes_has_the_riskiest_first_and_says_how_many_are_left_out(folder, monkeypatch):
    monkeypatch.setattr("riskdec.cli.scene_output.MOST_SCENES", 1)
    (folder / "broken.png").write_bytes(b"no picture")
    words = ("--json", "--html", str(folder / "many.html"))
    result = detect(folder, *words, scenes=("a.png", "broken.png", "b.png"))
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    page = (folder / "many.html").read_text(encoding="utf-8")
    first, last = sorted(answer["scenes"], key=lambda one: -one["scene_risk"])
    assert first["scene"] in page
    assert last["scene"] not in page
    assert "2 scenes were scanned" in page
    assert "The 1 of lower scene risk are left out here" in page
    assert answer["html"] == str(folder / "many.html")


def test_nothing_is_written_at_the_end_where_no_scene_could_be_scanned(folder):
    pytest.importorskip("pyarrow")
    (folder / "broken.png").write_bytes(b"no picture")
    words = ("--html", str(folder / "none.html"))
    assert detect(folder, *words, scenes=("broken.png",), out="none.parquet").exit_code == 1
    assert not (folder / "none.html").exists()
    assert not (folder / "none.parquet").exists()
