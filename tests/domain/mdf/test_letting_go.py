"""Papers of claims go by the rules of their fund; rows, sums and what others keep stay."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.db.documents import Document
from tcma.mdf import queries
from tcma.mdf.case_files import letting_go
from tcma.mdf.claims import filing
from tcma.mdf.claims import views as claim_views
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import Invoice, Proof
from tcma.mdf.models.papers import InvoicePaper
from tcma.mdf.paper_line import READ, REFUSED
from tcma.mdf.papers import reading
from tcma.mdf.payments import batches
from tests.invoices.papers import PAPERS, as_columns

from .conftest import a_pdf
from .test_case_export import exported, parts
from .test_stages import ruled

KEPT = {"[claim]\n": '[claim]\npapers_kept = "2 years"\n'}


def paid(house, plan, *invoices):
    ref = house.decided(house.claimed(plan, *invoices), close=False)
    with house.db(house.finn) as work:
        claim = queries.claim_by_ref(work.session, house.finn, ref)
        batch = batches.make_batch(work, [claim])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="B")
    return ref


def turn(house):
    with house.db() as work:
        return letting_go.let_go(work)


def files(house):
    """File name → whether its row says removed, and whether its bytes are there."""
    with house.db() as work:
        rows = work.session.scalars(
            select(Document).where(
                Document.id.in_(select(Invoice.document_id).union(select(Proof.document_id)))
            )
        )
        return {
            row.file_name: (row.removed_at is not None, house.db.files.exists(row.key))
            for row in rows
        }


def test_two_years_after_the_last_act_papers_go_and_the_row_says_so(house):
    ruled(house, "", into=KEPT)
    house.db.clock.at = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    plan = house.proven(house.approved(800))
    ref = paid(house, plan, ("1", 300))
    house.db.clock.at = datetime(2028, 3, 3, 23, 59, 59, tzinfo=UTC)
    assert turn(house) == 0
    house.db.clock.at = datetime(2028, 3, 4, 0, 0, 1, tzinfo=UTC)
    assert turn(house) == 2
    assert turn(house) == 0
    assert files(house) == {"1.pdf": (True, True), "fair.pdf": (True, True)}
    house.db.clock.at += timedelta(hours=1)
    assert turn(house) == 0
    assert files(house) == {"1.pdf": (True, False), "fair.pdf": (True, False)}
    names = set(parts(exported(house, plan)))
    assert {"activity-1/01-fair.pdf.removed.txt", f"{ref}/01-1.pdf.removed.txt"} <= names
    with house.db(house.mira) as work:
        it = claim_views.claim_detail(work.session, house.mira, ref, now=work.now)
        assert booking.verify(work.session) == []
    assert [line.number for line in it.invoices] == ["1"]
    assert any(
        event.verb == "let papers go" and event.words == "2 files, kept 2 years."
        for event in it.timeline
    )


def test_proofs_of_an_activity_wait_for_its_youngest_claim(house):
    ruled(house, "", into=KEPT)
    plan = house.proven(house.approved(800))
    paid(house, plan, ("1", 300))
    house.db.clock.at += timedelta(40)
    paid(house, plan, ("2", 300))
    house.db.clock.at += timedelta(732 - 40)
    assert turn(house) == 1
    assert files(house)["fair.pdf"] == (False, True)
    house.db.clock.at += timedelta(41)
    assert turn(house) == 2


def test_bytes_that_another_document_names_stay(house):
    ruled(house, "", into=KEPT)
    paid(house, house.proven(house.approved(800)), ("1", 300))
    house.proven(house.approved(100))
    house.db.clock.at += timedelta(732)
    assert turn(house) == 2
    house.db.clock.at += timedelta(hours=1)
    turn(house)
    with house.db() as work:
        twins = select(Document).where(Document.file_name == "fair.pdf")
        kept = {row.removed_at is None: row for row in work.session.scalars(twins)}
    assert set(kept) == {True, False}
    assert house.db.files.get(kept[True].key) == a_pdf("proof")


def test_without_such_a_rule_or_while_a_claim_is_open_nothing_goes(house):
    paid(house, house.proven(house.approved(800)), ("1", 300))
    house.db.clock.at += timedelta(9_000)
    assert turn(house) == 0


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_an_open_claim_keeps_its_papers(house, state):
    ruled(house, "", into=KEPT)
    ref = house.claimed(house.proven(house.approved(800)), ("1", 300))
    if state == "approved":
        house.decided(ref)
    house.db.clock.at += timedelta(9_000)
    assert turn(house) == 0


def _unread(house):
    """A paid claim of long ago whose paper no worker has read."""
    ruled(house, "", into=KEPT)
    plan = house.proven(house.approved(800))
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, plan)
        claim = filing.draft(work, request)
        entry = house.invoice("1", 300)
        drawn = as_columns(PAPERS["english pounds"])
        filing.add_invoice(work, claim, entry, file_name="1.pdf", content=drawn)
        filing.submit(work, claim)
        ref = claim.ref
    house.decided(ref, close=False)
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="B")
    house.db.clock.at += timedelta(732)
    with house.db() as work:
        (paper,) = reading.due_papers(work)
        return paper


def _of_paper(house, paper_id):
    with house.db() as work:
        paper = work.session.get_one(InvoicePaper, paper_id)
        previews = select(Document).where(Document.kind == "preview")
        return paper.state, paper.preview_id, work.session.scalars(previews).all()


def test_a_paper_that_goes_while_it_is_read_leaves_no_picture_of_it(house):
    paper = _unread(house)
    doors = []

    def door():
        if doors:  # the reader comes back with what it found
            assert turn(house) == 2
        doors.append(1)
        return house.db()

    assert reading.read_paper(door, paper) == READ
    assert _of_paper(house, paper) == (READ, None, [])
    house.db.clock.at += timedelta(hours=1)
    turn(house)
    assert files(house)["1.pdf"] == (True, False)


def test_a_paper_that_went_before_it_was_read_is_no_error(house):
    paper = _unread(house)
    assert turn(house) == 2
    house.db.clock.at += timedelta(hours=1)
    turn(house)
    assert reading.read_paper(house.db, paper) == ""
    assert _of_paper(house, paper) == (REFUSED, None, [])
    with house.db() as work:
        assert reading.due_papers(work) == []
