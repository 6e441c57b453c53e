"""What commands write: checked paths, harmless cells, whole files."""

import gzip

import numpy as np
import pandas as pd
import pytest

from riskdec.cli.output import check_output, neutralise, show, write_table
from riskdec.cli.tables import ENDINGS
from riskdec.errors import InputError

FRAME = pd.DataFrame(
    {
        "text": ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "fine", "a=b", "", None],
        "number": [-1.5, 0.1 + 0.2, 1e-300, np.nan, 0, 1, 2, 3, 4, 5, 6],
        "whole": pd.array([-1, None, *range(9)], dtype="Int64"),
        "category": pd.Categorical(["=a", "b"] * 5 + [None]),
        "mixed": pd.Series([-1, "-1", True, None, *range(7)], dtype=object),
        "flag": pd.array([True, None] + [False] * 9, dtype="boolean"),
        "=head": range(11),
    }
)


def test_text_cells_are_neutralised_and_numbers_left_alone():
    quiet = neutralise(FRAME)
    text = quiet["text"].tolist()
    assert text[:9] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "'\nx", "fine", "a=b"]
    assert pd.isna(text[10])
    assert quiet["category"].tolist()[:2] == ["'=a", "b"]
    assert quiet["mixed"].tolist()[:3] == [-1, "'-1", True]
    assert quiet.columns.tolist() == [*FRAME.columns[:-1], "'=head"]
    for name in ("number", "whole", "flag"):
        pd.testing.assert_series_equal(quiet[name], FRAME[name])
    assert FRAME["text"][0] == "=1+1"


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tx", "\rx"),
        *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x"),
        *(" =1+1", "   @x", "\u00a0=1", "\u3000=1", "\u200b=1", "\ufeff=1", "\u200e \uff1d1", "\u00ad+1"),
        *("\u202e=1", "\x00=1", "\x7f=1", "\u180e=1", "\u3164=1", "\ufe0f=1", "\U000e0020=1", "\ufe66 1", "\ufe631"),
    ],
)
def test_a_cell_that_some_spreadsheet_would_run_is_text(cell):
    frame = pd.DataFrame({cell: [cell], "category": pd.Categorical([cell]), "number": [-1]})
    quiet = neutralise(frame)
    assert quiet.columns[0] == f"'{cell}"
    assert quiet.iloc[0].tolist() == [f"'{cell}", f"'{cell}", -1]


@pytest.mark.parametrize("cell", ["a=b", "1-2", " a", "\u00a0x", "'=1", "", "x@y", "\u2212 1"])
def test_other_cells_stay(cell):
    assert neutralise(pd.DataFrame({"a": [cell]}))["a"].tolist() == [cell]


def test_names_that_become_the_same_keep_their_columns():
    quiet = neutralise(pd.DataFrame({"=a": [1], "'=a": [2]}))
    assert quiet.to_numpy().tolist() == [[1, 2]]


def test_numbers_held_as_text_are_left_alone_when_named():
    frame = pd.DataFrame({"a": ["-5", "+7"], "b": ["-5", "x"]})
    assert neutralise(frame, numbers={"a"}).to_dict("list") == {"a": ["-5", "+7"], "b": ["'-5", "x"]}


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.csv.gz", "t.tsv.gz"])
def test_written_text_reads_back(tmp_path, name):
    write_table(FRAME, tmp_path / name)
    again = pd.read_csv(tmp_path / name, sep="\t" if "tsv" in name else ",")
    np.testing.assert_array_equal(again["number"], FRAME["number"])
    assert again["text"][0] == "'=1+1"
    raw = (tmp_path / name).read_bytes()
    raw = gzip.decompress(raw) if name.endswith("gz") else raw
    # A whole number beside missing ones stays whole.
    assert b"-1.0" not in raw


def test_the_same_table_is_the_same_bytes(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write_table(FRAME, tmp_path / name)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_parquet_keeps_values_and_types(tmp_path):
    frame = FRAME.drop(columns="mixed")
    write_table(frame, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), frame)


def test_output_is_checked_before_any_work(tmp_path):
    (tmp_path / "in.csv").write_text("a\n1\n")
    check_output(None)
    check_output(tmp_path / "out.csv", endings=ENDINGS, inputs=[tmp_path / "in.csv", tmp_path / "none"])
    check_output(tmp_path / "OUT.CSV", endings=ENDINGS)
    check_output(tmp_path / "model")
    for path, message in (
        (tmp_path / "no" / "out.csv", "must lie in a folder that exists; got no folder"),
        (tmp_path, "must be a file to write; got a folder"),
        (tmp_path / "out.xlsx", r"must end with .csv or .csv.gz or .tsv or .tsv.gz or .parquet; got 'out.xlsx'"),
        (tmp_path / "in.csv", "must not be one of the files that are read"),
    ):
        with pytest.raises(InputError, match=message):
            check_output(path, endings=ENDINGS, inputs=[tmp_path / "in.csv"])


def test_show_prints_text_or_json(capsys):
    show("a \x1b[2J b\n", {"a": 1}, as_json=False)
    assert capsys.readouterr().out == "a �[2J b\n\n"
    show("text", {"a": [1, None, "ü"]}, as_json=True)
    assert capsys.readouterr().out == '{\n  "a": [\n    1,\n    null,\n    "\\u00fc"\n  ]\n}\n'
