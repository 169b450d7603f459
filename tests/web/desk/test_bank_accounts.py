"""Accounts through the pages: stated by the owner, compared by finance, answered by the bank."""

import io

from tests.domain.mdf.test_bank_accounts import approved, status_report

OWN = {"holder": "Quillon Ltd", "country": "", "iban": "GB29 NWBK 6016 1331 9268 19"}
THEIRS = {
    "holder": "Brightwater IT Ltd",
    "country": "GB",
    "bank_code": "60-16-13",
    "number": "31926819",
}
HOW = {"how": "called the number on the contract"}


def addresses(counter):
    """The partner's account form and the desk's check of it."""
    edit = next(
        link
        for link in counter.alice.get("/console/funds/accounts").links()
        if link.startswith("/console/funds/accounts/")
    )
    counter.alice.post(edit, **THEIRS)
    check = next(
        link
        for link in counter.finn.get("/desk/payments/accounts").links()
        if link.startswith("/desk/payments/accounts/")
    )
    return edit, check


def test_an_account_is_stated_compared_and_paid_to(counter):
    ref = approved(counter.house)
    counter.finn.post("/desk/payments/own-account", **OWN)
    assert "No bank account yet." in counter.finn.get("/desk/payments").words
    _, check = addresses(counter)
    page = counter.finn.get(check)
    assert "31926819" in page.words
    assert counter.finn.post(check, **HOW).location == "/desk/payments/accounts"
    assert "Checked" in counter.alice.get("/console/funds/accounts").words
    batch = counter.finn.post("/desk/payments", claims=ref).location
    counter.finn.post(f"{batch}/export")
    report = status_report(batch.rsplit("/", 1)[1], (ref, "ACSC"))
    sent = counter.finn.post(f"{batch}/answer", file=(io.BytesIO(report), "bank.xml"))
    assert (sent.status, sent.location) == (303, batch)
    page = counter.finn.get(batch)
    assert "1 paid, 0 refused." in page.words
    assert "BANK-7" in page.words


def test_a_wrong_account_comes_back_with_every_value_and_the_remedy(counter):
    edit, _ = addresses(counter)
    wrong = THEIRS | {"bank_code": "6016"}
    refused = counter.alice.post(edit, **wrong)
    assert refused.status == 422
    assert "Sort code has 6 characters here." in refused.words
    assert 'value="31926819"' in refused.text


def test_a_file_that_is_not_the_bank_s_is_refused_on_the_page(counter):
    batch = counter.finn.post("/desk/payments", claims=approved(counter.house)).location
    counter.finn.post(f"{batch}/export")
    sent = counter.finn.post(f"{batch}/answer", file=(io.BytesIO(b"no xml"), "bank.xml"))
    assert sent.status == 422
    assert "Choose a pain.002, camt.053 or camt.054 file of your bank." in sent.words


def test_a_seller_s_side_shows_no_full_account(counter):
    addresses(counter)
    assert "31926819" not in counter.alice.get("/console/funds/accounts").text
