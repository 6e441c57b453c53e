"""Reading the user's files: types kept, and errors that show what was meant."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskdec.cli.columns import find_event, plain_array, take_column, take_target
from riskdec.cli.tables import read_table
from riskdec.errors import InputError

FRAME = pd.DataFrame({"id": ["01", "x"], "n": pd.array([3, None], dtype="Int64"), "share": [0.1 + 0.2, 1e-17]})


def write(path, content):
    path.write_text(content, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.CSV", "t.tsv", "t.csv.gz", "t.tsv.gz", "t.parquet"])
def test_every_format_gives_the_same_table(tmp_path, name):
    path = tmp_path / name
    if name.endswith("parquet"):
        FRAME.to_parquet(path)
    else:
        FRAME.to_csv(path, index=False, sep="\t" if "tsv" in name else ",")
    frame = read_table(path)
    assert frame["id"].tolist() == ["01", "x"]
    # Beside a missing value, whole numbers stay whole, and decimals are read to the last bit.
    assert frame["n"][0] == 3
    assert isinstance(frame["n"][0], (int, np.integer))
    assert pd.isna(frame["n"][1])
    assert frame["share"].tolist() == FRAME["share"].tolist()


def test_parquet_keeps_the_order_of_categories_and_forgets_the_index(tmp_path):
    frame = pd.DataFrame({"c": pd.Categorical(["a", "b"], categories=["b", "a"])}, index=[7, 8])
    frame.to_parquet(tmp_path / "t.parquet")
    again = read_table(tmp_path / "t.parquet")
    assert again["c"].cat.categories.tolist() == ["b", "a"]
    assert again.index.tolist() == [0, 1]
    assert again.columns.tolist() == ["c"]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    (tmp_path / "t.csv").write_bytes("\ufeffa,b\n1,2\n".encode())
    assert read_table(tmp_path / "t.csv").columns.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "", "must hold a header and at least one row; got an empty file"),
        ("t.csv", "a,b\n", "must hold at least one row; got a header without rows"),
        ("t.csv", "a,b,a,b\n1,2,3,4\n", "must name each column once; got two columns named 'a', 'b'. Rename"),
        ("t.tsv", "a,b\n1,2\n", None),
        ("t.csv", "a,b\n1,2\n3,4,5\n", "Expected 2 fields in line 3, saw 3"),
        (
            "t.csv",
            "a,b\n1,2,3\n4,5,6\n",
            "must be readable as CSV or TSV; got Length of header .* as many fields as the header",
        ),
        ("t.csv", 'a,b\n1,"2\n', "must be readable as CSV or TSV; .* closes its quotes"),
        ("t.xlsx", "a", r"must end with .csv, .csv.gz, .tsv, .tsv.gz, .parquet; got 't.xlsx'"),
        ("t.csv.gz", "a,b\n1,2\n", "Not a gzipped file .* copy it again"),
        ("t.parquet", "a,b\n1,2\n", "must be readable as Parquet; got .* Write it again"),
    ],
)
def test_files_that_cannot_be_read_are_explained(tmp_path, name, content, message):
    path = write(tmp_path / name, content)
    if message is None:
        assert read_table(path).columns.tolist() == ["a,b"]
        return
    with pytest.raises((InputError, OSError), match=message):
        read_table(path)


def test_cut_gzip_and_other_encodings_are_explained(tmp_path):
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)
    (tmp_path / "t.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="must be readable as CSV or TSV; .* copy it again"):
        read_table(tmp_path / "t.csv.gz")
    (tmp_path / "t.csv").write_bytes("a,b\nö,1\n".encode("latin-1"))
    with pytest.raises(InputError, match="must be text in UTF-8"):
        read_table(tmp_path / "t.csv")


def test_a_file_that_is_not_there_is_suggested(tmp_path):
    write(tmp_path / "german_credit.csv.gz", "")
    with pytest.raises(InputError, match="got no such file. Did you mean 'german_credit.csv.gz'?"):
        read_table(tmp_path / "german_credit.csv")
    with pytest.raises(InputError, match=r"must exist; got no such file\. Check the path\.$"):
        read_table(tmp_path / "quite" / "different.csv")
    with pytest.raises(InputError, match=r"must be a file; got a folder\. Name a file in it\."):
        read_table(tmp_path)
    with pytest.raises(InputError, match="must exist"):
        read_table(Path("http://example.org/data.csv"))


def test_a_column_that_is_not_there_is_suggested():
    with pytest.raises(InputError) as caught:
        take_column(FRAME, "shre", option="--target")
    assert str(caught.value) == (
        "--target must name a column; got 'shre'. Did you mean 'share'? The columns are: id, n, share."
    )


def test_a_target_with_missing_values_is_counted():
    with pytest.raises(
        InputError, match="the target 'n' must have a value in each row; got none in row 2 .1 of 2 rows."
    ):
        take_target(FRAME, "n")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.array([1, 2], dtype="Int64"), "i"),
        (pd.array([1, 2], dtype="UInt8"), "i"),
        (pd.array([True, False], dtype="boolean"), "b"),
        (pd.array([0.5, 1.5], dtype="Float64"), "f"),
        (pd.array(["a", "b"], dtype="string"), "O"),
        (pd.Categorical(["a", "b"]), "O"),
    ],
)
def test_columns_become_plain_arrays(values, kind):
    array = plain_array(pd.Series(values))
    assert array.dtype.kind == kind
    assert array.tolist() == list(values)


@pytest.mark.parametrize(
    ("labels", "text", "event"),
    [
        (np.array([0, 1]), None, 1),
        (np.array([0, 1]), "1", 1),
        (np.array([0.0, 1.0]), "1", 1.0),
        (np.array([0, 1]), "0", 0),
        (np.array([False, True]), "True", True),
        (np.array([False, True]), "1", True),
        (np.array(["no", "yes"], dtype=object), "yes", "yes"),
        (np.array(["1", "2"], dtype=object), "1", "1"),
        (np.array([1, 2]), "2.0", 2),
    ],
)
def test_the_event_is_found_by_its_text(labels, text, event):
    found = find_event(labels, text, target="y")
    assert found == event
    assert type(found) is type(event)


def test_an_event_that_does_not_occur_shows_the_values():
    with pytest.raises(InputError, match=r"--event must be one of the values of 'y' \(no, yes\); got 'maybe'"):
        find_event(np.array(["no", "yes"], dtype=object), "maybe", target="y")
    with pytest.raises(InputError, match="event must be given"):
        find_event(np.array(["no", "yes"], dtype=object), None, target="y")
