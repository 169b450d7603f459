"""What the rules of a claim ask besides proofs is asked on its page: how it went, results, kinds, an order number."""

import io

from tests.domain.mdf.conftest import a_pdf, house  # noqa: F401 - the fixture
from tests.domain.mdf.test_questions import CAPPED, account, asked, asking
from tests.domain.mdf.test_stages import ruled
from tests.web.desk.conftest import counter  # noqa: F401 - the fixture

PAPER = {
    "issuer": "Pennant Studio",
    "number": "PS-1",
    "issued_on": "2026-04-08",
    "made_out_to": "Brightwater IT Ltd",
    "net": "500.00",
    "tax": "100.00",
}


def a_paper(mark="a"):
    return {"file": (io.BytesIO(a_pdf(mark)), "invoice.pdf")}


def test_a_claim_with_questions_is_filed_by_page(counter):  # noqa: F811
    asking(counter.house)
    ref = asked(counter.house, place="Leeds", objective="Thirty meetings")
    counter.alice.post(f"/console/fund-requests/{ref}/submission")
    assert "Thirty meetings" in counter.finn.get(f"/desk/fund-requests/{ref}").words
    counter.finn.post(f"/desk/fund-requests/{ref}/approval", amount="800.00")
    counter.house.db.clock.at = counter.house.db.clock.at.replace(month=4, day=10)
    alice = counter.visitor(counter.house.alice)
    counter.house.proven(ref)
    account(counter.house, "GB980780684")
    claim = alice.post("/console/claims/new", plan=ref).location
    said = {"answers-0-name": "place", "answers-0-value": "Leeds", "results": "Twelve meetings."}
    assert alice.post(f"{claim}/outcome", **said).status == 303
    paper = alice.post(f"{claim}/invoices", **PAPER, **a_paper(), order_number=ref, shown="tax_id")
    assert paper.status == 303
    assert "The case file is complete." in alice.get(claim).words
    alice.post(f"{claim}/submission")
    desk = counter.mira.get(claim.replace("console", "desk"))
    assert "All nine checks passed." in desk.words
    assert "Twelve meetings." in desk.words
    assert f"Order number {ref} as asked" in desk.words


def test_the_parts_of_an_invoice_come_back_at_their_row_and_count_by_kind(counter):  # noqa: F811
    ruled(counter.house, CAPPED)
    ref = counter.house.proven(counter.house.approved(800))
    claim = counter.alice.post("/console/claims/new", plan=ref).location
    facts = PAPER | {"issued_on": "2026-03-03"}
    none = counter.alice.post(f"{claim}/invoices", **facts, **a_paper())
    assert (none.status, "Choose what it is for." in none.words) == (422, True)
    part = {"kind": "other", "parts-0-kind": "catering", "parts-0-amount": "600.00"}
    much = counter.alice.post(f"{claim}/invoices", **facts, **part, **a_paper())
    assert "The parts are more than the net of the invoice." in much.words
    counter.alice.post(
        f"{claim}/invoices", **facts, **part | {"parts-0-amount": "300.00"}, **a_paper()
    )
    page = counter.alice.get(claim)
    assert "Catering: £100.00 of £300.00 counts." in page.words
    assert "£300.00" in page.words
