"""`riskdec report`: one page with the whole study of a model on rows it has not seen."""

from pathlib import Path


def test_the_page_holds_every_part_and_the_answers_are_those_of_python(run, run_json, data, model, later):
    later.to_csv("later.csv", index=False)
    words = ["report", model, "later.csv", "--target", "died", "--costs", "fp=1,fn=4,defer=0.3", "--by", "ward"]
    answer = run_json(*words, "--groups", "person", "--title", "Wards", "--out", "study.html")
    text = Path("study.html").read_text("utf-8")
    assert "<h1>Wards</h1>" in text
    assert "What your costs make of these risks" in text
    assert len(text) < 1_000_000
    assert set(answer) == {"calibration", "subgroups", "decisions", "evaluation", "out"}
    assert answer["evaluation"]["mean_realised_cost"] > 0
    printed = run(*words, "--out", "study.html").stdout
    assert "The page is at study.html." in printed


def test_the_costs_are_needed_and_the_target_is_no_group(run, data, model):
    base = ["report", model, data, "--target", "died", "--out", "study.html"]
    assert "--costs" in run(*base, code=2).stderr
    result = run(*base, "--costs", "fp=1,fn=4", "--by", "died", code=2)
    assert "--by must name another column than the target" in result.stderr
