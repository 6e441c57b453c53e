"""Files of spreadsheets: semicolons and decimal commas are read as meant, other letters are found by line."""

import pandas as pd
import pytest

from riskdec.cli.dialects import find_dialect
from riskdec.cli.tables import read_as_written, read_table
from riskdec.errors import InputError


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_semicolons_and_decimal_commas_give_the_same_table(tmp_path, name):
    frame = pd.DataFrame({"a": [1.5, -2.25, 3.0], "b": ["x", "y;z", "1,5 mg"], "n": [1, 2, 3]})
    frame.to_csv(tmp_path / name, sep=";", decimal=",", index=False)
    read = read_table(tmp_path / name)
    assert read["a"].tolist() == frame["a"].tolist()
    assert read["b"].tolist() == frame["b"].tolist()
    assert read["n"].tolist() == [1, 2, 3]


def test_semicolons_with_decimal_points_are_read_too(tmp_path):
    path = write(tmp_path / "t.csv", "a;b\n1.5;x\n2.25;y\n")
    assert find_dialect(path) == (";", ".")
    assert read_table(path)["a"].tolist() == [1.5, 2.25]


@pytest.mark.parametrize("point", ["1.234", "1.234,5"])
def test_two_ways_to_write_decimals_are_refused_with_both_places(tmp_path, point):
    path = write(tmp_path / "t.csv", f"a;b\n1,5;2\n3;{point}\n")
    with pytest.raises(InputError, match=rf"one way; got '1,5' in column 'a' and '{point}' in column 'b'"):
        read_table(path)


def test_other_separators_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"must separate its columns with ','; got one column 'a\|b'"):
        read_table(write(tmp_path / "t.csv", "a|b\n1|2\n"))


def test_cells_stay_as_written(tmp_path):
    frame, dialect = read_as_written(write(tmp_path / "t.csv", "a;b\n007;1,50\n"))
    assert frame.iloc[0].tolist() == ["007", "1,50"]
    assert dialect == (";", ",")


def test_letters_of_another_encoding_are_found_by_line(tmp_path):
    path = write(tmp_path / "t.csv", "town,n\nBonn,1\nKöln,2\n", "latin-1")
    with pytest.raises(InputError, match=r"another encoding in line 3, near 'Köln,2'\. .*CSV UTF-8.*iconv -f LATIN1"):
        read_table(path)
    with pytest.raises(InputError, match=r"got UTF-16\. .* iconv -f UTF-16"):
        read_table(write(tmp_path / "u.csv", "a,b\n1,2\n", "utf-16"))


def test_decisions_are_written_as_the_rows_were(run, table, model):
    table.to_csv("semi.csv", sep=";", decimal=",", index=False)
    run("decide", model, "semi.csv", "--costs", "fp=1,fn=4", "--out", "actions.csv")
    run("decide", model, "data.csv", "--costs", "fp=1,fn=4", "--out", "plain.csv")
    written, plain = pd.read_csv("actions.csv", sep=";", decimal=","), pd.read_csv("plain.csv")
    pd.testing.assert_frame_equal(written, plain)
