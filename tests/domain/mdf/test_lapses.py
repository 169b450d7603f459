"""Partners read by mail what time took from them, and by when what was approved is paid."""

from datetime import date, timedelta

from sqlalchemy import select, update

from tcma.accounts.models import UserAccount
from tcma.delivery.models import MessageBody
from tcma.mdf import overdue, queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import views as claim_views
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions

from .test_stages import plan, ruled
from .test_withdrawals import act


def letters(house):
    with house.db() as work:
        rows = work.session.scalars(select(MessageBody).order_by(MessageBody.message_id))
        return [" ".join(f"{row.subject} {row.plain}".split()) for row in rows]


def later(house, days):
    house.db.clock.at += timedelta(days)
    with house.db() as work:
        overdue.settle(work)
    return letters(house)[-1]


def test_what_lapsed_is_told_to_its_people(house):
    ref = house.sent(600)
    how = {"reason": Reason.PLAN_INCOMPLETE, "words": "Say where."}
    plan(house, house.mira, ref, request_decisions.return_to_fix, **how)
    assert f"{ref}: expired" in later(house, 15)
    unclaimed = house.approved(500, starts=date(2026, 4, 6))
    last = later(house, 80)
    assert f"{unclaimed}: claim period over" in last
    assert "£500.00 was not claimed by" in last


def test_a_claim_that_was_not_fixed_in_time_is_told_to_who_filed_it(house):
    claim = house.claimed(house.proven(house.approved(800)), ("1", 800))
    how = {"reason": Reason.POP_MISSING, "words": "A photo."}
    act(house, house.mira, claim, claim_decisions.return_to_fix, **how)
    later(house, 100)
    assert any(
        f"{claim}: refused" in each and "not fixed in time" in each for each in letters(house)
    )


def test_an_approved_claim_says_by_when_it_is_paid(house):
    source = '\n[activity.survey]\nname = "Survey"\n'
    ruled(house, source, into={"[claim]\n": '[claim]\npaid_within = "10 working days"\n'})
    claim = house.claimed(house.proven(house.approved(800)), ("1", 800))
    act(house, house.mira, claim, claim_decisions.approve)
    with house.db(house.alice) as work:
        it = claim_views.claim_detail(work.session, house.alice, claim, now=work.now)
    assert it.pay_by == date(2026, 3, 17)
    assert "It is paid by Tue 17 Mar 2026." in letters(house)[-1]


def test_a_partner_reads_the_answer_in_its_language_and_the_record_stays_english(house):
    with house.db() as work:
        work.session.execute(update(UserAccount).values(locale="de-DE"))
    ref = house.sent(800)
    with house.db(house.mira) as work:
        request = queries.request_by_ref(work.session, house.mira, ref)
        request_decisions.return_to_fix(
            work, request, reason=Reason.PLAN_INCOMPLETE, words="Which hall?"
        )
        note = request.note
    assert note == ("The plan leaves something open. Which hall? Send it again by Mon 16 Mar 2026.")
    asked, answer = letters(house)[-2:]
    assert "waits for" in asked or "decide" in asked.casefold()
    assert f"{ref}: zurück zum Nachbessern" in answer
    assert (
        "Der Plan lässt etwas offen. Which hall?"
        " Senden Sie es bis Mo., 16. März 2026 noch einmal." in answer
    )
