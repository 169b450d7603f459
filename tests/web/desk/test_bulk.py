"""Files of partners and of parts of a fund at the desk: looked at, imported, undone, and their report."""

import io

PARTS = b"Partner,Amount,Reference\nbrightwater-it,1500.00,Q3-1\n=Nobody,10,Q3-2\n"
PARTNERS = b"Reference,Name,Contact,E-mail\nP-1,Fernhill,Frida Fern,frida@fernhill.example\n"


def sent(visitor, address, content, name):
    return visitor.post(address, file=(io.BytesIO(content), name))


def test_parts_are_looked_at_imported_once_undone_and_reported(counter):
    files = f"/desk/funds/{counter.house.fund_ref}/files"
    assert "No file yet" in counter.finn.get(files).words
    one = sent(counter.finn, files, PARTS, "q3.csv").location
    page = counter.finn.get(one)
    assert "1 part, £1,500.00 in all: ready to import." in page.words
    assert "No enrolled partner is called “=Nobody”." in page.words
    for _ in range(2):
        assert counter.finn.post(f"{one}/doing").status == 303
    assert "1 part, £1,500.00 in all: imported." in counter.finn.get(one).words
    report = counter.finn.get(f"{one}/report.csv").text
    assert report.splitlines()[1:] == [
        "2,Q3-1,brightwater-it,imported",
        "3,Q3-2,'=Nobody,No enrolled partner is called “=Nobody”.",
    ]
    counter.finn.post(f"{one}/undoing")
    assert "This file was undone." in counter.finn.get(one).words
    assert "undone" in counter.finn.get(files).words


def test_partners_come_by_file_and_a_used_one_is_not_undone(counter):
    one = sent(counter.mira, "/desk/partners/files", PARTNERS, "partners.csv").location
    assert "1 partner: ready to import." in counter.mira.get(one).words
    counter.mira.post(f"{one}/doing")
    assert "Fernhill" in counter.mira.get("/desk/partners").words
    fund = counter.house.fund_ref
    counter.finn.post(f"/desk/funds/{fund}/allocations", partner="fernhill", amount="10.00")
    counter.mira.post(f"{one}/undoing")
    page = counter.mira.get(one)
    assert "Fernhill began already" in page.words
    assert "1 partner: imported." in page.words


def test_a_file_that_is_none_is_told_at_its_field_and_a_fund_shows_the_way(counter):
    fund = f"/desk/funds/{counter.house.fund_ref}"
    assert "Allocate by file" in counter.finn.get(fund).all(f'main a[href="{fund}/files"]')
    wrong = sent(counter.finn, f"{fund}/files", b"Partner,Sum\nx,1\n", "x.csv")
    assert wrong.status == 422
    assert "The first row names no column for the reference." in wrong.words
    assert sent(counter.finn, f"{fund}/files", b"", "x.csv").status == 422


def test_a_page_of_many_rows_shows_those_left_out_first_and_the_report_has_all(counter):
    files = f"/desk/funds/{counter.house.fund_ref}/files"
    rows = b"".join(b"brightwater-it,1.00,A-%d\n" % n for n in range(600)) + b"Nobody,1,B-1\n"
    one = sent(counter.finn, files, b"Partner,Amount,Reference\n" + rows, "q4.csv").location
    page = counter.finn.get(one)
    assert "600 parts, £600.00 in all: ready to import." in page.words
    assert "1 row is left out" in page.words
    assert "101 rows follow in the report" in page.words
    assert "No enrolled partner is called “Nobody”." in page.words
    assert len(page.all("tbody tr")) == 500
    report = counter.finn.get(f"{one}/report.csv").text
    assert len(report.splitlines()) == 602
