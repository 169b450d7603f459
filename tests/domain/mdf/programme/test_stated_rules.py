"""Rules of real programmes, decided as they are stated: at the boundary second, over holidays."""

import json
from pathlib import Path

import pytest

from tests.domain.mdf.programme.cases import claim, decide, request, step

KNOWN = ("huawei-1", "huawei-2", "huawei-pop", "ectacom-1", "checklist-1", "general-1")
LIST = Path(__file__).parents[4].parent / "shared" / "data" / "mdf_rules.json"
PAPERS = ["event photo", "sealed receipts", "scanned copy of invoices", "overall summary",
          "newsletter and advertising evidence", "contract", "attendance sheet"]  # fmt: skip
INVOICE = {"number": "1", "issuer": "Brightwater IT", "issued_on": "2026-04-10",
           "order_number": "PBO-7", "country": "DE", "net": "1500.00", "total": "1500.00"}  # fmt: skip
COMPLETE = {"number": "7", "issuer": "Print Shop", "issuer_address": "1 Mill Lane", "tax_id": "GB1",
            "issued_on": "2026-04-10", "terms": "30 days", "net": "1000.00", "total": "1000.00",
            "lines": [{"label": "prints", "amount": "1000.00"}],
            "file": "CLM-1-invoice.pdf"}  # fmt: skip


def plan(at, start="2026-10-26"):
    activity = {"type": "event", "starts_on": start, "ends_on": start}
    return request(submitted_at=at, activities=[activity], currency="EUR")


def cloud(**more):
    given = claim(proofs=PAPERS, currency="EUR", submitted_at="2026-07-08T23:59:59+08:00")
    return given | more


def doing(**more):
    return [{"type": "event", "starts_on": "2026-04-01", "ends_on": "2026-04-09"} | more]


def trade(**more):
    given = claim(currency="EUR", invoices=[INVOICE], claimed="1500.00")
    given["request"] = {**given["request"], "order_number": "PBO-7"}
    return given | more


def papers(*, share=None, invoice=None, **more):
    given = claim(invoices=[COMPLETE | (invoice or {})], currency="GBP", claimed="1000.00")
    return given | more | ({"share": share} if share else {})


def without(name):
    return [each for each in PAPERS if each != name]


