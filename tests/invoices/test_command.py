"""`tcma invoice read`: one file, one answer, exit codes 0 good, 1 refused, 2 misused."""

import json

from tcma.cli.main import main
from tests.invoices.papers import PAPERS, as_columns


def answer(capsys, *words):
    code = main(["invoice", "read", *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_an_invoice_is_read(tmp_path, capsys):
    file = tmp_path / "some name.bin"
    file.write_bytes(as_columns(PAPERS["german two rates"]))
    assert answer(capsys, file) == (
        0,
        {
            "verdict": "accept",
            "reason": "From the text of the PDF.",
            "issuer": "Hallwerk Medien GmbH",
            "number": "RE-2026-0815",
            "date": "2026-05-06",
            "currency": "EUR",
            "net": 1500.0,
            "tax": 225.0,
            "total": 1725.0,
        },
    )


def test_a_file_that_is_no_paper_is_refused(tmp_path, capsys):
    file = tmp_path / "invoice.pdf"
    file.write_bytes(b"MZ\x90")
    code, said = answer(capsys, file)
    assert (code, said["verdict"], said["total"]) == (1, "reject", None)


def test_a_file_that_is_not_there_is_a_misuse(tmp_path, capsys):
    assert answer(capsys, tmp_path / "nothing.pdf")[0] == 2


def test_without_json_it_speaks_in_words(tmp_path, capsys):
    file = tmp_path / "a.pdf"
    file.write_bytes(as_columns(PAPERS["french"]))
    assert main(["invoice", "read", str(file)]) == 0
    assert "number: F2026-118" in capsys.readouterr().out
