"""A plan or claim decided from the mail: GET shows, POST acts once, the verbs keep every check."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.mdf import letters
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import Claim
from tcma.mdf.reasons import Reason
from tests.pages import Visitor
from tests.web.desk.test_money import claimed

LINK = re.compile(r"https://tcma\.test(/l/approve/[\w.-]+)")


class Mailed:
    """Links as the mails carry them; `page` is a browser that is not signed in."""

    def __init__(self, counter):
        self.house = counter.house
        self.page = Visitor(counter.app)

    def links(self, name, what=""):
        """The links that `name` was mailed, oldest first."""
        with self.house.db() as work:
            bodies = work.session.scalars(
                text(
                    "select b.plain from message_body b join message m on m.id = b.message_id"
                    " join user_account u on u.email = m.address"
                    " where u.name = :name and b.subject like :what order by m.id"
                ),
                {"name": name, "what": f"%{what}%"},
            ).all()
        return [found[1] for body in bodies if (found := LINK.search(body))]

    def post(self, path, **fields):
        return self.page.post_without_token(path, **fields)

    def decide(self, link, **fields):
        """Press the page's own Approve."""
        form = self.page.get(link).tree.css_first("form[action$=approval]")
        shown = {each.attributes["name"]: each.attributes["value"] for each in form.css("input")}
        return self.post(form.attributes["action"], **shown | fields)


@pytest.fixture
def mailed(counter):
    return Mailed(counter)


def reserved(house):
    with house.db() as work:
        assert booking.verify(work.session) == []
        return work.session.scalar(
            text("select coalesce(sum(balance), 0) from ledger_account where kind = 'reserved'")
        )


def test_a_plan_is_approved_in_one_screen_without_signing_in(counter, mailed):
    ref = counter.house.sent(800)
    (link,) = mailed.links("Mira")
    page = mailed.page.get(link)
    assert page.heading.startswith("Brightwater IT asks for £")
    assert "All five checks passed." in page.words
    assert "Reserved for this plan" in page.words
    assert reserved(counter.house) == 0
    assert mailed.decide(link).status == 303
    assert "is approved, by Mira" in mailed.page.get(link).words
    assert "Approved" in counter.alice.get(f"/console/fund-requests/{ref}").words
    with counter.house.db() as work:
        via = work.session.scalar(
            text("select via from audit_entry where verb = 'approved' order by id desc limit 1")
        )
    assert via == "signed link"


def test_looking_decides_nothing_however_often(counter, mailed):
    counter.house.sent(800)
    (link,) = mailed.links("Mira")
    for _ in range(3):
        assert mailed.page.get(link).status == 200
    assert mailed.page.client.head(link).status_code == 200
    assert mailed.page.get(f"{link}/approval").status == 405
    assert reserved(counter.house) == 0


def test_pressing_twice_is_approving_once(counter, mailed):
    counter.house.sent(800)
    (link,) = mailed.links("Mira")
    assert mailed.decide(link).status == 303
    once = reserved(counter.house)
    assert mailed.post(f"{link}/approval", amount="800.00").status == 303
    assert reserved(counter.house) == once > 0


def test_a_link_somebody_else_was_quicker_than_says_who_it_was(counter, mailed):
    counter.house.sent(800)
    (hers,), (his,) = mailed.links("Mira"), mailed.links("Finn")
    mailed.decide(his)
    once = reserved(counter.house)
    late = mailed.post(f"{hers}/approval", amount="100.00")
    assert late.status == 409
    assert "approved, by Finn" in late.words
    assert reserved(counter.house) == once


@pytest.mark.parametrize("amount", ["", "0", "-5", "9000.00", "ten"])
def test_a_sum_nobody_was_shown_approves_nothing(counter, mailed, amount):
    counter.house.sent(800)
    (link,) = mailed.links("Mira")
    page = mailed.post(f"{link}/approval", amount=amount)
    assert page.status == 422
    assert reserved(counter.house) == 0


def test_a_plan_sent_again_needs_a_fresh_link_which_comes_by_mail(counter, mailed):
    ref = counter.house.sent(800)
    (old,) = mailed.links("Mira")
    back = mailed.post(f"{old}/return", reason="POP_MISSING", words="Add the programme.")
    assert back.status == 303
    assert "Add the programme." in counter.alice.get(f"/console/fund-requests/{ref}").words
    counter.house.db.clock.move(timedelta(hours=1))
    counter.alice.post(f"/console/fund-requests/{ref}/submission")
    page = mailed.page.get(old)
    assert "about an earlier version" in page.words
    assert mailed.post(f"{old}/approval", amount="10.00").status == 409
    before = len(mailed.links("Mira"))
    assert "on its way to" in mailed.post(f"{old}/fresh").words
    fresh = mailed.links("Mira")
    assert len(fresh) == before + 1
    assert mailed.decide(fresh[-1]).status == 303