# In China the Mid-Autumn Festival (Fri 25 September), the National Day (1 to 7 October) and the worked
# Saturday 10 October 2026 lie in between.
STATED = [
    # ten working days before Mon 26 October, China: Mon 12 October
    ("huawei-1", "cloud-partner", plan("2026-10-12T23:59:59+08:00"), "approve", []),
    ("huawei-1", "cloud-partner", plan("2026-10-13T00:00:00+08:00"), "refuse", ["LATE_REQUEST"]),
    # ten before Mon 12 October: Sat 10 to Thu 8, Wed 30 to Mon 28 September, Thu 24 to Mon 21
    ("huawei-1", "cloud-partner", plan("2026-09-21T23:59:59+08:00", "2026-10-12"), "approve", []),
    ("huawei-1", "cloud-partner", plan("2026-09-22T00:00:00+08:00", "2026-10-12"), "refuse",
     ["LATE_REQUEST"]),
    ("huawei-2", "cloud-partner", cloud(), "approve", []),
    ("huawei-2", "cloud-partner",
     cloud(request={"approved_at": "2026-03-31T23:59:59+08:00", "approved": "1500.00"}),
     "approve", []),
    ("huawei-2", "cloud-partner",
     cloud(request={"approved_at": "2026-04-01T00:00:00+08:00", "approved": "1500.00"}),
     "refuse", ["NO_PREAPPROVAL"]),
    ("huawei-2", "cloud-partner", cloud(request=None), "refuse", ["NO_PREAPPROVAL"]),
    *[
        ("huawei-pop", "cloud-partner", cloud(proofs=without(name)), "return", [code])
        for name, code in (
            ("event photo", "POP_MISSING"),
            ("sealed receipts", "POP_MISSING"),
            ("scanned copy of invoices", "POP_MISSING"),
            ("newsletter and advertising evidence", "POP_MISSING"),
            ("contract", "POP_MISSING"),
            ("overall summary", "RESULTS_MISSING"),
            ("attendance sheet", "POP_MISSING"),
        )
    ],
    *[
        ("huawei-pop", "cloud-partner", cloud(proofs=[*without("event photo"), instead]),
         "approve", [])
        for instead in ("related contract", "screenshot", "Original hotel bill")
    ],
    ("huawei-pop", "cloud-partner",
     cloud(proofs=[*without("attendance sheet"), "explanation why none"]), "approve", []),
    ("huawei-pop", "cloud-partner", cloud(activities=doing(audience=["partners"])), "approve", []),
    ("huawei-pop", "cloud-partner", cloud(activities=doing(audience=["End customers"])),
     "return", ["LEAD_LIST_MISSING"]),
    ("huawei-pop", "cloud-partner",
     cloud(activities=doing(audience=["end customers"]), proofs=[*PAPERS, "opportunities recorded"]),
     "approve", []),
    ("huawei-pop", "cloud-partner",
     cloud(activities=doing(costs=[{"kind": "sponsorship fee", "amount": "1000.00"}],
                            benefits=["banner", "talk"])),
     "return", ["POP_MISSING"]),
    ("huawei-pop", "cloud-partner",
     cloud(activities=doing(costs=[{"kind": "sponsorship fee", "amount": "1000.00"}],
                            benefits=["banner", "talk"]),
           proofs=[*PAPERS, "scanned sealed sponsorship contract",
                   {"proof": "photo of benefit", "files": 1}]),
     "return", ["POP_MISSING"]),
    ("huawei-pop", "cloud-partner",
     cloud(activities=doing(costs=[{"kind": "sponsorship fee", "amount": "1000.00"}],
                            benefits=["banner", "talk"]),
           proofs=[*PAPERS, "scanned sealed sponsorship contract",
                   {"proof": "photo of benefit", "files": 2}]),
     "approve", []),
    ("ectacom-1", "distributor", trade(), "approve", []),
    ("ectacom-1", "distributor", trade(invoices=[INVOICE | {"order_number": ""}]),
     "return", ["COST_PROOF_MISSING"]),
    ("ectacom-1", "distributor", trade(invoices=[INVOICE | {"order_number": "PBO-8"}]),
     "return", ["COST_PROOF_MISSING"]),
    ("ectacom-1", "distributor",
     trade(invoices=[INVOICE | {"net": "1500.01", "total": "1500.01"}]),
     "return", ["AMOUNT_MISMATCH"]),
    ("ectacom-1", "distributor",
     trade(invoices=[INVOICE | {"net": "1499.99", "total": "1499.99"}]),
     "return", ["AMOUNT_MISMATCH"]),
    ("ectacom-1", "distributor", trade(invoices=[INVOICE | {"country": "AT"}]), "approve", []),
    ("ectacom-1", "distributor",
     trade(claimed="1250.00", invoices=[INVOICE | {"country": "AT", "net": "1250.00",
                                                   "tax": "250.00"}]),
     "return", ["AMOUNT_MISMATCH"]),
    ("checklist-1", "strict-papers", papers(), "approve", []),
    *[
        ("checklist-1", "strict-papers", papers(invoice={field: None}), "return",
         ["COST_PROOF_MISSING"])
        for field in ("issuer", "issuer_address", "tax_id", "number", "issued_on", "lines", "terms")
    ],
    ("checklist-1", "strict-papers", papers(claimed="900.00"), "return", ["AMOUNT_MISMATCH"]),
    ("checklist-1", "strict-papers", papers(claimed="900.00", facts={"partial_funding_rule": True}),
     "approve", []),
    ("checklist-1", "strict-papers", papers(activities=doing(type="digital_ads")),
     "return", ["POP_MISSING"]),
    ("checklist-1", "strict-papers",
     papers(activities=doing(type="digital_ads"),
            proofs=[{"proof": "ad archive record", "file": "CLM-1 archive.png"}]),
     "approve", []),
    ("checklist-1", "strict-papers",
     papers(activities=doing(type="digital_ads"),
            proofs=[{"proof": "timestamped screenshot", "file": "shot.png"}]),
     "return", ["NAMING_RULE"]),
    *[
        ("general-1", "co-op", request(currency="GBP", share=share), decision, codes)
        for share, decision, codes in (
            (50, "approve", []), (100, "approve", []), ("49.99", "return", ["AMOUNT_MISMATCH"]),
        )
    ],
    *[
        ("general-1", "co-op",
         {"kind": "accrual", "submitted_at": "2026-04-01", "currency": "GBP",
          "purchases": "100000.00", "accrual_percent": rate}, decision, codes)
        for rate, decision, codes in (
            (1, "approve", []), (5, "approve", []), ("0.99", "return", ["AMOUNT_MISMATCH"]),
            ("5.01", "return", ["AMOUNT_MISMATCH"]),
        )
    ],
    *[
        ("general-1", "co-op",
         {"kind": "expiry", "submitted_at": at, "currency": "GBP", "unspent": "500.00",
          "activities": doing()}, decision, codes)
        for at, decision, codes in (
            ("2026-05-09T23:59:59+00:00", "approve", []),
            ("2026-05-10T00:00:00+00:00", "refuse", ["FUND_EXPIRED"]),
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize(("rule", "name", "case", "decision", "codes"), STATED)
def test_a_stated_rule_is_decided_as_it_is_stated(rule, name, case, decision, codes):
    found = decide(name, **{key: value for key, value in case.items() if value is not None})
    assert (found.decision.value, list(found.codes)) == (decision, codes), found.trace


def test_every_rule_of_the_list_is_decided_here():
    known = KNOWN
    if LIST.is_file():
        known = [each["id"] for each in json.loads(LIST.read_text())["rules"]]
    assert set(known) == {rule for rule, *_ in STATED}


def test_the_sum_follows_the_agreed_rate_and_share():
    accrued = decide("co-op", kind="accrual", submitted_at="2026-04-01", currency="GBP",
                     purchases="12345.67", accrual_percent="2.5")  # fmt: skip
    assert str(accrued.amount.major) == "308.64"
    costs = [{"kind": "venue", "amount": "1000.01"}]
    shared = decide("co-op", kind="request", submitted_at="2026-04-01", currency="GBP", share=50,
                    activities=doing(costs=costs))  # fmt: skip
    assert str(shared.amount.major) == "500.01"


def test_money_comes_within_ten_weeks_of_the_check():
    found = decide("distributor", **trade(judged_at="2026-06-01T09:00:00+02:00"))
    assert found.as_json()["pay_by"] == "2026-08-10"


def test_overdue_bills_freeze_all_benefits_until_they_are_paid():
    found = decide("cloud-partner", **cloud(partner={"name": "Brightwater IT", "overdue": True}))
    assert list(found.codes) == ["ACCOUNT_OVERDUE"]
    assert found.reasons[0].curable


def test_a_changed_place_needs_a_new_application():
    approved = {"approved_at": "2026-03-02", "approved": "1500.00",
                "activities": [{"type": "event", "place": "Leeds"}]}  # fmt: skip
    found = decide("cloud-partner", **cloud(activities=doing(place="York"), request=approved))
    assert list(found.codes) == ["CHANGED_ACTIVITY"]
    assert "Leeds → York" in found.reasons[0].words


def test_a_late_claim_is_taken_with_a_directors_word_only():
    late = cloud(submitted_at="2026-07-09T00:00:00+08:00")
    assert list(decide("cloud-partner", **late).codes) == ["LATE_CLAIM"]
    seller = {"until": "2026-07-20", "role": "seller", "by": "Sam"}
    assert list(decide("cloud-partner", **late, extension=seller).codes) == ["LATE_CLAIM"]
    director = seller | {"role": "Director", "by": "Dana"}
    assert decide("cloud-partner", **late, extension=director).decision.value == "approve"


def test_the_trace_names_the_holidays_that_stood_between():
    found = decide("cloud-partner", **plan("2026-09-21T10:00:00+08:00", "2026-10-12"))
    closed = step(found, "request.deadline").inputs["closed_days"]
    assert closed["2026-10-01"] == "National Day"
    assert "2026-10-10" not in closed
