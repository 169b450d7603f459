"""The books through their pages: zero sums, numbers that open their postings, the vendor's accounts."""

import csv
import io
from decimal import Decimal

from sqlalchemy import text

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.ledger import trial
from tcma.mdf.payments import batches
from tcma.mdf.reasons import Reason
from tests.domain.mdf.conftest import gbp


def rows_of(page):
    return list(csv.DictReader(io.StringIO(page.text)))


def paid_and_asked_back(house):
    """One claim of £900 paid and £400 of it asked back; one of £500 approved."""
    ref = house.decided(house.claimed(house.proven(house.approved(900)), ("1", 900)))
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="BACS 1")
    with house.db(house.mira) as work:
        claim = queries.claim_by_ref(work.session, house.mira, ref)
        why = {"reason": Reason.DUPLICATE, "words": "Half was paid before."}
        claim_decisions.claw_back(work, claim, amount=gbp(400), **why)
    return house.decided(house.claimed(house.proven(house.approved(500)), ("2", 500)))


def test_the_books_sum_to_zero_and_each_number_opens_its_postings(counter):
    owed = paid_and_asked_back(counter.house)
    with counter.house.db(counter.house.finn) as work:
        today = work.now.date()
        span = trial.Span(since=today.replace(month=1, day=1), until=today)
        (balance,) = trial.trial_balance(work.session, counter.house.finn, span)
    closing = {line.account.code: line.closing.major for line in balance.lines}
    assert balance.whole
    assert closing == {
        "1200": Decimal("-900.00"),
        "1400": Decimal("400.00"),
        "2100": Decimal("-500.00"),
        "2610": Decimal("-30400.00"),
        "2620": Decimal("-8600.00"),
        "2630": Decimal("0.00"),
        "6300": Decimal("40000.00"),
    }
    page = counter.finn.get("/desk/finance/trial-balance")
    opens = next(link for link in page.links() if "account=1400" in link)
    assert "£400.00" in counter.finn.get(opens).words
    lines = rows_of(counter.finn.get("/desk/finance/journal.csv"))
    sums = [sum(Decimal(row[side] or 0) for row in lines) for side in ("Debit", "Credit")]
    assert sums[0] == sums[1] > 0
    assert {row["Account"] for row in lines} == set(closing)
    listed = counter.finn.get("/desk/finance")
    assert "£500.00" in listed.words
    ages = counter.finn.get(next(link for link in listed.links() if "owed?" in link))
    assert f"/desk/claims/{owed}" in ages.links()
    (line,) = rows_of(counter.finn.get("/desk/finance/owed.csv"))
    assert (line["Claim"], line["Amount"], line["Age"]) == (owed, "500.00", "0 to 7 days")
    promised = counter.house.approved(300)
    quarter = next(
        link
        for link in counter.finn.get("/desk/finance").links()
        if "promised?quarter" in link and "currency" in link
    )
    assert f"/desk/fund-requests/{promised}" in counter.finn.get(quarter).links()
    kept = rows_of(counter.finn.get("/desk/finance/promised.csv"))
    assert [(row["Plan"], row["Reserved"]) for row in kept] == [(promised, "300.00")]


MORE = """
WITH found AS (
  INSERT INTO claim SELECT made.* FROM claim, generate_series(1, 1200) AS n,
    jsonb_populate_record(claim, jsonb_build_object('id', gen_random_uuid(), 'ref', 'CLM-' || n))
    AS made WHERE claim.ref = :ref RETURNING id)
INSERT INTO ledger_account OVERRIDING SYSTEM VALUE
  SELECT made.* FROM (SELECT id, row_number() OVER () AS n FROM found) AS other, ledger_account AS it
  JOIN claim ON claim.id = it.claim_id, jsonb_populate_record(it,
    jsonb_build_object('id', 1000000 + other.n, 'claim_id', other.id)) AS made
  WHERE claim.ref = :ref AND it.kind = 'accrued'
"""


def test_of_many_claims_to_pay_all_are_summed_and_filed_and_the_list_is_paged(counter):
    house = counter.house
    ref = house.decided(house.claimed(house.proven(house.approved(500)), ("2", 500)))
    with house.db() as work:
        work.session.execute(text("SET LOCAL session_replication_role = replica"))  # the guards
        work.session.execute(text(MORE), {"ref": ref})
    page = counter.finn.get("/desk/finance")
    assert page.words.count("£600,500.00") == 2
    assert "1,201" in page.words
    rows = rows_of(counter.finn.get("/desk/finance/owed.csv"))
    assert sum(Decimal(row["Amount"]) for row in rows) == 600_500
    listed, seen, at = set(), 0, "/desk/finance/owed?from=0&currency=GBP"
    while at:
        seen += 1
        links = counter.finn.get(at).links()
        listed |= {link for link in links if link.startswith("/desk/claims/CLM-")}
        at = next((link for link in links if "after=" in link), "")
    assert (len(listed), seen) == (1_201, 25)
    assert counter.finn.get("/desk/finance/owed?from=8").words.count("CLM-") == 0
    assert counter.finn.get("/desk/finance/owed?from=9").status == 404


def test_a_vendor_posts_to_its_own_accounts_and_two_places_may_share_one(counter):
    page = counter.finn.get("/desk/finance/accounts")
    inputs = page.tree.css("main .form-control")
    fields = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    fields |= {"accrued-code": "A-77", "accrued-name": "Owed to partners"}
    wrong = counter.finn.post("/desk/finance/accounts", **fields | {"paid-code": "no blanks"})
    assert wrong.status == 422
    assert counter.finn.post("/desk/finance/accounts", **fields).status == 303
    paid_and_asked_back(counter.house)
    assert "A-77 Owed to partners" in counter.finn.get("/desk/finance/journal").words
    assert counter.mira.get("/desk/finance").status in {403, 404}


def test_finance_stores_rates_one_by_one_and_by_file_and_is_told_what_is_wrong(counter):
    one = {"day": "2026-03-02", "base": "eur", "quote": "gbp", "rate": "0,86", "source": "My bank"}
    assert "No rate yet" in counter.finn.get("/desk/finance/rates").words
    wrong = counter.finn.post("/desk/finance/rates", **one | {"quote": "pounds"})
    assert wrong.status == 422
    assert "three letters of a currency" in wrong.words
    assert counter.finn.post("/desk/finance/rates", **one).status == 303
    file = (io.BytesIO(b"Date,USD,GBP\n2026-03-02,1.08,0.87\n"), "eurofxref.csv")
    sent = counter.finn.post("/desk/finance/rates/file", file=file, file_source="ECB")
    assert sent.status == 303
    page = counter.finn.get("/desk/finance/rates")
    assert "1 EUR in USD" in page.words
    only = counter.finn.get(next(link for link in page.links() if "pair=EUR-GBP" in link))
    assert "0.86" in only.words
    assert "0.87" in only.words
    assert "USD" not in only.words
    assert counter.mira.get("/desk/finance/rates").status in {403, 404}
