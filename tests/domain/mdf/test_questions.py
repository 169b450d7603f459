"""Kinds of costs are chosen, not guessed: limits by kind bite in the plan, in the claim and over the quarter."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tcma.errors import Conflict, Invalid, LimitReached
from tcma.mdf import queries
from tcma.mdf.claims import filing, telling
from tcma.mdf.claims import views as claim_views
from tcma.mdf.judging import versions
from tcma.mdf.payments import bank_accounts
from tcma.mdf.payments.bank_rules import Account
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning

from .conftest import a_pdf, gbp
from .test_stages import plan, ruled

CAPPED = """
[[cap]]
name = "Catering"
amount = "100.00"
costs = ["catering"]
"""


def filed(house, ref, net, *, kind="", parts=(), number="1", submit=False, **other):
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        claim = filing.draft(work, request)
        entry = replace(house.invoice(number, net), kind=kind, parts=tuple(parts), **other)
        name = f"{number}.pdf"
        filing.add_invoice(work, claim, entry, file_name=name, content=a_pdf(number))
        if submit:
            filing.submit(work, claim)
        return claim.ref


def detail(house, ref, who=None):
    with house.db(who or house.alice) as work:
        return claim_views.claim_detail(work.session, who or house.alice, ref, now=work.now)


def drafted(house, *lines):
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        costs = [planning.PlanLine(label, gbp(net), kind) for kind, label, net in lines]
        what = planning.ActivityPlan(
            house.campaign, date(2026, 4, 6), date(2026, 4, 20), costs, kind="print"
        )
        row = planning.draft(work, part, planning.RequestPlan([what]))
        return [check.words for check in planning.judge(work, row)]


def test_a_chosen_kind_of_cost_is_left_out_whatever_it_is_called(house):
    said = drafted(house, ("", "Adverts", 500), ("alcohol", "Reception for guests", 90))
    assert "Reception for guests is not paid for: £90.00 is left out." in said
    assert not any("left out" in each for each in drafted(house, ("", "Adverts", 500)))


def test_the_kind_of_an_invoice_decides_what_counts_in_the_claim(house):
    ref = house.proven(house.approved(800))
    claim = filed(house, ref, 500, kind="other", parts=[("alcohol", gbp(120))])
    it = detail(house, claim)
    assert it.owed == gbp(380)
    assert [cut.amount for cut in it.cuts] == [gbp(120)]


def test_a_limit_on_a_kind_of_cost_bites_in_the_claim(house):
    ruled(house, CAPPED)
    ref = house.proven(house.approved(800))
    with pytest.raises(Invalid) as refused:
        filed(house, ref, 500)
    assert "kind" in refused.value.fields
    claim = filed(house, ref, 500, kind="other", parts=[("catering", gbp(300))])
    assert detail(house, claim).owed == gbp(300)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([("catering", gbp(501))], "parts"),
        ([("catering", gbp(-1))], "parts-0-amount"),
        ([("", gbp(1))], "parts-0-kind"),
    ],
)
def test_parts_that_cannot_be_are_refused_at_their_field(house, parts, field):
    ref = house.proven(house.approved(800))
    with pytest.raises(Invalid) as refused:
        filed(house, ref, 500, kind="other", parts=parts)
    assert field in refused.value.fields


def test_several_plans_that_wait_together_pass_no_limit_unseen(house):
    quarter = '\n[[cap]]\nname = "Print"\namount = "1000.00"\nper = "quarter"\nthen = "refuse"\n'
    ruled(house, quarter)
    house.sent(600)
    second = house.drafted(600)
    with house.db(house.alice) as work:
        row = queries.request_by_ref(work.session, house.alice, second)
        wrong = [check.words for check in planning.judge(work, row) if not check.ok]
    assert wrong == ["Print: £1,000.00 per quarter, £600.00 of it is used; £400.00 is paid."]
    assert plan(house, house.alice, second).row.state == "draft"


ASKING = """
[request]
deadline = "10 working days before activity start"
when_too_much = "refuse"
states = ["place", "objective"]

[claim]
deadline = "45 days after activity end"
unchanged = ["place"]
results = "30 days after activity end"
needs = ["tax_profile"]

[invoice]
made_out_to = "partner"
shows = ["issuer", "tax_id"]
order_number = true
"""


def asking(house):
    """The fund's programme with questions, in force from tomorrow."""
    with house.db(house.finn) as work:
        programme = versions.programme_by_ref(work.session, house.finn, house.fund_ref)
        text = versions.versions_of(work.session, programme)[0].source
        text = re.sub(r"(?ms)^\[(request|claim|invoice)\]\n.*?(?=^\[)", "", text)
        day = work.now.date() + timedelta(1)
        head, _, rest = text.partition("[partner]")
        versions.publish(work, programme, f"{head}{ASKING}\n[partner]{rest}", day)
    house.db.clock.at += timedelta(1)


