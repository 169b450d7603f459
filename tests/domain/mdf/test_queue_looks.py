"""The queue says what the rules say now, not what they said when something was sent."""

from tcma.mdf import queries, queue
from tcma.mdf.claims import filing

from .conftest import a_pdf
from .test_changes import asked
from .test_stages import plan


def looked(house):
    """Kept and fresh concern of each row, by reference and step."""
    with house.db(house.mira) as work:
        rows = queue.queue(work.session, house.mira, now=work.now)
        fresh = [queue.looked_at(work.session, row, now=work.now) for row in rows]
        return {
            (old.ref, old.step): (old.concern, new.concern, new.checks_all - new.checks_ok)
            for old, new in zip(rows, fresh, strict=True)
        }


def test_a_plan_that_the_fund_cannot_pay_any_more_says_so(house):
    first = house.sent(6_000)
    house.approved(5_000)
    kept, fresh, wrong = looked(house)[(first, "")]
    assert kept == ""
    assert "£5,000.00" in fresh
    assert wrong == 1


def test_a_claim_whose_paper_turns_up_elsewhere_says_so(house):
    ref = house.claimed(house.proven(house.approved(800)), ("PS-1", 300))
    assert looked(house)[(ref, "")] == ("", "", 0)
    other = house.proven(house.approved(900))
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, other)
        claim = filing.draft(work, request, no=0)
        again, paper = house.invoice("PS-2", 300), a_pdf("PS-1")
        filing.add_invoice(work, claim, again, file_name="again.pdf", content=paper)
    kept, fresh, wrong = looked(house)[(ref, "")]
    assert (kept, wrong) == ("", 1)
    assert "stands in another claim" in fresh


def test_a_change_keeps_the_partners_words_until_a_rule_is_against_it(house):
    ref = house.approved(800)
    asked(house, ref, ("Adverts", 900))
    assert looked(house)[(ref, "a change")][1] == "A bigger hall."
    house.approved(9_150)
    assert "available" in looked(house)[(ref, "a change")][1]
    assert plan(house, house.mira, ref).changes[0].state == "waiting"
