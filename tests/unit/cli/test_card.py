"""`riskdec card`: the card of a model file, with what people answered and what later rows showed."""

from pathlib import Path


def test_a_card_is_written_from_model_rows_and_answers(run, run_json, data, model):
    Path("answers.toml").write_text('purpose = "Who needs a second look."\n')
    words = ["card", model, "--title", "Ward deaths", "--data", data, "--target", "died", "--looks", "2"]
    answer = run_json(*words, "--costs", "fp=1,fn=5,defer=0.4", "--answers", "answers.toml", "--out", "card.md")
    text = Path("card.md").read_text("utf-8")
    assert text.startswith("---\nlibrary_name:")
    assert "Who needs a second look." in text
    assert "used in 2 analyses" in text
    assert answer["out"] == "card.md"
    assert "Intended use and users" not in answer["open_items"]
    assert "Source of data" in answer["open_items"]
    assert "The card is at card.md." in run(*words, "--out", "card.md").stdout


def test_what_cannot_be_read_is_refused(run, data, model):
    Path("answers.toml").write_text("purpose = 3\n")
    base = ["card", model, "--title", "T", "--out", "card.md"]
    assert "purpose in answers.toml must be text; got int" in run(*base, "--answers", "answers.toml", code=2).stderr
    Path("answers.toml").write_text("purpose\n")
    assert "must be a TOML file" in run(*base, "--answers", "answers.toml", code=2).stderr
    assert "--target must be given with --data" in run(*base, "--data", data, code=2).stderr
    assert "must end with .md" in run("card", model, "--title", "T", "--out", "card.txt", code=2).stderr
    assert not Path("card.md").exists()
