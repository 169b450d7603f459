"""What is mended on the way to a launch leads back to it by itself."""

from datetime import timedelta

import pytest

from tcma.delivery import actions as delivery
from tcma.launches import actions
from tcma.library.copies import copy_of as ensure_copy

CAMPAIGN = "corbelane/cloud-migration"
DOMAIN = "news.fenwright.example"
SENDER = {"from_name": "Fenwright", "local": "team"}
TYPED = {"addresses": "Ida <ida@weir.example>", "list_name": "Five", "basis": "consent",
         "evidence": "cards"}  # fmt: skip


@pytest.fixture
def draft(stocked):
    """The reference of a launch that has not started."""
    with stocked.db() as work:
        fenwright = stocked.ids["fenwright"]
        sender = delivery.ensure_sender(
            work, partner_id=fenwright, from_name="Alice", from_address="alice@fenwright.example"
        )
    with stocked.world("Alice") as work:
        plan = actions.LaunchPlan(
            copy_id=ensure_copy(work, stocked.ids["campaign"]).id,
            list_ids=(stocked.ids["list"],),
            sender_id=sender,
            send_at=work.now + timedelta(days=2),
        )
        return actions.plan_launch(work, plan, idempotency_key="k").ref


def test_a_new_sender_leads_back_to_the_plan_where_it_is_chosen(stocked, draft):
    alice = stocked.as_("Alice")
    own = alice.post("/console/senders", domain=DOMAIN).location
    page = alice.get(f"{own}?back={draft}")
    action = next(
        form.attributes["action"]
        for form in page.tree.css("main form")
        if "/addresses" in form.attributes.get("action", "")
    )
    assert alice.post(action, **SENDER).location == f"/console/launches/{draft}/plan"
    assert alice.post(f"{own}/addresses", **SENDER | {"local": "hi"}).location == own


def test_mended_texts_lead_back_to_the_launch_and_begin_no_second_one(stocked, draft):
    alice = stocked.as_("Alice")
    editor = f"/console/campaigns/{CAMPAIGN}/copy"
    page = alice.get(f"{editor}?back={draft}")
    action = page.tree.css_first("#words").attributes["action"]
    done = alice.post(action, opening="Hello, we look after 140 firms.", then="launch")
    assert done.location == f"/console/launches/{draft}/check"


def test_a_first_list_leads_back_to_the_launch_it_is_for(stocked):
    alice = stocked.as_("Alice")
    page = alice.get(f"/console/imports/new?way=type&back={CAMPAIGN}")
    actions_of = [form.attributes.get("action", "") for form in page.tree.css("main form")]
    typed = next(one for one in actions_of if "/contacts/lists" in one)
    there = alice.post(typed, **TYPED).location
    assert there == "/console/launches/new?campaign=corbelane/cloud-migration"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "LCH-x", "a/b/c"])
def test_nobody_is_led_elsewhere(stocked, elsewhere):
    alice = stocked.as_("Alice")
    own = alice.post("/console/senders", domain=DOMAIN).location
    assert alice.post(f"{own}/addresses?back={elsewhere}", **SENDER).location == own


def test_a_plan_that_never_started_stands_on_the_first_page(stocked, draft):
    page = stocked.as_("Alice").get("/console")
    assert "Finish the launch of" in page.words
    assert f"/console/launches/{draft}/check" in page.links("main a")
