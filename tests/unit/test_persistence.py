"""What `.save` wrote is read back bit for bit, as the class that wrote it, and nothing else is."""

import json

import numpy as np
import pandas as pd
import pytest

import riskdec
from riskdec import LogisticRiskModel, TabularRiskModel, load
from riskdec._base.modelfile import read_model, write_model
from riskdec.errors import ModelFileError, SeparationWarning

CODES = ["no", "yes"]


@pytest.fixture
def frame(rng):
    n = 120
    dose = rng.normal(size=n)
    dose[::9] = np.nan
    return pd.DataFrame({"dose": dose, "ward": rng.choice(["ä", "b"], n), "id": rng.integers(0, 40, n)})


def labels_of(kind, rng):
    index = (rng.random(120) < 0.4).astype(int)
    return np.array(kind)[index]


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ([0, 1], None),
        ([0, 1], 0),
        ([False, True], None),
        ([1.0, 2.0], 2.0),
        (["no", "yes"], "yes"),
        (np.array(["1", "2"], dtype=object), "1"),
        (np.array([-3, 7], dtype=np.int8), 7),
    ],
)
def test_models_come_back_bit_for_bit(frame, rng, tmp_path, kind, event):
    y = labels_of(kind, rng)
    for model, rows in (
        (TabularRiskModel(event=event), frame),
        (TabularRiskModel(event=event, penalty=None, unseen="error", class_weight="balanced"), frame),
        (LogisticRiskModel(event=event, weight_kind="importance"), frame[["id"]]),
        (LogisticRiskModel(event=event, fit_intercept=False), frame[["id"]].to_numpy()),
    ):
        model.fit(rows, y)
        again = load(model.save(tmp_path / "m"))
        assert type(again) is type(model)
        assert again.get_params() == model.get_params()
        assert again.classes_.dtype == model.classes_.dtype
        assert [type(label) for label in again.classes_.tolist()] == [type(label) for label in model.classes_.tolist()]
        np.testing.assert_array_equal(again.predict_proba(rows), model.predict_proba(rows))
        assert str(again.summary()) == str(model.summary())
        # A file made of what was read is the same file.
        before = (tmp_path / "m").read_bytes()
        assert again.save(tmp_path / "m").read_bytes() == before


def test_class_weights_by_label_come_back_with_their_types(frame, rng, tmp_path):
    for kind, weights in (([0, 1], {0: 1, 1: 3.5}), (["no", "yes"], {"yes": 2})):
        model = TabularRiskModel(class_weight=weights).fit(frame, labels_of(kind, rng))
        assert load(model.save(tmp_path / "m")).class_weight == weights


def test_inference_of_each_kind_comes_back(frame, rng, tmp_path):
    y = labels_of([0, 1], rng)
    model = TabularRiskModel(penalty=None).fit(frame[["dose", "ward"]], y, groups=frame["id"])
    again = load(model.save(tmp_path / "m"))
    for kind in ("model", "robust", "cluster"):
        np.testing.assert_array_equal(again.model_.cov_params(kind), model.model_.cov_params(kind))


def test_separated_and_aliased_fits_come_back(frame, rng, tmp_path):
    y = labels_of([0, 1], rng)
    rows = frame.assign(twin=y)
    with pytest.warns(SeparationWarning):
        model = TabularRiskModel(penalty=None).fit(rows, y)
    again = load(model.save(tmp_path / "m"))
    assert again.model_.separation_ == model.model_.separation_
    assert str(again.summary()) == str(model.summary())


def test_the_file_holds_no_rows(frame, rng, tmp_path):
    y = labels_of([0, 1], rng)
    model = TabularRiskModel().fit(frame, y)
    many = TabularRiskModel().fit(pd.concat([frame] * 20), np.tile(y, 20))
    small, large = (m.save(tmp_path / "m").stat().st_size for m in (model, many))
    # What grows are the digits of counts in findings; the rows themselves would take 100 KB.
    assert abs(large - small) < 400


