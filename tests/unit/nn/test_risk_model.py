"""The estimator: what it learns, what it keeps aside, what it refuses, and that it comes back from its file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

torch = pytest.importorskip("torch")

import riskdec.nn.training.loop as loop
from riskdec import CNNRiskModel, load
from riskdec.errors import InputError, ModelFileError
from riskdec.scores.ranking import area_under_curve

ROOT = Path(__file__).resolve().parents[3]
QUICK = {"max_epochs": 3, "batch_size": 32, "precision": "float32", "random_state": 0}


@pytest.fixture(scope="module")
def fitted() -> tuple[CNNRiskModel, np.ndarray, np.ndarray]:
    torch.set_num_threads(1)
    rng = np.random.default_rng(1)
    y = (rng.random(600) < 0.4).astype(int)
    images = rng.normal(100, 25, (600, 8, 8)) + 60 * (rng.random(600) < 0.1 + 0.8 * y)[:, None, None] * np.eye(8)
    images = images.clip(0, 255).astype(np.uint8)
    return CNNRiskModel(**QUICK).fit(images[:400], y[:400]), images, y


def test_model_learns_and_its_probabilities_sum_to_one(fitted):
    model, images, y = fitted
    proba = model.predict_proba(images[400:])
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-12)
    assert area_under_curve(y[400:] == 1, proba[:, 1]) > 0.8
    assert model.predict(images[:3]).dtype == y.dtype
    assert model.predict_risk(images[:0]).shape == (0,)


def test_held_out_part_is_counted_and_stated(fitted):
    model, _, _ = fitted
    assert (model.history_.n_train, model.history_.n_held_out) == (320, 80)
    assert "set 80 images aside" in str(model.summary())


def test_kept_epoch_has_least_refinement_and_temperature_never_hurts(fitted):
    history = fitted[0].history_
    assert history.best.refinement == min(row.refinement for row in history.rows)
    assert all(row.refinement <= row.log_loss + 1e-9 for row in history.rows)


def test_images_of_the_fit_are_recognised_and_new_ones_are_not(fitted):
    model, images, y = fitted
    assert any(f.code == "RD211" for f in model.diagnose(images[:400], y[:400], n_resamples=20).findings)
    assert not any(f.code == "RD211" for f in model.diagnose(images[400:], y[400:], n_resamples=20).findings)


def test_model_decides(fitted):
    model, images, _ = fitted
    decisions = model.decide(images[400:], costs={"false_positive": 1, "false_negative": 5, "defer": 0.3})
    assert set(decisions.actions) == {"negative", "positive", "defer"}


def test_file_gives_the_same_bits_and_the_same_file(fitted, tmp_path):
    model, images, _ = fitted
    again = load(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.predict_proba(images), model.predict_proba(images))
    assert again.get_params() == model.get_params()
    assert str(again.summary()) == str(model.summary())
    before = (tmp_path / "m").read_bytes()
    assert again.save(tmp_path / "m").read_bytes() == before


@pytest.mark.parametrize(
    "options",
    [
        {"architecture": "resnet", "calibration": "vector", "class_weight": {"a": 1.0, "b": 2.0, "c": 3.0}},
        {"loss": "focal", "loss_options": {"gamma": 2.0}, "calibration": None, "augment": ("shift", "flip")},
    ],
)
def test_file_keeps_architecture_loss_and_layer(tmp_path, options):
    rng = np.random.default_rng(2)
    images, y = rng.integers(0, 255, (120, 12, 10, 3)).astype(np.uint8), np.repeat(["a", "b", "c"], 40)
    model = CNNRiskModel(**{**QUICK, "max_epochs": 1}, **options).fit(images, y)
    again = load(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.predict_proba(images), model.predict_proba(images))
    assert again.classes_.tolist() == ["a", "b", "c"]


def test_same_seed_gives_same_bits_and_leaves_the_caller_generator(marked_images):
    torch.manual_seed(5)
    expected = torch.rand(3)
    options = {**QUICK, "max_epochs": 2, "dropout": 0.3, "augment": ("flip", "shift")}
    first = CNNRiskModel(**options).fit(*marked_images)
    torch.manual_seed(5)
    second = CNNRiskModel(**options).fit(*marked_images)
    assert torch.equal(torch.rand(3), expected)
    images = marked_images[0]
    np.testing.assert_array_equal(first.predict_proba(images), second.predict_proba(images))


def test_rows_of_weight_zero_are_as_if_absent(marked_images):
    images, y = marked_images
    weight = np.where(np.arange(300) % 3 == 0, 0.0, 1.0)
    whole = CNNRiskModel(**QUICK).fit(images, y, weight)
    part = CNNRiskModel(**QUICK).fit(images[weight > 0], y[weight > 0], weight[weight > 0])
    np.testing.assert_array_equal(whole.predict_proba(images), part.predict_proba(images))


def test_names_of_labels_change_nothing(marked_images):
    images, y = marked_images
    numbers = CNNRiskModel(**QUICK).fit(images, y)
    words = CNNRiskModel(**QUICK, event="yes").fit(images, np.array(["no", "yes"])[y])
    np.testing.assert_array_equal(numbers.predict_risk(images), words.predict_risk(images))


def test_class_weights_are_divided_out_of_the_risks(marked_images):
    images, y = marked_images
    options = {**QUICK, "max_epochs": 6}
    weighted = CNNRiskModel(**options, class_weight={0: 1.0, 1: 9.0}).fit(images, y)
    # The weighted network itself says event far too often; the risks that come out do not.
    with torch.no_grad():
        raw = weighted.parts_.network(torch.from_numpy(images)[:, None]).softmax(dim=1)[:, 1].mean()
    assert float(raw) > y.mean() + 0.15
    assert abs(weighted.predict_risk(images).mean() - y.mean()) < 0.1
    decisions = weighted.decide(images, costs={"false_positive": 1, "false_negative": 5})
    assert not any(f.code == "RD309" for f in decisions.findings)


def test_constraint_of_a_loss_is_in_summary_and_findings_and_comes_back_from_the_file(marked_images, tmp_path):
    options = {"recall": 0.999, "multiplier_rate": 0.001}
    model = CNNRiskModel(**QUICK, loss="precision_at_recall", loss_options=options).fit(*marked_images)
    found = [finding for finding in model.findings_ if finding.code == "RD600"]
    # The log ends where the network does: with the epoch that was kept.
    assert f"In epoch {model.history_.best_epoch} the recall was" in found[0].sentence
    assert "precision under a floor of the recall" in str(model.summary())
    assert str(load(model.save(tmp_path / "m")).summary()) == str(model.summary())


def test_own_module_is_copied_fitted_and_not_saved(marked_images, tmp_path):
    images, y = marked_images
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 2))
    before = [p.clone() for p in module.parameters()]
    model = CNNRiskModel(architecture=module, **QUICK).fit(images, y)
    assert all(torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True))
    with pytest.raises(InputError, match="export the network"):
        model.save(tmp_path / "m")


def test_module_of_the_wrong_width_is_refused(marked_images):
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 1))
    with pytest.raises(InputError, match=r"architecture must give logits of shape .* got shape"):
        CNNRiskModel(architecture=module, **QUICK).fit(*marked_images)


def test_groups_are_held_out_whole(marked_images):
    from riskdec.nn.held_out import hold_out

    _, y = marked_images
    groups = np.arange(300) // 6
    held = hold_out(y, 0.2, groups=groups, rng=np.random.default_rng(0))
    assert 0.1 < held.mean() < 0.3
    assert all(len(np.unique(held[groups == g])) == 1 for g in np.unique(groups))


def test_held_out_part_has_each_outcome_in_its_share():
    from riskdec.nn.held_out import hold_out

    codes = np.repeat([0, 1, 2], [1000, 100, 2])
    held = hold_out(codes, 0.25, groups=None, rng=np.random.default_rng(0))
    assert np.bincount(codes[held]).tolist() == [250, 25, 1]


@pytest.mark.parametrize("early", [True, False])
def test_ctrl_c_keeps_best_epoch_or_is_passed_on(marked_images, monkeypatch, early):
    calls = []
    validate = loop.validate

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == (1 if early else 3):
            raise KeyboardInterrupt
        return validate(*arguments)

    monkeypatch.setattr(loop, "validate", interrupted)
    if early:
        with pytest.raises(KeyboardInterrupt):
            CNNRiskModel(**{**QUICK, "max_epochs": 9}).fit(*marked_images)
        return
    model = CNNRiskModel(**{**QUICK, "max_epochs": 9}).fit(*marked_images)
    assert model.history_.ended == "interrupted"
    assert len(model.history_.rows) == 2
    assert "RD612" in {f.code for f in model.findings_}
    assert np.isfinite(model.predict_proba(marked_images[0])).all()


def test_patience_ends_training(marked_images):
    images, _ = marked_images
    noise = np.arange(300) % 2
    model = CNNRiskModel(**{**QUICK, "max_epochs": 40}, patience=2).fit(images, noise)
    history = model.history_
    assert history.ended == "no improvement"
    assert len(history.rows) == history.best_epoch + 2


def test_loss_that_explodes_is_told(marked_images):
    with pytest.raises(InputError, match="learning_rate must be small enough"):
        CNNRiskModel(**{**QUICK, "learning_rate": 1e30, "optimizer": "sgd"}).fit(*marked_images)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((20, 64)), "be images of shape"),
        (np.zeros((20, 3, 64, 64)), "Channels stand last"),
        (np.full((20, 8, 8), np.nan), "be finite .* NaN or inf in image 0 "),
        (np.array([["a"] * 8] * 20)[:, :, None], "hold numbers"),
        ("no_such_folder", "path of a folder"),
    ],
)
def test_images_that_are_none_are_refused(images, words):
    with pytest.raises(InputError, match=words):
        CNNRiskModel(**QUICK).fit(images, np.arange(20) % 2)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("calibration", "isotonic"),
        ("validation_fraction", 0.0),
        ("max_epochs", 0),
        ("augment", "rotate"),
        ("precision", "float16"),
        ("device", "abacus"),
        ("architecture", "huge"),
        ("loss", "hinge"),
        ("dropout", 1.0),
    ],
)
def test_options_that_are_none_are_refused(marked_images, option, value):
    with pytest.raises(InputError):
        CNNRiskModel(**{**QUICK, option: value}).fit(*marked_images)


def test_images_of_another_size_are_refused_in_prediction(fitted):
    with pytest.raises(InputError, match=r"1 channel\(s\) of 8 x 8 pixels; got 1 channel\(s\) of 9 x 8"):
        fitted[0].predict_proba(np.zeros((2, 9, 8), dtype=np.uint8))


def test_weights_that_do_not_fit_are_refused_by_load(fitted):
    header, arrays = fitted[0].to_state()
    arrays["network|body.head.1.bias"] = np.zeros(3, dtype=np.float32)
    with pytest.raises(ModelFileError, match="weights of the network"):
        CNNRiskModel.from_state(header, arrays)


def test_unfitted_model_says_so():
    with pytest.raises(ValueError, match="not fitted yet"):
        CNNRiskModel().predict_proba(np.zeros((1, 8, 8)))


def test_without_torch_model_is_listed_printed_cloned_and_fit_says_what_is_missing():
    code = (
        "import sys\n"
        "class NoTorch:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'torch': raise ModuleNotFoundError('no torch', name='torch')\n"
        "sys.meta_path.insert(0, NoTorch())\n"
        "import riskdec as rd\n"
        "from sklearn.base import clone\n"
        "from riskdec.errors import MissingExtraError\n"
        "model = clone(rd.CNNRiskModel(max_epochs=2)); print(model)\n"
        "try: model.fit([[[0.0]]], [1])\n"
        "except MissingExtraError as err: print(err)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "CNNRiskModel(max_epochs=2)" in found
    assert "pip install 'riskdec[nn]'" in found


def test_clone_and_tags():
    model = clone(CNNRiskModel(augment=("flip",), image_size=(8, 8)))
    assert model.get_params() == CNNRiskModel(augment=("flip",), image_size=(8, 8)).get_params()
    tags = model.__sklearn_tags__()
    assert (tags.input_tags.two_d_array, tags.input_tags.three_d_array) == (False, True)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gpu_gives_nearly_the_same_risks(marked_images):
    images, y = marked_images
    here = CNNRiskModel(**QUICK, device="cpu").fit(images, y).predict_risk(images)
    there = CNNRiskModel(**QUICK, device="cuda").fit(images, y).predict_risk(images)
    np.testing.assert_allclose(here, there, atol=0.02)


def test_history_is_drawn_and_goes_through_a_dictionary(fitted):
    from riskdec.nn import TrainingHistory

    history = fitted[0].history_
    assert TrainingHistory.from_dict(history.to_dict()).rows == history.rows
    assert history.plot().get_xlabel() == "epoch"
    assert len(history.summary().rows) == 3


def test_exported_program_gives_the_same_probabilities(fitted, tmp_path):
    model, images, _ = fitted
    program = torch.export.load(model.export(tmp_path / "model.pt2")).module()
    found = program(torch.from_numpy(images)[:, None].float())
    np.testing.assert_allclose(found.detach().numpy(), model.predict_proba(images), atol=1e-6)
