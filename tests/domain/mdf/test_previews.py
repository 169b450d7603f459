"""Small copies of proofs: made once by a worker, gone with the paper, never tried for ever."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from tcma.db.documents import Document
from tcma.invoices import reading
from tcma.jobs import Job
from tcma.mdf import queries
from tcma.mdf.case_files import letting_go, previews, proofs
from tcma.mdf.claims import views as claim_views
from tcma.mdf.models.funding import Proof
from tcma.mdf.models.prechecks import ProofReading
from tcma.mdf.papers.reading import LEASE, MOST_TRIES
from tcma.mdf.rules import ProofKind
from tests.invoices.papers import PAPERS, as_columns

from .conftest import a_pdf
from .test_letting_go import KEPT, paid
from .test_stages import ruled
from .test_twins import a_photo


def uploaded(house, content, name="fair.jpg", ref=None):
    ref = ref or house.approved(800)
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        proofs.upload(work, request, kind=ProofKind.OTHER, file_name=name, content=content)
    return ref


def line(house, ref):
    """The line of the uploaded file as the desk reads it in the case file of a claim."""
    claim = house.claimed(ref, ("1", 300))
    with house.db(house.mira) as work:
        it = claim_views.claim_detail(work.session, house.mira, claim, now=work.now)
    return next(item for item in it.case_file if item.file_name.startswith("fair"))


def kept(house, document):
    with house.db() as work:
        row = work.session.get_one(Document, document)
        return row, work.files.get(row.key)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (a_photo(size=3_000), "fair.jpg"),
        (a_photo(size=2_000, kind="PNG"), "fair.png"),
        (as_columns(PAPERS["english pounds"]), "fair.pdf"),
    ],
)
def test_a_picture_and_the_first_page_of_a_pdf_get_a_small_copy(house, content, name):
    ref = uploaded(house, content, name)
    (wake,) = house.db.queue.of(Job.PROOF_LOOK)
    with house.db() as work:
        assert [str(each) for each in previews.due(work)] == [wake["proof_id"]]
    assert house.looked() == ["made"]
    item = line(house, ref)
    row, png = kept(house, item.preview_id)
    assert (row.kind, row.media_type, row.partner_id) == ("preview", "image/png", house.partner)
    with Image.open(io.BytesIO(png)) as small:
        assert 700 < max(small.size) <= 1_100
    assert item.no_preview == ""


def test_two_workers_make_one_copy_and_a_file_brought_twice_is_looked_at_once(house):
    uploaded(house, a_photo(), ref=(ref := uploaded(house, a_photo())))
    (wake,) = house.db.queue.of(Job.PROOF_LOOK)
    with house.db() as work:
        (proof,) = previews.due(work)
        assert str(proof) == wake["proof_id"]
        assert previews._take(work, proof)
    assert previews.make(house.db, proof) == ""
    house.db.clock.at += LEASE + timedelta(seconds=1)
    assert (previews.make(house.db, proof), previews.make(house.db, proof)) == ("made", "")
    assert line(house, ref).preview_id
    with house.db() as work:
        copies = select(Document.id).where(Document.kind == "preview")
        assert len(work.session.scalars(copies).all()) == 1


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (a_pdf("nothing in it"), "fair.pdf", "The PDF"),
        (a_photo()[:9_000], "fair.jpg", "The picture is broken or cut off. Save it again."),
    ],
)
def test_a_broken_file_has_none_says_why_and_is_not_tried_again(house, content, name, why):
    ref = uploaded(house, content, name)
    assert house.looked() == ["none"]
    house.db.clock.at += timedelta(1)
    assert house.looked() == []
    item = line(house, ref)
    assert item.preview_id is None
    assert item.no_preview.startswith(why)


def test_a_file_that_is_gone_has_none_says_why_and_is_not_tried_again(house):
    ref = uploaded(house, a_photo())
    with house.db() as work:
        house.db.files.delete(work.session.scalars(select(Document)).one().key)
    assert house.looked() == ["none"]
    house.db.clock.at += timedelta(1)
    assert house.looked() == []
    assert line(house, ref).no_preview == "The file was removed."


def test_a_file_that_takes_its_worker_down_is_given_up(house):
    ref = uploaded(house, a_photo())
    for _ in range(MOST_TRIES):
        with house.db() as work:
            (proof,) = previews.due(work)
            assert previews._take(work, proof)
        house.db.clock.at += LEASE + timedelta(seconds=1)
    assert house.looked() == [""]
    assert house.looked() == []
    assert line(house, ref).no_preview == "The file breaks what reads it."


def test_the_small_copy_goes_with_its_paper_and_none_is_made_of_one_that_is_gone(house):
    ruled(house, "", into=KEPT)
    first = house.approved(800)
    uploaded(house, a_photo(), ref=first)
    assert house.looked() == ["made"]
    uploaded(house, a_photo(7), "late.jpg", ref=first)
    paid(house, first, ("1", 300))
    house.db.clock.at += timedelta(732)
    with house.db() as work:
        assert letting_go.let_go(work) == 4  # an invoice, two photos, one small copy
    house.db.clock.at += timedelta(hours=1)
    with house.db() as work:
        letting_go.let_go(work)
    assert house.looked() == [""]
    with house.db() as work:
        rows = work.session.execute(
            select(Proof.preview_why, Document)
            .outerjoin(Document, Document.id == Proof.preview_id)
            .order_by(Proof.id)
        ).all()
        (_, copy), (why, none) = rows
        assert copy.removed_at
        assert not work.files.exists(copy.key)
    assert (why, none) == ("The file was removed.", None)


def test_what_a_launch_writes_is_drawn_and_neither_read_nor_judged(house):
    words = as_columns(PAPERS["english pounds"])
    drawn = reading.draw_proof(words, patience=60)
    assert drawn.picture == reading.read_proof(words, [], patience=60).picture != b""
    assert (drawn.text, drawn.read_by, drawn.pages) == ("", "", 1)
    uploaded(house, words, "page.pdf")
    with house.db() as work:
        work.session.scalars(select(Proof)).one().source = "launch:L-1:picture"
    assert house.looked() == ["made"]
    with house.db() as work:
        assert work.session.scalars(select(ProofReading)).all() == []


def test_what_a_launch_writes_is_never_the_same_picture_as_a_partners(house):
    """Page pictures are drawn by us and alike for all partners."""
    ref = uploaded(house, a_photo())
    with house.db() as work:
        proof = work.session.scalars(select(Proof)).one()
        proof.source = "launch:L-1:picture"
    assert house.looked() == ["made"]
    with house.db() as work:
        assert work.session.scalars(select(Proof)).one().picture_mark == ""
    assert line(house, ref).preview_id
