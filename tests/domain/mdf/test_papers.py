"""Papers of claims: handed in, read by a worker whatever happens to it, compared, flagged."""

import io
from datetime import date, timedelta

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import text

from tcma.db.documents import Document
from tcma.errors import Conflict, Invalid, LimitReached, NotFound
from tcma.ids import new_id
from tcma.invoices.pdf import open_pdf, picture_of
from tcma.jobs import Job
from tcma.mdf import queries
from tcma.mdf.claims import filing, papers
from tcma.mdf.claims import views as claim_views
from tcma.mdf.models.papers import InvoicePaper
from tcma.mdf.papers import reading as paper_reading
from tcma.mdf.papers import views as paper_views
from tcma.mdf.papers.invoice_lines import InvoiceEntry
from tcma.words import in_language
from tests.faults.posting import rung
from tests.invoices.papers import PAPERS, Paper, as_columns, as_letter
from tests.workers.test_mdf import OneWorld
from workers.main import import_handlers
from workers.runtime import Run

from .conftest import gbp


def paper_like(name="english pounds", **values):
    one = PAPERS[name]
    return Paper(**{**{k: getattr(one, k) for k in Paper.__dataclass_fields__}, **values})


INVOICE = as_columns(paper_like(day=date(2026, 3, 2), written="2 March 2026"))


def scan(content, scale=1.0, brightness=255):
    picture = picture_of(open_pdf(content), longest=900)
    small = picture.resize((int(picture.width * scale), int(picture.height * scale)))
    out = io.BytesIO()
    small.point(lambda light: min(light, brightness)).save(out, "JPEG", quality=60)
    return out.getvalue()


def drafted(house):
    return house.claimed(house.proven(house.approved(5_000)), submit=False)


@pytest.fixture
def desk(house_after):
    """A claim that wants its invoice, and what its people do with papers."""
    return Papers(*house_after(drafted))


class Papers:
    def __init__(self, house, ref):
        self.house, self.ref = house, ref

    def hand_in(self, content=INVOICE, name="invoice.pdf", ref=None):
        with self.house.db(self.house.alice) as work:
            claim = queries.claim_by_ref(work.session, work.principal, ref or self.ref)
            return papers.hand_in(work, claim, file_name=name, content=content).id

    def read(self, paper):
        return paper_reading.read_paper(self.house.db, paper)

    def seen(self):
        with self.house.db(self.house.alice) as work:
            claim = queries.claim_by_ref(work.session, work.principal, self.ref)
            return paper_views.open_papers(work.session, claim, now=work.now)

    def enter(self, paper, *, ref=None, **other):
        entry = {
            "issuer": "Pennant Studio Ltd", "number": "PS-2291", "issued_on": date(2026, 3, 2),
            "made_out_to": "Brightwater IT Ltd", "net": gbp(2_940), "tax": gbp(588),
        } | other  # fmt: skip
        with self.house.db(self.house.alice) as work:
            claim = queries.claim_by_ref(work.session, work.principal, ref or self.ref)
            return papers.enter(work, claim, paper, InvoiceEntry(**entry)).id

    def told(self, ref=None, who=None):
        who = who or self.house.mira
        with self.house.db(self.house.alice) as work:
            filing.submit(work, queries.claim_by_ref(work.session, work.principal, ref or self.ref))
        with self.house.db(who) as work:
            return claim_views.claim_detail(work.session, who, ref or self.ref, now=work.now)


def test_a_paper_is_read_and_becomes_the_invoice_that_was_compared(desk):
    paper = desk.hand_in()
    assert desk.house.db.queue.of(Job.INVOICE_READ) == [{"paper_id": str(paper)}]
    assert desk.seen()[0].waits
    assert desk.read(paper) == "read"
    (seen,) = desk.seen()
    assert (seen.fields.number, seen.fields.total, seen.doubts) == ("PS-2291", 3528, ())
    assert seen.source == "From the text of the PDF."
    with desk.house.db() as work:
        assert work.session.get_one(Document, seen.preview_id).media_type == "image/png"
    desk.enter(paper)
    (line,) = desk.told().invoices
    assert (line.paper.doubts, line.doubt, line.seen) == ((), "", "")
    assert desk.seen() == []


