"""Deals registered without a lead: whose they are, who else is there, who has which part, their files."""

import hashlib
import io
from datetime import date

import pytest
from PIL import Image
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.leads import actions, deal_papers, deals, offers, pipeline, queries
from tcma.leads.models import Lead
from tcma.leads.rules import Role, Stage
from tcma.money import Money
from tests.builders import alice, charlie, mira

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"


def deal(ground, **more):
    facts = {
        "vendor_id": ground.vendor_id, "company": "Brackwater Joinery",
        "site": "https://www.brackwater.example/contact", "name": "Server move",
        "worth": Money(9_000_00, "GBP"), "closes_on": date(2026, 5, 1),
    }  # fmt: skip
    return deals.Deal(**facts | more)


@pytest.fixture
def made(db, ground):
    with db(ground.sam) as work:
        return deals.register(work, deal(ground)).ref


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


@pytest.fixture
def rival(db, ground):
    with db() as work:
        return alice(work, ground.second)


def seen(db, who, ref):
    with db(who) as work:
        return pipeline.opportunity(work.session, who, ref)


def parts(db, who, ref):
    one = seen(db, who, ref)
    with db(who) as work:
        return [(p.partner, p.role.value) for p in deals.parts(work.session, who, one.id)]


def png(**more):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "PNG", **more)
    return out.getvalue() + b"<script>behind its end</script>"


def test_a_deal_without_a_lead_stands_in_the_pipeline_moves_and_is_won(db, ground, made, manager):
    one = seen(db, ground.sam, made)
    assert (one.lead_ref, one.company, one.stage, one.holds) == (
        "", "Brackwater Joinery", Stage.QUALIFIED, True,
    )  # fmt: skip
    assert parts(db, ground.sam, made) == [("Fenwright", "sourcing"), ("Fenwright", "fulfilling")]
    with db(ground.sam) as work:
        pipeline.move(work, made, stage=Stage.PROPOSAL)
        column = pipeline.board(work.session, ground.sam)[1]
        assert (column.count, column.sums) == (1, [Money(9_000_00, "GBP")])
        pipeline.close(work, made, won=True)
    assert seen(db, manager, made).state == "won"
    with db(ground.sam) as work, pytest.raises(Conflict):
        pipeline.move(work, made, stage=Stage.NEGOTIATION)


def test_a_lost_one_says_why(db, ground, made):
    with db(ground.sam) as work, pytest.raises(Invalid, match="why it ended"):
        pipeline.close(work, made, won=False)
    with db(ground.sam) as work:
        pipeline.close(work, made, won=False, reason="competitor")
    one = seen(db, ground.sam, made)
    assert (one.state, one.loss_reason) == ("lost", "competitor")


def test_closing_the_opportunity_of_a_lead_closes_the_lead(db, ground, ask):
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
        actions.accept(work, work.session.scalar(text("SELECT id FROM lead_offer")), by="Sam")
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        worth = Money(100_00, "GBP")
        ref = actions.convert(work, lead, name="", amount=worth, closes_on=None).ref
        pipeline.close(work, ref, won=True)
    with db() as work:
        assert work.session.get_one(Lead, lead_id).state == "won"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"company": " "}, "company"),
        ({"worth": Money(0, "GBP")}, "amount"),
        ({"site": "someone@gmail.com"}, "site"),
        ({"site": "not a site"}, "site"),
    ],
)
def test_what_is_missing_is_named_by_its_field(db, ground, wrong, field):
    with db(ground.sam) as work, pytest.raises(Invalid) as told:
        deals.register(work, deal(ground, **wrong))
    assert field in told.value.fields


@pytest.mark.parametrize(
    ("site", "domain"),
    [
        ("brackwater.example", "brackwater.example"),
        ("HTTPS://WWW.Brackwater.example:443/x", "brackwater.example"),
        ("ida@sales.brackwater.example", "sales.brackwater.example"),
        ("ida@gmail.com", ""),
        ("brackwater", ""),
    ],
)
def test_a_customer_is_known_by_its_domain(site, domain):
    assert deals.domain_of(site) == domain


def test_a_vendor_it_is_not_active_with_is_not_found(db, ground, manager):
    with db(manager) as work, pytest.raises(Forbidden):
        deals.register(work, deal(ground))
    with db() as work:
        work.session.execute(text("UPDATE enrolment SET state = 'suspended'"))
    with db(ground.sam) as work, pytest.raises(NotFound):
        deals.register(work, deal(ground))


def test_the_desk_reads_who_works_with_the_company_too_and_the_partners_do_not(
    db, ground, made, manager, rival
):
    with db(rival) as work:
        second = deals.register(work, deal(ground, site="sales.brackwater.example")).ref
        other = deals.register(work, deal(ground, site="water.example")).ref
    with db(manager) as work:
        session = work.session
        assert list(deals.rivals_of(session, manager, made)) == ["Ridgeline"]
        assert list(deals.rivals_of(session, manager, second)) == ["Fenwright"]
        assert list(deals.rivals_of(session, manager, other)) == []
    with db(rival) as work, pytest.raises(NotFound):
        pipeline.opportunity(work.session, rival, made)


