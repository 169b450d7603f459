"""A table is read as it was meant, whatever wrote it."""

import gzip

import numpy as np
import pytest

from tcma.errors import Invalid
from tcma.leads.trained.table import Kind, days_of, kind_of, numbers_of, read_table, target_of


def written(tmp_path, data):
    path = tmp_path / "leads.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        b"Size,Won\n50,1\n200,0\n",
        b"\xef\xbb\xbfSize;Won\r\n50;1\r\n200;0\r\n",
        b"Size\tWon\n50\t1\n200\t0\n\n",
        "Size|Won\n50|1\n200|0\n".encode("utf-16"),
        gzip.compress(b"Size , Won\n 50 , 1\n 200 , 0\n", mtime=0),
        b'Size,Won\n"50",1\n200,0',
        b"sep=;\r\nSize;Won\r\n50;1\r\n200;0\r\n",
        '"sep=\t"\nSize\tWon\n50\t1\n200\t0\n'.encode("utf-16"),
    ],
)
def test_mark_separator_and_packing_make_no_difference(tmp_path, data):
    table = read_table(written(tmp_path, data))
    assert table.columns == {"Size": ["50", "200"], "Won": ["1", "0"]}


def test_letters_of_an_old_machine_and_short_rows_are_read(tmp_path):
    table = read_table(written(tmp_path, "Ort,Größe,Won\nKöln,5\nBonn,7,1\n".encode("cp1252")))
    assert table.columns == {"Ort": ["Köln", "Bonn"], "Größe": ["5", "7"], "Won": ["", "1"]}


def test_two_columns_of_one_name_are_both_kept(tmp_path):
    assert list(read_table(written(tmp_path, b"a,a,b\n1,2,3\n")).columns) == ["a", "a (2)", "b"]


@pytest.mark.parametrize(
    "data", [b"", b"one\n1\n", b"a,b\n", b"\x1f\x8bbroken", b"\0\0\0,\0\n1,2\n"]
)
def test_what_is_no_table_is_refused_in_words(tmp_path, data):
    with pytest.raises(Invalid, match="cannot be read as a table"):
        read_table(written(tmp_path, data))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["Gewonnen", "Verloren"], [1, 0]),
        (["Closed-Won", "Closed-Lost"], [1, 0]),
        (["yes", "No", ""], [1, 0, None]),
        (["TRUE", "false"], [1, 0]),
        (["1.0", "0.0"], [1, 0]),
        (["Won", "Lost"], [1, 0]),
        (["won", "still open"], [1, 0]),
        (["ja", "nein"], [1, 0]),
    ],
)
def test_a_target_is_yes_and_no_in_many_words(cells, expected):
    found = [None if np.isnan(v) else int(v) for v in target_of(cells, name="Won")]
    assert found == expected


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1", "1"], "one value only"),
        (["", ""], "not a yes or no"),
        (["a", "b", "c"], "not a yes or no"),
        (["red", "blue"], "not a yes or no"),
    ],
)
def test_a_target_that_is_no_yes_or_no_is_misuse(cells, said):
    with pytest.raises(Invalid, match=said) as caught:
        target_of(cells, name="Won")
    assert caught.value.code.startswith("config.")


MANY = range(60)


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("Seats", [str(n % 7) for n in MANY], Kind.NUMBER),
        ("Income", [f"{n * 1000},50 €" for n in MANY], Kind.NUMBER),
        ("Sector", [("dental", "retail", "")[n % 3] for n in MANY], Kind.CATEGORY),
        ("Came", [f"2026-01-{n % 28 + 1:02}" for n in MANY], Kind.DATE),
        ("Came", [f"{n % 28 + 1:02}.01.2026" for n in MANY], Kind.DATE),
        ("start date", [f"202601{n % 28 + 1:02}" for n in MANY], Kind.DATE),
        ("Lead Number", [str(660_000 + n * 7) for n in MANY], Kind.ID),
        ("customerID", [f"X{n}-QQ" for n in MANY], Kind.ID),
        ("Notes", [f"they asked for {n} desks" for n in MANY], Kind.TEXT),
        ("Vendor", ["Corbelane" for _ in MANY], Kind.CONSTANT),
        ("Agreed", [("yes", "")[n % 2] for n in MANY], Kind.CATEGORY),
    ],
)
def test_a_column_is_what_stands_in_it(name, cells, kind):
    assert kind_of(name, cells) is kind


def test_numbers_are_read_as_they_are_written_at_home_and_abroad():
    assert numbers_of(["1.234,5", "2,5"]).tolist() == [1234.5, 2.5]
    assert numbers_of(["$1,234.50", "7 %", ""])[:2].tolist() == [1234.5, 7.0]
    assert np.isnan(numbers_of(["unknown", "inf"])).all()


def test_days_keep_their_order():
    assert np.diff(days_of(["31.01.2026", "01.02.2026", ""])[:2]).tolist() == [1.0]
