"""The money of one plan through the pages: asked, approved, proven, claimed, decided, paid."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tcma.mdf.funds import opening
from tcma.mdf.ledger import booking
from tcma.mdf.reasons import Reason
from tcma.money import Money
from tests.domain.mdf.conftest import a_pdf
from tests.domain.mdf.test_extensions import GIVEN
from tests.domain.mdf.test_stages import ruled


def invoice(**other):
    paper = {
        "issuer": "Pennant Studio",
        "number": "PS-2291",
        "issued_on": "2026-03-02",
        "made_out_to": "Brightwater IT Ltd",
        "net": "900.00",
        "tax": "180.00",
        "file": (io.BytesIO(a_pdf()), "invoice.pdf"),
    }
    return paper | other


def claimed(counter, ref):
    """A claim of an approved plan, filed by page: its address at the partner."""
    counter.house.proven(ref)
    claim = counter.alice.post("/console/claims/new", plan=ref).location
    counter.alice.post(f"{claim}/invoices", **invoice())
    counter.alice.post(f"{claim}/submission")
    return claim


def test_a_plan_is_approved_from_the_queue_and_leaves_it(counter):
    ref = counter.house.sent(800)
    queue = counter.finn.get("/desk")
    assert f"/desk/fund-requests/{ref}" in queue.links()
    page = counter.finn.get(f"/desk/fund-requests/{ref}")
    assert "All five checks passed." in page.words
    sent = counter.finn.post(f"/desk/fund-requests/{ref}/approval", amount="700.00")
    assert (sent.status, sent.location) == (303, "/desk")
    assert "The queue is empty." in counter.finn.get("/desk").words
    assert "£700.00" in counter.alice.get(f"/console/fund-requests/{ref}").words


@pytest.mark.parametrize("amount", ["0", "0.00", "-5", "ten", "800.01"])
def test_a_sum_that_cannot_be_reserved_comes_back_and_reserves_nothing(counter, amount):
    ref = counter.house.sent(800)
    refused = counter.finn.post(f"/desk/fund-requests/{ref}/approval", amount=amount)
    assert refused.status == 422
    assert f'value="{amount}"' in refused.text
    assert "In review" in counter.alice.get(f"/console/fund-requests/{ref}").words


def test_a_claim_approved_with_nothing_is_not_approved_in_full(counter):
    claim = claimed(counter, counter.house.approved(1_000))
    desk = claim.replace("console", "desk")
    assert counter.mira.post(f"{desk}/approval", amount="0").status == 422
    assert "In review" in counter.alice.get(claim).words


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("amount=880&close=1", "Approving £880.00 moves: Reserved −£1,000.00 To pay to"),
        ("amount=880", "Approving £880.00 moves: Reserved −£880.00 To pay to"),
        ("amount=0", "Write a sum up to what was asked"),
        ("amount=900.01", "Write a sum up to what was asked"),
    ],
)
def test_the_desk_sees_what_a_typed_sum_would_move(counter, typed, said):
    claim = claimed(counter, counter.house.approved(1_000))
    address = f"{claim.replace('console', 'desk')}/effect?{typed}"
    assert said in counter.mira.get(address).words


def test_from_the_claim_to_the_bank_each_person_does_their_part(counter):
    claim = claimed(counter, counter.house.approved(1_000))
    desk = claim.replace("console", "desk")
    assert "You approved the plan" in counter.finn.get(desk).words
    page = counter.mira.get(desk)
    assert page.heading == "Brightwater IT claims £900.00"
    assert "All nine checks passed." in page.words
    counter.mira.post(f"{desk}/approval", amount="880.00", words="As agreed.", close="y")
    assert "£880.00" in counter.alice.get(claim).words
    assert "£880.00 ready to pay" in counter.finn.get("/desk/payments").words
    batch = counter.finn.post("/desk/payments", claims=claim.rpartition("/")[2]).location
    counter.finn.post(f"{batch}/export")
    links = counter.finn.get(batch).links()
    path = next(each for each in links if each.startswith("/documents/"))
    file = counter.finn.get(counter.finn.get(path).location)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "880.00" in file.text
    assert counter.mira.get(path).status == 404
    counter.finn.post(f"{batch}/settlement", bank_reference="BACS 77")
    assert "£880.00 paid in 2026" in counter.finn.get("/desk/payments").words
    with counter.house.db() as work:
        assert booking.verify(work.session) == []


def test_a_refused_decision_keeps_what_was_typed_and_moves_nothing(counter):
    claim = claimed(counter, counter.house.approved(1_000))
    desk = claim.replace("console", "desk")
    page = counter.mira.post(f"{desk}/approval", amount="9000", words="Kept words")
    assert page.status == 422
    assert "The claim is for £900.00." in page.words
    assert "Kept words" in page.text
    by_the_approver = counter.finn.post(f"{desk}/approval", amount="900.00", words="")
    assert by_the_approver.status == 409
    assert "£900.00" in counter.mira.get("/desk").words


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"net": "a lot"}, "is not an amount"),
        ({"issued_on": "2026-04-01"}, "This day has not come yet."),
        ({"number": ""}, "Copy this from the invoice."),
        ({"file": (io.BytesIO(b"MZ"), "invoice.exe")}, "We cannot use this file"),
    ],
)
def test_a_wrong_invoice_is_refused_at_its_field(counter, wrong, said):
    ref = counter.house.approved(1_000)
    claim = counter.alice.post("/console/claims/new", plan=ref).location
    assert counter.alice.post("/console/claims/new", plan=ref).location == claim
    page = counter.alice.post(f"{claim}/invoices", **invoice(**wrong))
    assert page.status == 422
    assert said in page.words
    assert counter.alice.get(claim).all("tbody tr th")[-1].startswith("Invoice")


def test_a_returned_claim_says_what_to_change_and_can_be_filed_again(counter):
    claim = claimed(counter, counter.house.approved(1_000))
    desk = claim.replace("console", "desk")
    page = counter.mira.post(f"{desk}/return", reason="", words="")
    assert page.status == 422
    counter.mira.post(f"{desk}/return", reason="AMOUNT_MISMATCH", words="Take 30 off.")
    assert "Take 30 off." in counter.alice.get(claim).words
    counter.alice.post(f"{claim}/amount", amount="870.00")
    counter.alice.post(f"{claim}/submission")
    assert counter.mira.get(desk).heading == "Brightwater IT claims £870.00"


def test_a_fund_is_set_up_and_allocated_once_for_one_form(counter):
    facts = {
        "name": "Autumn", "total": "5,000.00", "currency": "GBP", "starts_on": "2026-03-01",
        "ends_on": "2026-12-31", "share": "50", "notice_days": "5", "claim_days": "30", "kind": "discretionary",
        "rules": "standard",
    }  # fmt: skip
    assert counter.finn.post("/desk/funds/new", **facts | {"share": "half"}).status == 422
    fund = counter.finn.post("/desk/funds/new", **facts).location
    key = "01a20ba1-512e-70d4-91eb-0421893280f6"
    for _ in range(2):
        counter.finn.post(
            f"{fund}/allocations", partner="brightwater-it", amount="1000.00", key=key
        )
    assert "£4,000.00" in counter.finn.get(fund).words
    too_much = counter.finn.post(f"{fund}/allocations", partner="brightwater-it", amount="9000")
    assert too_much.status == 429
    assert "£4,000.00 of this fund is not allocated yet." in too_much.words
    journal = counter.finn.get(f"{fund}/journal.csv")
    assert journal.text.count("\r\n") == 3


def test_the_rail_counts_what_waits_for_each_side(counter):
    counter.house.sent(800)
    assert "Queue 1 waiting" in counter.mira.get("/desk/partners").all("header nav li")
    ref = counter.house.sent(700)
    answer = {"reason": "POP_MISSING", "words": "Add the programme."}
    counter.mira.post(f"/desk/fund-requests/{ref}/return", **answer)
    assert "Funds 1 waiting" in counter.alice.get("/console/funds").all("header nav li")


def test_a_fund_begins_with_shipped_rules_or_those_of_another_fund(counter):
    form = counter.finn.get("/desk/funds/new")
    assert "Co-op fund: 1 to 5 % of purchases build up" in form.words
    facts = {
        "name": "Co-op 2027", "rules": "co-op", "kind": "discretionary", "total": "0",
        "currency": "GBP", "starts_on": "2026-03-01", "ends_on": "2026-12-31", "share": "50",
        "notice_days": "10", "claim_days": "45",
    }  # fmt: skip
    fund = counter.finn.post("/desk/funds/new", **facts).location
    assert "Co-op 2027" in counter.finn.get(fund).words
    again = counter.finn.get("/desk/funds/new")
    assert "The same as “Co-op 2027”, also when they change" in again.words
    other = facts | {"rules": counter.house.fund_ref, "total": "100"}
    assert counter.finn.post("/desk/funds/new", **other).status == 422  # not among the choices


def test_one_of_several_activities_is_cut_only_with_a_word_why(counter):
    ref = counter.house.sent(600, 400)
    place = f"/desk/fund-requests/{ref}/approval"
    sums = {"lines-0-amount": "600.00", "lines-1-amount": "250.00"}
    page = counter.finn.post(place, **sums)
    assert page.status == 422
    assert "Choose why it is less, or say it to the partner below." in page.words
    assert counter.finn.post(place, **sums, words="The hall is too dear.").status == 303


def test_money_is_asked_back_in_part_and_booked_when_it_comes(counter):
    claim = claimed(counter, counter.house.approved(1_000))
    desk, ref = claim.replace("console", "desk"), claim.rpartition("/")[2]
    counter.mira.post(f"{desk}/approval", amount="900.00", close="1")
    batch = counter.finn.post("/desk/payments", claims=ref).location
    counter.finn.post(f"{batch}/export")
    counter.finn.post(f"{batch}/settlement", bank_reference="BACS 9")
    assert 'value="900.00"' in counter.mira.get(f"{desk}/claw-back").text
    asked = {"reason": Reason.DUPLICATE, "words": "Half was paid before.", "amount": "450.00"}
    assert counter.mira.post(f"{desk}/claw-back", **asked).status == 303
    assert "Owed back by partners" in counter.finn.get("/desk/payments").words
    page = counter.finn.get(f"{desk}/repayment")
    assert "owes £450.00 back" in page.words
    key = page.tree.css_first("input[name=key]").attributes["value"]
    paid = {"amount": "450.00", "bank_reference": "IN 3", "key": key}
    for _ in range(2):
        assert counter.finn.post(f"{desk}/repayment", **paid).status == 303
    again = counter.finn.post(f"{desk}/repayment", **paid | {"amount": "440.00"})
    assert (again.status, "another content" in again.words) == (409, True)
    assert "Owed back by partners" not in counter.finn.get("/desk/payments").words
    assert "Nothing is left to book." in counter.finn.get(f"{desk}/repayment").words


def test_a_claim_is_taken_back_by_page_with_a_word_and_taken_up_again(counter):
    claim = claimed(counter, counter.house.approved(1_000))
    assert "Take this claim back" in counter.alice.get(claim).words
    asks = counter.alice.post(f"{claim}/withdrawal")
    assert (asks.status, "Say why you take it back." in asks.words) == (422, True)
    counter.alice.post(f"{claim}/withdrawal", words="The wrong invoice.")
    assert "Taken back" in counter.alice.get(claim).words
    desk = counter.mira.get(claim.replace("console", "desk"))
    assert "The wrong invoice." in desk.words
    assert "Your decision" not in desk.words
    counter.alice.post(f"{claim}/draft")
    assert "Discard this draft" in counter.alice.get(claim).words
    assert counter.alice.post(f"{claim}/withdrawal").status == 303
    assert "Not filed" not in counter.alice.get(claim).words


def test_a_verdict_that_turns_while_somebody_looks_is_looked_at_again(counter):
    house = counter.house
    ruled(
        house, '\n[[cap]]\nname = "Print"\namount = "1000.00"\nper = "quarter"\nthen = "refuse"\n'
    )
    ref, other = house.sent(700), house.drafted(600)
    page = counter.finn.get(f"/desk/fund-requests/{ref}")
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    with house.db() as work:
        work.session.execute(text("UPDATE fund_request SET state='submitted', submitted_at = :at"
                                  " WHERE ref = :ref"), {"ref": other, "at": house.db.clock.at - timedelta(1)})  # fmt: skip
    late = counter.finn.post(f"/desk/fund-requests/{ref}/approval", amount="700.00", seen=seen)
    assert late.status == 409
    assert "changed while you looked at it" in late.words
    assert "Since it was sent, the rules say: Print: £1,000.00 per quarter" in late.words
    again = late.text.split('name="seen" value="')[1].split('"')[0]
    sent = counter.finn.post(f"/desk/fund-requests/{ref}/approval", amount="400.00", seen=again)
    assert sent.status == 303


def test_a_file_of_sales_is_tried_first_and_then_imported(counter):
    house = counter.house
    with house.db(house.finn) as work:
        plan = opening.FundPlan(
            name="Co-op", total=Money(0, "GBP"), starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), kind="accrued", accrual_bps=250,
        )  # fmt: skip
        ref = opening.create_fund(work, plan).ref
    rows = b"partner,date,amount,reference\nBrightwater IT,2026-02-01,1000,INV-1\nNobody,2026-02-01,1,X\n"
    address = f"/desk/funds/{ref}/sales"
    tried = counter.finn.post(address, act="try", file=(io.BytesIO(rows), "q1.csv"))
    assert "1 of 2 rows would count, and partners would earn £25.00." in tried.words
    assert "No enrolled partner is called “Nobody”." in tried.words
    assert "No sales yet." in counter.finn.get(address).words
    made = counter.finn.post(address, file=(io.BytesIO(rows), "q1.csv"))
    assert "1 of 2 rows count." in counter.finn.get(made.location).words


def test_a_fund_is_changed_by_two_people_and_a_second_press_asks_once(counter):
    ref = counter.house.fund_ref
    fund = f"/desk/funds/{ref}"
    page = counter.finn.get(f"{fund}/reduction")
    key = page.tree.css_first("input[name=key]").attributes["value"]
    asked = {"amount": "500.00", "reason": "The year is shorter.", "key": key}
    for _ in range(2):
        assert counter.finn.post(f"{fund}/reduction", **asked).location == fund
    other = counter.finn.post(f"{fund}/reduction", **asked | {"amount": "501.00"})
    assert other.status == 409
    own = counter.finn.get(fund)
    assert "1 change waits for a second person." in own.words
    assert "another person confirms it" in own.words
    (confirm,) = [
        form.attributes["action"]
        for form in counter.mira.get(fund).tree.css("form")
        if form.attributes.get("action", "").endswith("/confirmation")
    ]
    counter.mira.post(confirm)
    after = counter.mira.get(fund)
    assert "waits for a second person" not in after.words
    assert "£39,500.00" in after.words


def test_more_time_is_asked_for_and_given_by_page(counter):
    ruled(counter.house, "", into=GIVEN)
    ref = counter.house.approved(800)
    page = f"/console/fund-requests/{ref}"
    assert "Ask for more time to claim" in counter.alice.get(page).words
    late = counter.alice.post(f"{page}/activities/1/more-time", wanted="2027-01-01", words="Late.")
    assert (late.status, "At most until" in late.words) == (422, True)
    counter.alice.post(f"{page}/activities/1/more-time", wanted="2026-06-10", words="Late bills.")
    assert "You asked for" in counter.alice.get(page).words
    assert "more time" in counter.mira.get("/desk").words
    desk = f"/desk/fund-requests/{ref}"
    assert "Late bills." in counter.mira.get(desk).words
    assert "asks for the word of the director" in counter.mira.get(desk).words
    counter.ada.post(f"{desk}/activities/1/more-time/grant", until="2026-06-10")
    assert "can be claimed until Wed 10 Jun 2026" in counter.alice.get(page).words


def test_the_desk_gives_an_order_number_and_both_sides_read_it(counter):
    ref = counter.house.approved(800)
    desk = f"/desk/fund-requests/{ref}"
    assert "Give an order number" in counter.mira.get(desk).words
    counter.mira.post(f"{desk}/order", order_number="PO-4500012")
    for page in (counter.mira.get(desk), counter.alice.get(f"/console/fund-requests/{ref}")):
        assert "Order number PO-4500012" in page.words
    long = counter.mira.post(f"{desk}/order", follow=True, order_number="4" * 36)
    assert "at most 35" in long.words


def test_the_wallet_names_one_next_step_the_most_urgent_first(counter):
    def next_title():
        alice = counter.visitor(counter.house.alice)
        (title,) = alice.get("/console/funds").all(".next h2")
        return title

    assert "Plan with £" in next_title()
    ref = counter.house.approved(800, starts=date(2026, 3, 17), days=1)
    counter.house.db.clock.move(timedelta(days=17))
    assert next_title().startswith("Claim £800.00 for “")
    counter.house.claimed(ref, ("A-1", 500), submit=False)
    assert next_title().startswith("Add the invoice for “")