def test_a_paper_read_or_entered_twice_is_one(desk):
    paper = desk.hand_in()
    assert desk.hand_in() == paper
    assert (desk.read(paper), desk.read(paper)) == ("read", "")
    assert desk.enter(paper) == desk.enter(paper)
    assert len(desk.told().invoices) == 1


def test_a_worker_that_died_leaves_its_paper_to_the_next(desk):
    paper = desk.hand_in()
    for _ in range(paper_reading.MOST_TRIES):
        with desk.house.db() as work:
            assert paper_reading.due_papers(work) == [paper]
            assert paper_reading._take(work, paper) is not None
            assert paper_reading.due_papers(work) == []
        desk.house.db.clock.at += paper_reading.LEASE + timedelta(seconds=1)
    assert desk.read(paper) == ""
    assert desk.seen()[0].reason == "The file breaks what reads it."


def test_a_paper_whose_file_is_gone_is_refused_and_the_next_is_read_in_the_same_look(desk):
    import_handlers()
    gone, there = desk.hand_in(), desk.hand_in(INVOICE + b"\n% another", name="other.pdf")
    with desk.house.db() as work:
        paper = work.session.get_one(InvoicePaper, gone)
        desk.house.db.files.delete(work.session.get_one(Document, paper.document_id).key)
    rung(Run(services=OneWorld(desk.house.db), stopping=lambda: False), Job.INVOICE_READ)
    with desk.house.db() as work:
        found = work.session.execute(text("SELECT id, state, reason FROM invoice_paper")).all()
    said = {row.id: (row.state, row.reason) for row in found}
    assert said[gone] == ("refused", "The file was removed.")
    assert said[there][0] == "read"


def test_what_the_paper_says_otherwise_is_told_to_both_sides(desk):
    paper = desk.hand_in()
    desk.read(paper)
    desk.enter(paper, number="PS-2292", net=gbp(2_490), made_out_to="Other Ltd")
    for who in (desk.house.mira, desk.house.alice):
        assert desk.told(who=who).invoices[0].paper.doubts == (
            "The paper says £2,940.00 net.",
            "The paper has the number PS-2291.",
            "The paper is made out to Brightwater IT Ltd.",
        )
    net, number, _ = desk.told(who=desk.house.alice).invoices[0].paper.doubts
    assert in_language(number, "de") == "Auf dem Beleg steht die Nummer PS-2291."
    assert in_language(net, "es") == "El documento dice 2.940,00\N{NO-BREAK SPACE}GBP netos."


def test_a_partner_is_told_before_it_enters_a_paper_that_will_not_do(desk):
    old = paper_like(buyer="Somebody Else GmbH", net="€10.00", total="€12.00", taxes=(("VAT 20%", "€2.00"),),
                     day=date(2026, 1, 7), written="7 January 2026")  # fmt: skip
    desk.read(desk.hand_in(as_columns(old)))
    assert desk.seen()[0].doubts == (
        "It is in EUR, your fund in GBP: it counts at the rate of its day.",
        "It is made out to Somebody Else GmbH, not to you.",
        "It is older than the approval of Mon 2 Mar 2026.",
    )


def test_a_credit_note_cannot_be_claimed(desk):
    note = desk.hand_in(as_columns(PAPERS["credit note"]))
    desk.read(note)
    assert "credit note" in desk.seen()[0].doubts[0]
    with pytest.raises(Invalid, match="credit note"):
        desk.enter(note)


