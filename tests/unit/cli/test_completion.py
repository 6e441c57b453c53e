"""What a tab offers: columns and labels of the table on the line."""

import pandas as pd
import pytest
from click.shell_completion import ShellComplete

from riskdec.cli import main


def offered(*words, incomplete=""):
    found = ShellComplete(main, {}, "riskdec", "_RISKDEC_COMPLETE").get_completions(list(words), incomplete)
    return [(item.type, item.value) for item in found]


@pytest.fixture(params=["t.csv", "t.csv.gz", "t.tsv", "t.parquet", "semi.csv"])
def table_file(request, tmp_path):
    frame = pd.DataFrame({"age": [50, 60], "a\x1b[31mb": [1, 2], "died": ["no", "yes"]})
    path = tmp_path / request.param
    if path.suffix == ".parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep={"t.tsv": "\t", "semi.csv": ";"}.get(request.param, ","))
    return str(path)


def test_commands_and_files_are_offered():
    assert ("plain", "diagnose") in offered(incomplete="di")
    assert offered("fit", incomplete="da") == [("file", "da")]


@pytest.mark.parametrize("option", ["--target", "--groups", "--drop", "--sample-weight", "--risk"])
def test_columns_are_those_of_the_table_and_steer_nothing(table_file, option):
    assert offered("fit", table_file, option) == [("plain", "age"), ("plain", "died")]
    assert offered("diagnose", "m.riskdec", table_file, "--target", incomplete="d") == [("plain", "died")]


def test_events_are_the_values_of_the_target(table_file):
    assert offered("fit", table_file, "--target", "died", "--event") == [("plain", "no"), ("plain", "yes")]


def test_costs_are_begun_and_files_offered():
    assert offered("decide", "m", "d", "--costs") == [("plain", "fp=1,fn="), ("file", "")]
    assert offered("decide", "m", "d", "--costs", incomplete="co") == [("file", "co")]


def test_a_table_that_cannot_be_read_offers_nothing(tmp_path):
    (tmp_path / "t.csv").write_bytes("ä".encode("latin-1"))
    for name in ("t.csv", "none.csv"):
        assert offered("fit", str(tmp_path / name), "--target") == []