def test_unfitted_models_are_not_saved(tmp_path):
    for model in (TabularRiskModel(), LogisticRiskModel()):
        with pytest.raises(riskdec.errors.NotFittedError):
            model.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("kind", ["os.system", "RiskFaces", "riskdec.models.LogisticRiskModel", ""])
def test_unknown_kinds_are_refused(tmp_path, kind):
    write_model(tmp_path / "m", kind=kind, header={}, arrays={})
    message = "must hold a model, a calibrator, a policy or a certificate that this riskdec knows; got"
    with pytest.raises(ModelFileError, match=message):
        load(tmp_path / "m")


def test_every_kind_in_the_table_is_a_public_class():
    from riskdec.persistence import _KINDS

    for kind, room in _KINDS.items():
        assert getattr(riskdec, kind).__module__.startswith(room)


def paths_of(value, path=()):
    """Give the path of each entry of nested JSON."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from paths_of(item, (*path, key))


@pytest.mark.parametrize("kind", ["TabularRiskModel", "LogisticRiskModel"])
def test_headers_that_lack_an_entry_are_refused_in_one_sentence(frame, rng, tmp_path, kind):
    y = labels_of([0, 1], rng)
    model = getattr(riskdec, kind)().fit(frame if kind == "TabularRiskModel" else frame[["id"]], y)
    found = read_model(model.save(tmp_path / "m"))
    for path in paths_of(found.header):
        if "options" in path[:-1] or path[-1] == "frame_kind":
            continue  # what the file does not name has its default
        header = json.loads(json.dumps(found.header))
        inner = header
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        write_model(tmp_path / "m", kind=kind, header=header, arrays=found.arrays)
        with pytest.raises(ModelFileError, match=f"must hold the state of a {kind}"):
            load(tmp_path / "m")


def test_a_missing_file_is_a_missing_file(tmp_path):
    for kind in (FileNotFoundError, ModelFileError):
        with pytest.raises(kind, match=r"m must exist; got no such file\. Pass the path under which a model was saved"):
            load(tmp_path / "m")


@pytest.mark.parametrize(
    "entry", [{"has_offset": 1}, {"n_features": 2}, {"n_features": True}, {"feature_names": [3]}, {"fit": None}]
)
def test_a_model_whose_columns_are_none_is_refused(frame, rng, tmp_path, entry):
    model = LogisticRiskModel().fit(frame[["id"]], labels_of([0, 1], rng))
    found = read_model(model.save(tmp_path / "m"))
    write_model(tmp_path / "m", kind=found.kind, header={**found.header, **entry}, arrays=found.arrays)
    with pytest.raises(ModelFileError):
        load(tmp_path / "m")


def test_a_formula_without_its_design_is_refused(frame, rng, tmp_path):
    data = frame.assign(sick=labels_of([0, 1], rng))
    found = read_model(LogisticRiskModel.from_formula("sick ~ id + ward", data).save(tmp_path / "m"))
    write_model(tmp_path / "m", kind=found.kind, header={**found.header, "design": None}, arrays=found.arrays)
    with pytest.raises(ModelFileError, match="must hold its design"):
        load(tmp_path / "m")


def test_calibrators_of_very_many_outcomes_are_tried_in_little_memory(rng, tmp_path):
    import tracemalloc

    logits = rng.normal(size=(4000, 1000))
    calibrator = riskdec.TemperatureCalibrator(input="logit").fit(logits, np.arange(4000) % 1000)
    path = calibrator.save(tmp_path / "m")
    del logits
    tracemalloc.start()
    load(path)
    assert tracemalloc.get_traced_memory()[1] < 100e6
    tracemalloc.stop()


def test_labels_that_are_no_array_are_refused_at_once(tmp_path):
    calibrator = riskdec.IsotonicCalibrator().fit(np.linspace(0.1, 0.9, 40), np.arange(40) % 2)
    found = read_model(calibrator.save(tmp_path / "m"))
    found.header["state"]["learned"]["classes_"] = "x" * 300
    write_model(tmp_path / "m", kind=found.kind, header=found.header, arrays=found.arrays)
    with pytest.raises(ModelFileError, match="IsotonicCalibrator without labels"):
        load(tmp_path / "m")