def test_a_file_that_does_not_open_is_refused_and_blocks_what_stands_on_it(desk):
    broken = desk.hand_in(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF")
    early = desk.hand_in(b"%PDF-1.4\n2 0 obj\n<<>>\nendobj\n%%EOF")
    desk.enter(early)
    assert (desk.read(broken), desk.read(early)) == ("refused", "refused")
    assert in_language(desk.seen()[0].reason, "de") == (
        "Das PDF ist fehlerhaft und lässt sich nicht öffnen. Speichern Sie es erneut."
    )
    with pytest.raises(Conflict, match="broken"):
        desk.enter(broken, number="2")
    with desk.house.db(desk.house.alice) as work:
        claim = queries.claim_by_ref(work.session, work.principal, desk.ref)
        with pytest.raises(Conflict, match="file of invoice PS-2291 cannot be used"):
            filing.submit(work, claim)
        papers.throw_away(work, claim, broken)
        with pytest.raises(Conflict, match="is an invoice"):
            papers.throw_away(work, claim, early)
        filing.remove_invoice(
            work, claim, claim_views.case_file.invoices_of(work.session, claim)[0].id
        )
    assert desk.seen() == []


def test_a_paper_of_another_claim_is_not_found_and_too_many_are_too_many(desk):
    with pytest.raises(NotFound):
        desk.enter(new_id())
    for number in range(papers.MOST_OPEN):
        desk.hand_in(INVOICE + b"%" + str(number).encode() + b"\n%%EOF")
    with pytest.raises(LimitReached, match="10 papers wait"):
        desk.hand_in()


@pytest.fixture
def other(desk):
    """A second claim of the same partner."""
    return desk.house.claimed(desk.house.proven(desk.house.approved(3_000)), submit=False)


def entered(desk, content, ref, name="x.pdf", **how):
    paper = desk.hand_in(content, name, ref)
    desk.read(paper)
    desk.enter(paper, ref=ref, **how)


def test_the_same_words_in_another_file_are_flagged_to_the_vendor_alone(desk, other):
    entered(desk, INVOICE, desk.ref)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(INVOICE)) as copy:
        copy.docinfo.Title = "Another file"
        copy.save(out)
    entered(desk, out.getvalue(), other, number="X-1", net=gbp(10), tax=gbp(2))
    assert desk.told(other).invoices[0].doubt == (
        "A paper with the same words stands in another claim."
    )
    assert [c.code for c in desk.told(other).checks if not c.ok] == ["file_once"]
    assert desk.told(other, desk.house.alice).invoices[0].doubt == ""


def test_a_second_photo_of_a_paper_is_flagged_and_another_paper_is_not(desk, other):
    entered(desk, scan(INVOICE), desk.ref, "a.jpg")
    entered(desk, scan(INVOICE, 0.7, 230), other, "b.jpg", number="X-1", net=gbp(10), tax=gbp(2))
    third = as_letter(PAPERS["dutch"])
    entered(desk, scan(third), other, "c.jpg", number="X-2", net=gbp(30), tax=gbp(6))
    lines = desk.told(other).invoices
    assert [line.doubt for line in lines] == ["The same picture stands in another claim.", ""]


def test_the_same_sum_of_the_same_day_is_worth_a_look(desk, other):
    entered(desk, INVOICE, desk.ref)
    entered(desk, scan(as_letter(PAPERS["french"])), other, "c.jpg", number="F-9")
    assert desk.told(other).invoices[0].seen.startswith("The same sum of the same day")
    assert desk.told(other, desk.house.alice).invoices[0].seen == ""


def test_an_empty_picture_is_nobodys_twin(desk, other):
    out = io.BytesIO()
    Image.new("RGB", (500, 700), "white").save(out, "PNG")
    entered(desk, out.getvalue(), desk.ref, "a.png")
    Image.new("RGB", (300, 700), "white").save(out, "PNG")
    out.seek(0)
    entered(desk, out.getvalue() + b"\0", other, "b.png", number="X", net=gbp(1), tax=gbp(0))
    assert desk.told(other).invoices[0].doubt == ""
