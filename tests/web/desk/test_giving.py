"""Finance settles without the bank, and the partner reads what it got, under which number."""

import pypdfium2

from tests import builders
from tests.domain.mdf.test_repaying import decided
from tests.domain.mdf.test_ways import way_of

LINES = "As a credit memo"


def test_a_credit_is_given_on_the_desk_and_read_by_its_partner(counter):
    house = counter.house
    bank = decided(house, "1", 900)
    ref = way_of(house, decided(house, "2", 500), "credit")
    listed = counter.finn.get("/desk/payments")
    assert LINES in listed.words
    mixed = counter.finn.post("/desk/payments", claims=[bank, ref])
    assert (mixed.status, "A batch is settled one way." in mixed.words) == (422, True)
    batch = counter.finn.post("/desk/payments", claims=ref).location
    page = counter.finn.get(batch)
    assert "Each claim gets its number and its paper" in page.words
    assert "Write the bank’s file" not in page.words
    assert counter.alice.post(f"{batch}/giving", note="").status in {403, 404}
    assert counter.finn.post(f"{batch}/giving", note="Off the next invoice.").status == 303
    assert "CRN-2026-0001" in counter.finn.get(batch).words
    pay = batch.rpartition("/")[2]
    assert (
        "credited on your account on Mon 2 Mar"
        in counter.alice.get("/console/funds/payments").words
    )
    advice = counter.alice.get(f"/console/funds/payments/{pay}")
    for words in ("Quillon settled £500.00 for you", "CRN-2026-0001", "Off the next invoice."):
        assert words in advice.words
    assert "Onto account" not in advice.words
    paper = next(link for link in advice.links() if link.startswith("/documents/"))
    file = counter.alice.client.get(counter.alice.get(paper).location)
    text = pypdfium2.PdfDocument(file.data)[0].get_textpage().get_text_range()
    assert all(w in text for w in ("Credit memo CRN-2026-0001", ref, "£500.00", "Quillon credits"))
    with house.db() as work:
        charlie = builders.charlie(work, house.vendor)
    stranger = counter.visitor(charlie)
    for path in (paper, f"/console/funds/payments/{pay}"):
        assert stranger.get(path).status == 404
    claim = counter.alice.get(f"/console/claims/{ref}")
    assert "A credit on your account with the vendor" in claim.words
    shown = [
        *(counter.alice.get(path) for path in (f"/console/claims/{ref}", "/console/claims")),
        counter.alice.get("/console/funds"),
        *(counter.finn.get(path) for path in (f"/desk/claims/{ref}", batch)),
        counter.finn.get("/desk/payments"),
        counter.finn.get("/desk/claims?state=paid"),
    ]
    for each in shown:
        pills = [pill.text() for pill in each.tree.css(".pill")]
        assert "Settled" in pills, pills
        assert "Paid" not in pills, pills
    sheet = counter.alice.client.get(f"/console/funds/payments/{pay}.pdf")
    text = pypdfium2.PdfDocument(sheet.data)[0].get_textpage().get_text_range()
    assert "Credited on your account" in text


def test_a_code_without_a_word_of_its_use_is_refused_at_its_field(counter):
    ref = way_of(counter.house, decided(counter.house, "1", 500), "discount")
    batch = counter.finn.post("/desk/payments", claims=ref).location
    refused = counter.finn.post(f"{batch}/giving", note="")
    assert (refused.status, "Say how the code is used." in refused.words) == (422, True)
    assert counter.finn.post(f"{batch}/giving", note="Enter it at checkout.").status == 303
    assert "DSC-2026-0001" in counter.finn.get(batch).words
