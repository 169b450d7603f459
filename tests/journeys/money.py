"""The money's stations: asked for, approved, spent, claimed, approved by another, paid once."""

import re
from datetime import date

from tests.journeys.story import PDF, PROFILE, SLUG


def ask_for_money_first(story):
    """Station 7a: a fund request tied to the campaign; the channel manager approves it."""
    nell, mira = story.nell, story.mira
    nell.go(f"/console/fund-requests/new?campaign=corbelane/{SLUG}")
    nell.clicks = 0
    nell.page.locator("main [name=activities-0-lines-0-label]").fill("List and copy writing")
    nell.page.locator("main [name=activities-0-lines-0-amount]").fill("900.00")
    nell.press("Send request")
    assert nell.clicks <= 5
    story.refs["request"] = nell.path.split("/")[3].split("?")[0]
    nell.see(story.refs["request"]).picture("console-fund-request")
    mira.go("/desk").picture("desk-queue").open_row(story.refs["request"])
    assert story.refs["request"] in mira.path
    mira.picture("desk-fund-request").press("Approve", exact=True)
    mira.go(f"/desk/fund-requests/{story.refs['request']}").see("£450.00")
    nell.go(f"/console/fund-requests/{story.refs['request']}").see("£450.00")


WHOLE_FILE = re.compile(r"Case file, ([89]|1\d) of \1")
"""The page is kept at the start, too, where a worker came to it in time, and each is drawn as a picture."""


def claim_what_was_spent(story):
    """Station 7b: the launch wrote its proof; the partner adds the invoice and files."""
    nell = story.nell
    nell.go(f"/console/fund-requests/{story.refs['request']}")
    nell.clicks = 0
    nell.press("Claim money back").press("Start the claim")
    story.refs["claim"] = nell.path.split("/")[3].split("?")[0]
    nell.attach("file", "invoice.pdf", PDF).see("Is it read right?").fill(
        {
            "Who wrote it": "Pennant Studio",
            "Number": "PS-2041",
            "Date": date.today().isoformat(),  # noqa: DTZ011 - the day on the paper
            "Made out to": PROFILE["Legal name"],
        }
    )
    nell.page.locator("main [name=net]").fill("900.00")
    nell.press("Add the invoice").see("The case file is complete").picture("console-claim")
    nell.press("File claim")
    assert nell.clicks <= 6
    nell.see_in_time(WHOLE_FILE).see("Send log")


def pay_it_once(story):
    """Station 7c: another person approves on a phone, finance pays; the ledger stays whole."""
    ada, finn, nell = story.ada, story.finn, story.nell
    ada.go(f"/desk/claims/{story.refs['claim']}").picture("desk-claim")
    ada.on_a_phone().press("Approve")
    ada.go(f"/desk/claims/{story.refs['claim']}").see("Approved")
    finn.go("/desk/payments").see("No bank account yet.")
    nell.go("/console/funds/accounts/corbelane")
    nell.page.locator("main [name=iban]").fill("GB33 BUKB 2020 1555 5555 55")
    nell.press("Save the account").see("Waits for the check")
    finn.go("/desk/payments/accounts").open_row(PROFILE["Display name"])
    finn.fill({"How did you check it?": "Called the number on the contract"}).press("It is theirs")
    finn.go("/desk/payments").see(PROFILE["Display name"]).press("Make batch")
    story.refs["batch"] = finn.path.split("/")[3].split("?")[0]
    finn.press("Write the bank’s file")
    with finn.page.expect_download() as started:
        finn.press("Save the bank’s file")
    exported = started.value.path().read_text()
    assert story.refs["claim"] in exported
    assert "450.00" in exported
    finn.fill({"Reference of the bank": "BACS-88-1"}).press("Mark £450.00 as paid")
    finn.see("BACS-88-1").picture("desk-payment")
    nell.go(f"/console/claims/{story.refs['claim']}").see("Paid")
    proof = story.product.command("ledger", "verify")
    assert proof["whole"] is True
    assert proof["entries"] >= 6
