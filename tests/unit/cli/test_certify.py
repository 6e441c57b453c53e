"""`riskdec certify`: a zone with a promise, kept in a file, used by `riskdec decide`."""

from pathlib import Path

import pandas as pd

import riskdec as rd


def test_a_certificate_is_written_and_decides_new_rows(run, run_json, data, model, later):
    later.to_csv("later.csv", index=False)
    words = ["certify", model, "later.csv", "--target", "died", "--max-error", "0.3", "--out", "zone.json"]
    answer = run_json(*words)
    certificate = rd.DeferralCertificate.from_json(Path("zone.json").read_text())
    fitted = rd.load(model)
    wanted = fitted.certify_deferral(later.drop(columns="died"), later["died"], max_error=0.3)
    assert (certificate.low, certificate.high) == (wanted.low, wanted.high)
    assert answer["n"] == 400
    run("decide", model, data, "--certificate", "zone.json", "--out", "actions.csv")
    written = pd.read_csv("actions.csv")
    assert written.columns.tolist()[-2:] == ["risk", "action"]
    decided = certificate.apply(written["risk"])
    assert written["action"].tolist() == list(decided.action)
    words = ["decide", model, data, "--certificate", "zone.json", "--out", "again.csv", "--html", "page.html"]
    said = run(*words).stdout + Path("page.html").read_text(encoding="utf-8")
    for invented in ("you said", "expected to cost", "Mean expected cost"):
        assert invented not in said


def test_nothing_certified_ends_with_one(run, data, model, later):
    later.iloc[:40].to_csv("later.csv", index=False)
    words = ["certify", model, "later.csv", "--target", "died", "--max-error", "0.01", "--out", "zone.json"]
    assert "RD310" in run(*words, code=1).stdout


def test_costs_and_certificates_exclude_each_other(run, data, model):
    base = ["decide", model, data, "--out", "actions.csv"]
    for words in ((), ("--costs", "fp=1,fn=2", "--certificate", "zone.json")):
        assert "one of --costs, --certificate and --risks-only must be given" in run(*base, *words, code=2).stderr
    Path("zone.json").write_text("{}")
    assert "must be a riskdec deferral certificate" in run(*base, "--certificate", "zone.json", code=2).stderr
    assert "must exist" in run(*base, "--certificate", "none.json", code=2).stderr
