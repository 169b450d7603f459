"""`tcma leads score evaluate`: one line of JSON, exit 0 for any answer, 2 for misuse."""

import gzip
import json
from pathlib import Path

import pytest

from tcma.cli.main import main
from tests.domain.leads.trained.made import as_csv, halves, leads, leaking

PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "sales_data"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leads")
    train, test = halves(leaking(leads(700, seed=4)))
    (folder / "train.csv.gz").write_bytes(gzip.compress(as_csv(train, separator=";").encode()))
    (folder / "test.csv").write_bytes(b"\xef\xbb\xbf" + as_csv(test).encode())
    return folder


def told(capsys, *words):
    code = main(["leads", "score", "evaluate", *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_it_answers_in_one_line_of_json(files, capsys):
    code, found = told(
        capsys, "--train", files / "train.csv.gz", "--test", files / "test.csv",
        "--target", "won", "--drop", "Town, Vendor",
    )  # fmt: skip
    assert code == 0
    assert found["auc"] > 0.6
    assert found["ranking_shown"] is True
    assert set(found["refused_columns"]) == {"duration", "close_date", "Account no", "x7"}
    assert {"brier", "average_precision", "lift_10"} <= set(found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--train", "none.csv", "--test", "test.csv", "--target", "won"), "no such file"),
        (("--train", "train.csv.gz", "--test", "test.csv", "--target", "Won"), "no column Won"),
        (("--train", "train.csv.gz", "--test", "test.csv", "--target", "Vendor"), "one value only"),
        (
            ("--train", "train.csv.gz", "--test", "test.csv", "--target", "won", "--drop", "Seats"),
            "no column Seats",
        ),
    ],
)
def test_misuse_is_exit_two_with_a_sentence(files, capsys, monkeypatch, words, said):
    monkeypatch.chdir(files)
    code, found = told(capsys, *words)
    assert code == 2
    assert said in found["message"]


def test_a_file_that_is_no_table_is_found_wrong(files, capsys):
    (files / "broken.csv").write_bytes(b"\x1f\x8bnot gzip")
    code, found = told(
        capsys, "--train", files / "broken.csv", "--test", files / "test.csv", "--target", "won"
    )
    assert (code, found["error"]) == (1, "score.table")


def test_public_data_where_they_are_there_lose_exactly_their_leaking_columns():
    from tcma.leads.trained.leakage import guard
    from tcma.leads.trained.table import kind_of, read_table, target_of

    listed = PUBLIC / "README.json"
    if not listed.exists():
        pytest.xfail(f"the public sets are not here: {PUBLIC}")
    sets = json.loads(listed.read_text())
    for one in (s for s in sets if s["target"]):
        table = read_table(PUBLIC / f"{one['name']}_train.csv.gz")
        y = target_of(table.columns[one["target"]], name=one["target"])
        rest = table.without([one["target"]])
        kinds = {name: kind_of(name, cells) for name, cells in rest.columns.items()}
        refused = {r.column for r in guard(rest, y, kinds, target=one["target"]).refused}
        assert set(one["leaking_columns"]) <= refused, one["name"]
        assert refused <= {*one["leaking_columns"], *one["id_columns_dropped"]}, one["name"]