def asked(house, **facts):
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        line = planning.PlanLine("Adverts", gbp(800))
        what = planning.ActivityPlan(
            house.campaign, date(2026, 4, 6), date(2026, 4, 8), [line], kind="print", facts=facts
        )
        return planning.draft(work, part, planning.RequestPlan([what])).ref


def told(house, ref, results="", **answers):
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, ref)
        telling.tell(work, claim, answers, results=results)


def account(house, tax_id):
    with house.db(house.alice) as work:
        bank_accounts.state_account(
            work,
            vendor_id=house.vendor,
            partner_id=house.partner,
            entry=Account(holder="Brightwater IT Ltd", country="GB", number="12345678", bank_code="112233",
                            tax_id=tax_id),
        )  # fmt: skip


def test_a_plan_says_what_the_programme_asks_by_name(house):
    asking(house)
    ref = asked(house, place="Leeds")
    with house.db(house.alice) as work, pytest.raises(LimitReached, match="not say: objective"):
        planning.submit(work, queries.request_by_ref(work.session, house.alice, ref))
    ref = asked(house, place="Leeds", objective="Thirty meetings")
    with house.db(house.alice) as work:
        planning.submit(work, queries.request_by_ref(work.session, house.alice, ref))
    it = plan(house, house.finn, ref, request_decisions.approve)
    assert [(name, said) for name, _, said in it.activities[0].facts] == [
        ("place", "Leeds"), ("objective", "Thirty meetings"),
    ]  # fmt: skip


def test_a_claim_asks_how_it_went_results_papers_and_the_tax_number(house):
    asking(house)
    ref = asked(house, place="Leeds", objective="Thirty meetings")
    with house.db(house.alice) as work:
        planning.submit(work, queries.request_by_ref(work.session, house.alice, ref))
    plan(house, house.finn, ref, request_decisions.approve)
    house.db.clock.at = house.db.clock.at.replace(month=4, day=10)
    house.proven(ref)
    issued = {"issued_on": date(2026, 4, 8)}
    claim = filed(house, ref, 500, **issued, order_number=ref, shown=("tax_id",))
    assert detail(house, claim).missing == ("How it went", "Results", "tax number")
    with house.db(house.alice) as work, pytest.raises(Conflict, match="3 things are missing"):
        filing.submit(work, queries.claim_by_ref(work.session, house.alice, claim))
    account(house, "GB980780684")
    told(house, claim, "Twelve meetings.", place="Leeds")
    with house.db(house.alice) as work:
        filing.submit(work, queries.claim_by_ref(work.session, house.alice, claim))
    it = detail(house, claim, house.mira)
    assert [check.words for check in it.checks if not check.ok] == []
    steps = {step.rule: step.outcome for step in it.why.steps}
    for rule in (
        "claim.unchanged",
        "claim.results",
        "claim.needs",
        "invoice.shows",
        "invoice.order_number",
    ):
        assert steps[rule] == "good"


def test_another_place_than_approved_and_an_incomplete_paper_are_seen_at_the_desk(house):
    asking(house)
    ref = asked(house, place="Leeds", objective="Thirty meetings")
    with house.db(house.alice) as work:
        planning.submit(work, queries.request_by_ref(work.session, house.alice, ref))
    plan(house, house.finn, ref, request_decisions.approve)
    house.db.clock.at = house.db.clock.at.replace(month=4, day=10)
    house.proven(ref)
    account(house, "GB980780684")
    claim = filed(house, ref, 500, issued_on=date(2026, 4, 8), order_number="PO 7")
    told(house, claim, "None.", place="York")
    with house.db(house.alice) as work:
        filing.submit(work, queries.claim_by_ref(work.session, house.alice, claim))
    wrong = {
        check.code: check.words for check in detail(house, claim, house.mira).checks if not check.ok
    }
    assert wrong["claim.unchanged"] == "Not as approved. place: Leeds → York."
    assert "does not show the tax number" in wrong["invoice.shows"]
    assert wrong["invoice.order_number"].endswith(f"it is {ref}.")


def test_the_desk_reads_what_the_rules_say_now_and_what_changed_since_the_plan_was_sent(house):
    ruled(house, '\n[[cap]]\nname = "Print"\namount = "1000.00"\nper = "quarter"\n')
    first, second = house.drafted(700), house.sent(700)
    assert plan(house, house.finn, second).since_sent == ()
    house.db.clock.at += timedelta(minutes=1)
    with house.db(house.alice) as work:
        row = queries.request_by_ref(work.session, house.alice, first)
        planning.submit(work, row)
    it = plan(house, house.finn, first)
    assert it.suggested == gbp(300)
    plan(house, house.finn, second, request_decisions.refuse, reason=Reason.INELIGIBLE, words="No.")
    it = plan(house, house.finn, first)
    assert (it.suggested, it.checks[-1].ok) == (gbp(700), True)
    assert any("is paid" in words or "within" in words for words in it.since_sent)
    done = plan(house, house.finn, first, request_decisions.approve)
    assert done.checks == it.checks