def test_a_link_from_before_a_refusal_does_not_decide_the_appeal(counter, mailed):
    """Finn approved the plan, Mira refuses the claim: her old link says that it is another case now."""
    claimed(counter, counter.house.approved(1_000))
    house = counter.house
    with house.db(house.mira) as work:
        claim = work.session.scalars(select(Claim)).one()
        claim_decisions.refuse(work, claim, reason=Reason.DUPLICATE, words="Paid before.")
    (old,) = mailed.links("Mira", "claim")
    house.db.clock.move(timedelta(hours=1))
    with house.db(house.alice) as work:
        filing.appeal(work, work.session.scalars(select(Claim)).one(), words="It was another one.")
    page = mailed.page.get(old)
    assert "changed the claim, sent it again or appealed" in page.words
    assert "Mail me a fresh link" in page.words
    assert page.tree.css_first("form[action$=approval]") is None
    assert mailed.post(f"{old}/approval", amount="10.00").status == 409


@pytest.mark.parametrize(
    ("of", "change"),
    [
        ("plan", 'update fund_activity set facts = \'{"place": "Leeds"}\''),
        ("plan", "update fund_activity set ends_on = ends_on + 1"),
        ("plan", "update fund_cost_line set label = 'Something else'"),
        ("claim", "update invoice set number = 'X-1'"),
        ("claim", "update invoice set order_number = 'PO-9'"),
        ("claim", "update document set sha256 = repeat('0', 64) where kind = 'invoice'"),
        ("claim", "update document set sha256 = repeat('0', 64) where kind like 'proof%'"),
    ],
)
def test_a_link_is_good_for_the_content_that_was_mailed_only(counter, mailed, of, change):
    if of == "claim":
        claimed(counter, counter.house.approved(1_000))
    else:
        counter.house.sent(800)
    link = mailed.links("Mira", "claim" if of == "claim" else "")[-1]
    assert mailed.page.get(link).tree.css_first("form[action$=approval]") is not None
    with counter.house.db() as work:
        assert work.session.execute(text(change)).rowcount > 0
    page = mailed.page.get(link)
    assert "about an earlier version" in page.words
    assert mailed.post(f"{link}/approval", amount="10.00").status == 409
    assert "on its way to" in mailed.post(f"{link}/fresh").words
    fresh = mailed.links("Mira", "claim" if of == "claim" else "")[-1]
    assert fresh != link
    assert "about an earlier version" not in mailed.page.get(fresh).words


def test_a_late_link_says_so_and_offers_a_fresh_one(counter, mailed):
    counter.house.sent(800, starts=counter.house.db.clock.now().date() + timedelta(days=200))
    (link,) = mailed.links("Mira")
    counter.house.db.clock.move(timedelta(days=60))
    page = mailed.page.get(link)
    assert page.status == 200
    assert "This link has ended." in page.words
    assert mailed.post(f"{link}/approval", amount="10.00").status == 409
    mailed.post(f"{link}/fresh")
    assert len(mailed.links("Mira")) == 2
    assert reserved(counter.house) == 0


def test_a_return_without_a_reason_says_what_is_missing_and_keeps_the_words(counter, mailed):
    counter.house.sent(800)
    (link,) = mailed.links("Mira")
    page = mailed.post(f"{link}/return", reason="", words="Wrong year.")
    assert page.status == 422
    assert "Choose the reason." in page.words
    assert "Wrong year." in page.text


def test_four_eyes_hold_by_mail_too(counter, mailed):
    """Finn approved the plan, so a link to its claim shows who can, and approves nothing."""
    claimed(counter, counter.house.approved(1_000))
    assert mailed.links("Finn", "claim") == []
    with counter.house.db() as work:
        claim = work.session.scalars(select(Claim)).one()
        letters.claim_sent(work, claim, {counter.house.finn.user_id})
    (his,), (hers,) = mailed.links("Finn", "claim"), mailed.links("Mira", "claim")
    page = mailed.page.get(his)
    assert "You approved the plan" in page.words
    assert page.tree.css_first("form[action$=approval]") is None
    refused = mailed.post(f"{his}/approval", amount="900.00")
    assert refused.status == 409
    assert "another person decides" in refused.words
    assert mailed.decide(hers).status == 303
    assert "£900.00 ready to pay" in counter.finn.get("/desk/payments").words


@pytest.mark.parametrize("change", ["role = 'vendor_marketer'", "state = 'ended'"])
def test_a_link_of_somebody_who_decides_no_more_opens_nothing(counter, mailed, change):
    counter.house.sent(800)
    (link,) = mailed.links("Mira")
    with counter.house.db() as work:
        work.session.execute(
            text(
                f"update membership set {change} where user_id ="
                " (select id from user_account where name = 'Mira')"
            )
        )
    assert mailed.page.get(link).status == 404
    assert mailed.post(f"{link}/approval", amount="10.00").status == 404


def test_a_changed_link_and_one_of_another_kind_open_nothing(counter, mailed):
    counter.house.sent(800)
    (link,) = mailed.links("Mira")
    other = "A" if link[-1] != "A" else "B"
    assert mailed.page.get(link[:-1] + other).status == 404
    assert mailed.page.get(link.replace("/l/approve/", "/l/lead/")).status == 404
    signed = counter.house.db.site.signer.sign("lead", "request:MDF-2026-0001:x:y")
    assert mailed.page.get(f"/l/approve/{signed}").status == 404