def test_a_part_that_the_desk_names_lets_its_partner_read_and_not_move(
    db, ground, made, manager, rival
):
    with db(manager) as work:
        deals.give_part(work, made, ground.second, Role.FULFILLING)
        deals.give_part(work, made, ground.second, Role.FULFILLING)
    assert ("Ridgeline", "fulfilling") in parts(db, ground.sam, made)
    assert not seen(db, rival, made).holds
    with db(rival) as work:
        assert [row.ref for row in queries.opportunities(work.session, rival).rows] == [made]
        with pytest.raises(NotFound):
            pipeline.move(work, made, stage=Stage.PROPOSAL)
        with pytest.raises(NotFound):
            deal_papers.attach(work, made, file_name="x.pdf", content=PDF)
        with pytest.raises(Forbidden):
            deals.give_part(work, made, ground.second, Role.SOURCING)
    with db(manager) as work:
        deals.take_part(work, made, ground.second, Role.FULFILLING)
    with db(rival) as work, pytest.raises(NotFound):
        pipeline.opportunity(work.session, rival, made)


def test_credit_that_comes_by_itself_is_read_by_the_desk_alone(db, ground, ask, manager, rival):
    lead_id = ask().lead_id
    with db() as work:
        work.session.execute(text("UPDATE lead SET partner_id = :p, state = 'accepted'"),
                             {"p": ground.second})  # fmt: skip
    with db(rival) as work:
        lead = work.session.get_one(Lead, lead_id)
        worth = Money(100_00, "GBP")
        ref = actions.convert(work, lead, name="", amount=worth, closes_on=None).ref
    assert parts(db, manager, ref) == [("Fenwright", "sourcing"), ("Ridgeline", "fulfilling")]
    assert parts(db, rival, ref) == [("Ridgeline", "fulfilling")]
    with db(ground.sam) as work, pytest.raises(NotFound):
        pipeline.opportunity(work.session, ground.sam, ref)


def test_a_picture_is_drawn_anew_kept_by_its_hash_and_once(db, ground, made):
    for _ in range(2):
        with db(ground.sam) as work:
            deal_papers.attach(work, made, file_name="../../Site plan.exe", content=png())
    one = seen(db, ground.sam, made)
    with db(ground.sam) as work:
        (paper,) = deal_papers.papers(work.session, one.id)
        kept = work.files.get(paper.key)
    assert (paper.file_name, paper.media_type) == ("Site plan.png", "image/png")
    assert b"script" not in kept
    assert paper.sha256 == hashlib.sha256(kept).hexdigest()


def drawn(size, form, **how):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, form, **how)
    return out.getvalue()


def test_a_photo_of_many_pixels_is_never_held_whole_and_kept_at_half_its_size(db, ground, made):
    with db(ground.sam) as work:
        deal_papers.attach(work, made, file_name="Roof.jpg", content=drawn((5712, 4284), "JPEG"))
        deal_papers.attach(work, made, file_name="Yard.jpg", content=drawn((4032, 3024), "JPEG"))
    one = seen(db, ground.sam, made)
    with db(ground.sam) as work:
        kept = [work.files.get(paper.key) for paper in deal_papers.papers(work.session, one.id)]
    sizes = [Image.open(io.BytesIO(content)).size for content in kept]
    assert sizes == [(2856, 2142), (4032, 3024)]


@pytest.mark.parametrize(("form", "how"), [("PNG", {}), ("JPEG", {"progressive": True})])
def test_a_picture_that_opens_only_whole_and_is_too_large_is_refused(db, ground, made, form, how):
    content = drawn((5000, 3100), form, **how)
    with db(ground.sam) as work, pytest.raises(Invalid, match="too many pixels") as told:
        deal_papers.attach(work, made, file_name="Plan", content=content)
    assert set(told.value.fields) == {"file"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"MZ\x90\x00",
        PDF.replace(b"<<>>", b"<</JavaScript (x)>>"),
        b"%PDF-1.7 cut off",
        b"<?xml version='1.0'?><Invoice/>",
    ],
)
def test_what_could_run_is_refused(db, ground, made, content):
    with db(ground.sam) as work, pytest.raises(Invalid) as told:
        deal_papers.attach(work, made, file_name="offer.pdf", content=content)
    assert set(told.value.fields) == {"file"}


def test_a_file_is_taken_away_and_a_stranger_finds_none(db, ground, made):
    with db(ground.sam) as work:
        deal_papers.attach(work, made, file_name="Offer.pdf", content=PDF)
    one = seen(db, ground.sam, made)
    with db() as work:
        stranger = charlie(work, ground.vendor_id)
        (paper,) = deal_papers.papers(work.session, one.id)
    with db(stranger) as work, pytest.raises(NotFound):
        deal_papers.paper(work.session, stranger, made, paper.id)
    with db(ground.sam) as work:
        assert deal_papers.paper(work.session, ground.sam, made, paper.id).file_name == "Offer.pdf"
        deal_papers.detach(work, made, paper.id)
        assert deal_papers.papers(work.session, one.id) == []
