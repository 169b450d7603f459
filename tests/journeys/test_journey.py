"""The whole chain in Chromium: invited, co-branded, launched, answered, paid, reported."""

import pytest

from tests.journeys import money, outreach, setting_out
from tests.journeys.story import Story

STATIONS = (
    setting_out.join_by_invitation,
    setting_out.publish_the_next_edition,
    setting_out.make_it_ours,
    setting_out.bring_the_customers,
    money.ask_for_money_first,
    outreach.launch_in_three_decisions,
    outreach.watch_it_finish,
    outreach.click_and_unsubscribe,
    outreach.answer_the_lead,
    money.claim_what_was_spent,
    money.pay_it_once,
    outreach.numbers_open_their_rows,
)


@pytest.mark.timeout(800)
def test_the_whole_chain(product, browser, pictures):
    story = Story(product, browser, pictures)
    try:
        for station in STATIONS:
            station(story)
    except BaseException as error:
        error.add_note(story.standing())
        raise
    complaints = {one.name: one.said for one in story.people}
    assert not any(complaints.values()), complaints
    story.leave()
