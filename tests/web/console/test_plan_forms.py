"""The form of a plan speaks by the chosen fund's own rules: its kinds, shares, limits and proofs."""

import pytest
from sqlalchemy import text

from tests.builders import a_campaign
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
from tests.domain.mdf.test_stages import ruled
from tests.web.desk.conftest import counter  # noqa: F401 - the fixture

OWN = """
[activity.puppet_show]
name = "Puppet show"
maximum = "300.00"
[activity.puppet_show.share]
percent = 80
[[activity.puppet_show.proof]]
proof = "photo of the puppets"

[[cap]]
name = "Shows per quarter"
amount = "600.00"
per = "quarter"
activities = ["puppet show"]
"""
NAMED = "quillon/cloud-migration"
NEW = f"/console/fund-requests/new?campaign={NAMED}"


@pytest.fixture(autouse=True)
def campaign(counter):  # noqa: F811
    """A campaign that stands in the library."""
    with counter.house.db() as work:
        a_campaign(work, counter.house.vendor)


def form_of(counter, act="look", *, kind="print", net="400", **other):  # noqa: F811
    one = "activities-0-"
    days = {f"{one}starts_on": "2026-04-06", f"{one}ends_on": "2026-04-20"}
    costs = {f"{one}lines-0-label": "Strings", f"{one}lines-0-amount": net}
    fields = {"fund": counter.house.fund_ref, "campaign": NAMED, "act": act}
    return counter.alice.post(
        "/console/fund-requests/new", **fields, **days, **costs, **{f"{one}kind": kind}, **other
    )


def test_every_kind_of_the_programme_is_offered_by_its_own_name(counter):  # noqa: F811
    ruled(counter.house, OWN)
    page = counter.alice.get(NEW)
    for name in ("Trade show", "Direct mail", "Training, exam", "Puppet show"):
        assert f">{name}</option>" in page.text


def test_what_must_be_shown_follows_the_chosen_kind(counter):  # noqa: F811
    ruled(counter.house, OWN)
    page = form_of(counter, kind="puppet_show")
    assert page.status == 200
    assert "Photo of the puppets, from you" in page.words
    assert "Mail as sent" not in page.words
    assert "Quillon pays 80%, at most £300.00. Shows per quarter: £600.00." in page.words
    mails = form_of(counter, kind="multi_touch_digital")
    assert "Mail as sent: we collect it" in mails.words
    assert "The invoice, from you" in mails.words


def test_a_programmes_own_kind_is_planned_shown_and_claimed_under_its_name(counter):  # noqa: F811
    ruled(counter.house, OWN)
    sent = form_of(counter, "send", kind="puppet_show", net="250")
    assert sent.status == 303, sent.words
    page = counter.alice.get(sent.location)
    assert "£200.00" in page.words
    assert "Photo of the puppets" in page.words
    ref = sent.location.rpartition("/")[2]
    desk = f"/desk/fund-requests/{ref}"
    assert counter.finn.post(f"{desk}/approval", amount="200.00").status == 303
    change = counter.alice.get(f"{sent.location}/activities/1/change")
    assert "Change puppet show of" in change.words
    assert "Photo of the puppets" in counter.alice.get(f"/console/claims/new?plan={ref}").words


def test_a_kind_the_fund_does_not_pay_for_is_refused_at_its_field(counter):  # noqa: F811
    page = form_of(counter, "send", kind="puppet_show")
    assert page.status == 422
    assert 'id="activities-0-kind-error"' in page.text


def test_a_partner_chooses_how_it_is_settled_where_the_fund_offers_more_than_one(counter):  # noqa: F811
    assert "How it is settled" not in counter.alice.get(NEW).words
    ruled(counter.house, '\n[activity.puppet_show]\nsettled_by = ["credit", "cash"]\n')
    assert "How it is settled" not in form_of(counter).words
    page = form_of(counter, kind="puppet_show")
    assert "Only money needs a bank account." in page.words
    sent = form_of(counter, "keep", kind="puppet_show", **{"activities-0-way": "cash"})
    assert "How it is settled" not in counter.alice.get(sent.location).words
    usual = form_of(counter, "keep", kind="puppet_show")
    assert "A credit on your account with the vendor" in counter.alice.get(usual.location).words
    strange = form_of(counter, "keep", kind="puppet_show", **{"activities-0-way": "discount"})
    assert strange.status == 422
    assert "This fund does not settle this activity like that." in strange.words


def test_the_wallet_has_a_card_for_each_way_a_fund_settles_in(counter):  # noqa: F811
    assert "How it reaches you" not in counter.alice.get("/console/funds").words
    ruled(counter.house, '\n[activity.puppet_show]\nsettled_by = ["credit", "cash"]\n')
    page = counter.alice.get("/console/funds").words
    assert "How it reaches you" in page
    assert page.index("Money onto your bank account") < page.index("A credit on your account")
    with counter.house.db() as work:
        work.session.execute(text("update user_account set locale = 'de-DE'"))
    assert "Wie es bei Ihnen ankommt" in counter.alice.get("/console/funds").words
