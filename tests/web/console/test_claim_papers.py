"""The invoice of a claim by page: dropped, read, compared, added; refused with what to do."""

import io
import re

import pytest
from PIL import Image

from tcma.mdf.papers import reading as paper_reading
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
from tests.invoices.papers import PAPERS, as_columns
from tests.web.desk.conftest import counter  # noqa: F401 - the fixture

INVOICE = as_columns(PAPERS["english pounds"])


@pytest.fixture
def claim(counter):  # noqa: F811 - the fixture
    """The address of a claim that lacks only its invoice."""
    ref = counter.house.proven(counter.house.approved(5_000))
    return counter.alice.post("/console/claims/new", plan=ref).location


def handed_in(counter, claim, content=INVOICE, name="ps-2291.pdf", **how):  # noqa: F811
    return counter.alice.post(f"{claim}/papers", file=(io.BytesIO(content), name), **how)


def read(counter):  # noqa: F811
    with counter.house.db() as work:
        waiting = paper_reading.due_papers(work)
    return [paper_reading.read_paper(counter.house.db, paper) for paper in waiting]


def test_a_dropped_invoice_fills_its_form_and_is_added_by_one_press(counter, claim):  # noqa: F811
    assert handed_in(counter, claim).status == 303
    waiting = counter.alice.get(claim)
    assert "We read ps-2291.pdf." in waiting.words
    assert 'hx-trigger="every 1s"' in waiting.text
    assert read(counter) == ["read"]
    page = counter.alice.get(claim)
    assert "Is it read right?" in page.words
    assert "It is older" not in page.words
    for value in ("Pennant Studio Ltd", "PS-2291", "2026-11-17", "2,940.00", "588.00"):
        assert f'value="{value}"' in page.text
    assert "Read. Compare it." in page.words
    (look,) = re.findall(r'src="(/documents/[^"]+/picture)"', page.text)
    shown = counter.alice.get(look)
    assert (shown.status, shown.data[:4]) == (200, b"\x89PNG")
    handed = re.search(r'href="(/documents/[^"]+)" aria-label="Save ps-2291', page.text)
    assert counter.alice.get(f"{handed[1]}/picture").status == 404


def test_a_claim_begins_with_its_invoice_and_a_file_that_is_none_leaves_it_begun(counter):  # noqa: F811
    ref = counter.house.proven(counter.house.approved(5_000))
    asked = counter.alice.get(f"/console/claims/new?plan={ref}")
    assert "Add the invoice" in asked.words
    begun = counter.alice.post(
        "/console/claims/new", plan=ref, activity="1", file=(io.BytesIO(INVOICE), "ps-2291.pdf")
    )
    claim = begun.location
    assert "We read ps-2291.pdf." in counter.alice.get(claim).words
    assert read(counter) == ["read"]
    assert "Is it read right?" in counter.alice.get(claim).words
    again = counter.alice.post(
        "/console/claims/new", plan=ref, file=(io.BytesIO(b"MZ" + bytes(900)), "paid.exe")
    )
    assert (again.status, again.location) == (303, claim)
    assert "PDF" in counter.alice.get(claim).words


def test_a_picture_as_it_was_handed_in_is_never_drawn_for_a_page(counter, claim):  # noqa: F811
    whole = io.BytesIO()
    Image.effect_noise((900, 700), 90).save(whole, "JPEG")
    handed_in(counter, claim, whole.getvalue()[:90_000], "cut-off.jpg")
    page = counter.alice.get(claim)
    handed = re.search(r'href="(/documents/[^"]+)"', page.text)
    assert counter.alice.get(f"{handed[1]}/picture").status == 404


def test_the_paper_is_confirmed_by_a_person_and_shown_at_the_desk_beside_what_was_entered(
    counter,  # noqa: F811
    claim,
):
    handed_in(counter, claim)
    read(counter)
    page = counter.alice.get(claim)
    paper = page.text.split('name="paper" value="')[1].split('"')[0]
    facts = {"issuer": "Pennant Studio Ltd", "number": "PS-2291", "issued_on": "2026-03-02"}
    sums = {"made_out_to": "Brightwater IT Ltd", "net": "2,940.00", "tax": "588.00"}
    wrong = counter.alice.post(f"{claim}/invoices", paper=paper, **facts, **sums | {"net": "no"})
    assert (wrong.status, "Is it read right?" in wrong.words) == (422, True)
    assert counter.alice.post(f"{claim}/invoices", paper=paper, **facts, **sums).status == 303
    assert counter.alice.post(f"{claim}/submission").status == 303
    desk = counter.mira.get(claim.replace("console", "desk"))
    assert "The paper is of Tue 17 Nov 2026." in desk.words
    assert "From the text of the PDF." in desk.words
    assert "First page of the invoice PS-2291" in desk.text


def test_a_page_that_waits_asks_for_its_part_alone(counter, claim):  # noqa: F811
    handed_in(counter, claim)
    part = counter.alice.client.get(claim, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith('<div id="papers"')
    assert "<html" not in part


def test_a_file_that_is_no_paper_is_refused_at_once_and_a_broken_one_when_it_is_read(
    counter,  # noqa: F811
    claim,
):
    refused = handed_in(counter, claim, b"MZ\x90\x00", "invoice.pdf")
    assert refused.status == 422
    assert "We cannot use this file" in refused.words
    handed_in(counter, claim, b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF", "half.pdf")
    assert read(counter) == ["refused"]
    page = counter.alice.get(claim)
    assert "half.pdf cannot be used." in page.words
    paper = page.text.split('name="paper" value="')[1].split('"')[0]
    assert counter.alice.post(f"{claim}/papers/removal", paper=paper).status == 303
    assert "Add the invoice" in counter.alice.get(claim).words
    assert counter.alice.post(f"{claim}/papers/removal", paper="none").status == 404
