"""The engine: shares, limits, periods, versions, lines, what is curable until when, and the trace."""

import itertools
import json

import pytest

from tcma.mdf.programme import reading
from tests.domain.mdf.programme.cases import claim, decide, programme, request, step

NOTICE = """zone = "Europe/London"
region = "GB-ENG"
[request]
deadline = "10 working days before activity start"
"""
WINDOW = """zone = "Europe/London"
[claim]
deadline = "45 days after activity end"
"""
HALF = "[share]\npercent = 50\ntier.gold = 75\n"


def said(decision):
    return decision.decision.value, list(decision.codes), str(decision.amount.major)


def costs(*pairs, **more):
    rows = [{"kind": kind, "amount": amount} for kind, amount in pairs]
    return [
        {"type": "event", "starts_on": "2026-12-08", "ends_on": "2026-12-18", "costs": rows} | more
    ]


@pytest.mark.parametrize(
    ("at", "decision"),
    [
        ("2026-11-24T23:59:59.999999+00:00", "approve"),
        ("2026-11-25T00:00:00+00:00", "refuse"),
        ("2026-11-24T23:59:59", "approve"),  # on the programme's clocks
        ("2026-11-25", "refuse"),
    ],
)
def test_a_plan_counts_to_the_last_second_of_its_last_day(at, decision):
    found = decide(NOTICE, **request(submitted_at=at))
    assert found.decision.value == decision


def test_whoever_is_late_reads_how_late_and_the_first_day_that_would_do():
    activity = [{"type": "event", "starts_on": "2026-12-02", "ends_on": "2026-12-18"}]
    found = decide(NOTICE, **request(activities=activity, vendor="Quillon"))
    assert said(found) == ("refuse", ["LATE_REQUEST"], "0.00")
    assert found.reasons[0].words == "This starts in 6 working days; Quillon needs 10."
    assert found.reasons[0].remedy == "Start on Tue 8 Dec 2026 instead, or ask for an exception."
    assert (found.reasons[0].curable, found.reasons[0].by) == (False, None)


def test_notice_over_christmas_skips_the_holidays():
    activity = [{"type": "event", "starts_on": "2026-12-31", "ends_on": "2026-12-31"}]
    late, good = "2026-12-16T00:00:00+00:00", "2026-12-15T23:59:59+00:00"
    assert decide(NOTICE, **request(activities=activity, submitted_at=good)).codes == ()
    found = decide(NOTICE, **request(activities=activity, submitted_at=late))
    assert found.codes == ("LATE_REQUEST",)
    assert step(found, "request.deadline").inputs["closed_days"] == {
        "2026-12-25": "Christmas Day",
        "2026-12-26": "Boxing Day",
        "2026-12-28": "Boxing Day (observed)",
    }


@pytest.mark.parametrize(
    ("zone", "at", "codes"),
    [
        ("Europe/London", "2026-05-24T22:59:59+00:00", ()),
        ("Europe/London", "2026-05-24T23:00:00+00:00", ("LATE_CLAIM",)),
        ("Pacific/Auckland", "2026-05-24T11:59:59+00:00", ()),
        ("Pacific/Auckland", "2026-05-24T12:00:00+00:00", ("LATE_CLAIM",)),
        ("America/Los_Angeles", "2026-05-25T06:59:59+00:00", ()),
        ("America/Los_Angeles", "2026-05-25T07:00:00+00:00", ("LATE_CLAIM",)),
    ],
)
def test_a_claim_counts_to_the_last_second_in_the_programmes_zone(zone, at, codes):
    rules = WINDOW.replace("Europe/London", zone)
    assert decide(rules, **claim(submitted_at=at)).codes == codes


@pytest.mark.parametrize(
    ("deadline", "last", "late"),
    [
        ("30 days after quarter end", "2026-07-30T23:59:59", "2026-07-31"),
        ("end of month", "2026-04-30T23:59:59", "2026-05-01"),
        ("1 month after activity end", "2026-05-09T23:59:59", "2026-05-10"),
        ("10 working days after activity end", "2026-04-23T23:59:59", "2026-04-24"),
        ("2026-05-15", "2026-05-15T23:59:59", "2026-05-16"),
        ("90 days after approval", "2026-05-31T23:59:59", "2026-06-01"),
    ],
)
def test_each_form_of_claim_window_ends_where_it_says(deadline, last, late):
    rules = f'zone = "UTC"\n[claim]\ndeadline = "{deadline}"\n'
    assert decide(rules, **claim(submitted_at=last)).codes == ()
    assert decide(rules, **claim(submitted_at=late)).codes == ("LATE_CLAIM",)


def test_of_several_last_days_the_first_counts():
    rules = '[claim]\ndeadline = ["90 days after activity end", "2026-05-15"]\n'
    assert decide(rules, **claim(submitted_at="2026-05-16")).codes == ("LATE_CLAIM",)


@pytest.mark.parametrize(
    ("given", "then"),
    [
        (request(activities=costs(("venue", "1000.00")), requested=None), ("approve", [], "500.00")),
        (request(activities=costs(("venue", "1000.01")), requested=None), ("approve", [], "500.01")),
        (request(activities=costs(("venue", "1000.00")), requested="400"), ("approve", [], "400.00")),
        (
            request(activities=costs(("venue", "1000.00")), requested="600.00"),
            ("partial", ["AMOUNT_MISMATCH"], "500.00"),
        ),
        (
            request(activities=costs(("venue", "1000.00")), requested=None, partner={"tier": "Gold"}),
            ("approve", [], "750.00"),
        ),
        (claim(), ("approve", [], "750.00")),
        (claim(partner={"tier": "silver"}), ("approve", [], "500.00")),
        (
            claim(request={"approved_at": "2026-03-02", "approved": "700.00"}),
            ("partial", ["OVER_BUDGET"], "700.00"),
        ),
    ],
)  # fmt: skip
def test_the_share_follows_the_tier_and_rounds_half_up(given, then):
    given = {key: value for key, value in given.items() if value is not None}
    assert said(decide(HALF, **given)) == then


def test_an_activity_has_its_own_share_limit_and_fixed_sum():
    rules = """[share]
percent = 50
[activity.email]
share.percent = 100
maximum = "300.00"
[activity.event]
fixed = "250.00"
"""
    two = [
        costs(("agency", "400.00"), type="email")[0],
        costs(("venue", "1000.00"))[0],
    ]
    found = decide(rules, **request(activities=two, requested=None) | {"requested": "650.00"})
    assert said(found) == ("partial", ["OVER_CAP"], "550.00")
    assert [str(line.amount.major) for line in found.lines] == ["300.00", "250.00"]


def test_costs_that_are_not_eligible_are_left_out_and_named():
    rules = '[costs]\nineligible = ["alcohol"]\n'
    given = request(activities=costs(("venue", "900.00"), ("Alcohol", "100.00")))
    del given["requested"]
    found = decide(rules, **given)
    assert said(found) == ("partial", ["INELIGIBLE_EXPENSE"], "900.00")
    assert "Alcohol is not paid for: £100.00" in found.reasons[0].words
    only = decide('[costs]\neligible = ["venue"]\n', **given)
    assert str(only.amount.major) == "900.00"


@pytest.mark.parametrize(
    ("then", "answer"),
    [
        ("reduce", ("partial", ["OVER_CAP"], "300.00")),
        ("return", ("return", ["OVER_CAP"], "0.00")),
        ("refuse", ("refuse", ["OVER_CAP"], "0.00")),
    ],
)
def test_a_limit_per_quarter_counts_what_was_approved_before(then, answer):
    rules = (
        f'[[cap]]\namount = "1000.00"\nper = "quarter"\nactivities = ["event"]\nthen = "{then}"\n'
    )
    before = [
        {"type": "event", "on": "2026-10-01", "amount": "700.00"},
        {"type": "event", "on": "2026-09-30", "amount": "900.00"},
        {"type": "email", "on": "2026-10-02", "amount": "900.00"},
    ]
    given = request(activities=costs(("venue", "800.00")), history=before)
    assert said(decide(rules, **given)) == answer


def test_a_limit_on_a_cost_counts_before_the_share():
    rules = (
        '[share]\npercent = 50\n[[cap]]\namount = "400.00"\nper = "activity"\ncosts = ["travel"]\n'
    )
    given = request(activities=costs(("travel", "600.00"), ("venue", "1000.00")))
    del given["requested"]
    assert said(decide(rules, **given)) == ("partial", ["OVER_CAP"], "700.00")


def test_the_larger_of_a_sum_and_a_part_of_the_fund():
    rules = '[[cap]]\namount = "3000"\npercent_of_fund = 10\nlarger_of_both = true\nper = "fund"\n'
    given = request(activities=costs(("device", "9000.00")), fund={"total": "50000.00"})
    given["requested"] = "9000.00"
    assert str(decide(rules, **given).amount.major) == "5000.00"
    assert str(decide(rules, **given | {"fund": {"total": "9000"}}).amount.major) == "3000.00"


@pytest.mark.parametrize(
    ("rules", "amount", "codes"),
    [
        ('[request]\nminimum = "500.00"\n', "500.00", ()),
        ('[request]\nminimum = "500.00"\n', "499.99", ("UNDER_MINIMUM",)),
        ('[request]\nmaximum = "500.00"\nwhen_too_much = "return"\n', "500.00", ()),
        ('[request]\nmaximum = "500.00"\nwhen_too_much = "return"\n', "500.01", ("OVER_CAP",)),
    ],
)
def test_smallest_and_largest_sums_are_allowed_themselves(rules, amount, codes):
    assert decide(rules, **request(requested=amount)).codes == codes


def test_an_empty_fund_holds_a_good_plan():
    found = decide(HALF, **request(fund={"available": "0"}))
    assert said(found) == ("return", ["OVER_BUDGET"], "0.00")
    part = decide(HALF, **request(fund={"available": "300.00"}))
    assert said(part) == ("partial", ["OVER_BUDGET"], "300.00")


@pytest.mark.parametrize(
    ("kind", "given", "amount"),
    [
        ('kind = "fixed"\n[fund]\nper_partner = "2000"\nper = "year"\n', {"fund": {"used": "1500"}}, "500.00"),
        ('kind = "pooled"\n', {"fund": {"available": "650.00"}}, "650.00"),
        ('kind = "matched"\n[share]\nmatch = "1:1"\n', {"partner_pays": "600.00"}, "600.00"),
        ('kind = "matched"\n[share]\nmatch = "2:1"\n', {"partner_pays": "300.00"}, "600.00"),
    ],
)  # fmt: skip
def test_each_kind_of_fund_has_its_own_ceiling(kind, given, amount):
    assert str(decide(kind, **request(**given)).amount.major) == amount


def test_points_are_rounded_up_to_whole_ones():
    found = decide('kind = "points"\npoint = "0.30"\n', **request(requested="100.00"))
    assert found.as_json()["points"] == 334


TWO = """[request]
deadline = "10 working days before activity start"
[share]
percent = 50
"""
CHANGE = """[[change]]
from = 2026-03-01
share.percent = 40
[[change]]
from = 2026-04-01
share.percent = 30
request.deadline = "20 working days before activity start"
"""


@pytest.mark.parametrize(
    ("approved", "version", "amount"),
    [
        ("2026-02-28T23:59:59+00:00", "first", "500.00"),
        ("2026-03-01T00:00:00+00:00", "2026-03-01", "400.00"),
        ("2026-03-31T23:59:59+00:00", "2026-03-01", "400.00"),
    ],
)
def test_a_claim_is_judged_by_the_version_at_approval(approved, version, amount):
    plan = {"approved_at": approved, "approved": "1500.00"}
    found = decide(TWO + CHANGE, **claim(request=plan))
    assert (found.version, str(found.amount.major)) == (version, amount)
    assert {each["version"] for each in found.as_json()["trace"]} == {version}


def test_a_change_keeps_what_it_does_not_name():
    first, second, third = programme(TWO + CHANGE).versions
    assert second.request == first.request
    assert third.request.deadline[0].words == "20 working days before activity start"


def test_a_plan_is_judged_by_the_version_of_the_day_it_is_sent():
    assert decide(TWO + CHANGE, **request()).version == "2026-04-01"


def test_one_of_several_activities_may_fall_without_the_others():
    lines = [
        *costs(("venue", "1000.00")),
        *costs(("agency", "500.00"), starts_on="2026-12-01", ends_on="2026-12-02"),
    ]
    given = request(activities=lines)
    del given["requested"]
    found = decide(TWO, **given)
    assert said(found) == ("partial", ["LATE_REQUEST"], "500.00")
    assert [(line.decision.value, str(line.amount.major)) for line in found.lines] == [
        ("approve", "500.00"),
        ("refuse", "0.00"),
    ]
    both = [each | {"starts_on": "2026-12-01"} for each in lines]
    assert decide(TWO, **given | {"activities": both}).decision.value == "refuse"


def test_what_is_curable_says_until_when():
    rules = WINDOW + 'fix_within = "14 days"\n[[proof]]\nproof = "photo"\n'
    found = decide(rules, **claim(submitted_at="2026-05-24T12:00:00+01:00"))
    assert said(found) == ("return", ["POP_MISSING"], "0.00")
    assert (found.reasons[0].curable, str(found.reasons[0].by)) == (True, "2026-06-07")
    assert str(found.would_be.major) == "1000.00"
    early = decide(rules, **claim(submitted_at="2026-04-20"))
    assert str(early.reasons[0].by) == "2026-05-24"


def test_a_programme_may_call_a_reason_final_or_curable():
    assert decide(NOTICE + "[curable]\nLATE_REQUEST = true\n",
                  **request(submitted_at="2026-11-25")).decision.value == "return"  # fmt: skip
    final = '[[proof]]\nproof = "photo"\n[curable]\nPOP_MISSING = false\n'
    assert decide(final, **claim()).decision.value == "refuse"


@pytest.mark.parametrize(
    ("rules", "change", "code"),
    [
        ('made_out_to = "partner"', {"made_out_to": "Other Ltd"}, "INVOICE_PARTY_MISMATCH"),
        ('made_out_to = "partner"', {"made_out_to": "brightwater  it"}, None),
        ('not_before = "approval"', {"issued_on": "2026-03-02"}, None),
        ('not_before = "approval"', {"issued_on": "2026-03-01"}, "NO_PREAPPROVAL"),
        ('not_after = "15 days after approval"', {"issued_on": "2026-03-17"}, None),
        ('not_after = "15 days after approval"', {"issued_on": "2026-03-18"}, "LATE_CLAIM"),
        ("", {"tax": "200.00", "total": "1200.01"}, "AMOUNT_MISMATCH"),
        ("", {"already_in": "CLM-2026-0140"}, "DUPLICATE"),
        ("", {"currency": "EUR"}, "AMOUNT_MISMATCH"),
        ("", {"currency": "EUR", "rate": "0.85"}, None),
        ('equals = "approved"\ntolerance = "500.00"', {}, None),
        ('equals = "approved"\ntolerance = "499.99"', {}, "AMOUNT_MISMATCH"),
    ],
)
def test_an_invoice_is_held_to_its_rules(rules, change, code):
    given = claim()
    given["invoices"] = [given["invoices"][0] | change]
    found = decide(f"[invoice]\n{rules}\n", **given)
    assert list(found.codes) == ([code] if code else []), found.trace


def test_the_same_invoice_in_one_claim_is_paid_once():
    invoice = claim()["invoices"][0]
    found = decide("[share]\n", **claim(invoices=[invoice, invoice | {"number": " 1"}]))
    assert (found.codes, str(found.would_be.major)) == (("DUPLICATE",), "1000.00")


def test_a_claim_without_an_invoice_comes_back():
    assert said(decide("[share]\n", **claim(invoices=[]))) == (
        "return", ["COST_PROOF_MISSING"], "0.00",
    )  # fmt: skip


def test_a_rule_in_the_authors_words_is_judged_for_each_thing():
    rules = """[[rule]]
name = "serial numbers"
on = ["claim"]
each = "invoice"
when = 'kind is "device"'
require = "serial_no is stated"
code = "COST_PROOF_MISSING"
words = "A device shows its serial number."
"""
    invoice = claim()["invoices"][0] | {"kind": "device"}
    found = decide(rules, **claim(invoices=[invoice]))
    assert (found.codes, found.reasons[0].words) == (
        ("COST_PROOF_MISSING",), "A device shows its serial number.",
    )  # fmt: skip
    assert decide(rules, **claim(invoices=[invoice | {"serial_no": "A1"}])).codes == ()
    assert decide(rules, **claim()).codes == ()


@pytest.mark.parametrize(
    ("at", "carry", "answer"),
    [
        ("2026-09-30T23:59:59", None, ("approve", [], "800.00")),
        ("2026-10-01T00:00:00", None, ("refuse", ["FUND_EXPIRED"], "0.00")),
        ("2026-10-01", {"role": "seller"}, ("refuse", ["FUND_EXPIRED"], "0.00")),
        ("2026-10-01", {"role": "Director"}, ("partial", ["FUND_EXPIRED"], "200.00")),
        ("2026-10-01", {"role": "director", "amount": "150"}, ("partial", ["FUND_EXPIRED"], "150.00")),
    ],
)  # fmt: skip
def test_money_expires_and_part_of_it_is_carried_over_by_who_may(at, carry, answer):
    rules = '[fund]\nexpires = "6 months after quarter end"\ncarry_over = 25\ncarry_over_by = "director"\n'
    case = {"kind": "expiry", "submitted_at": at, "unspent": "800.00", "earned_on": "2026-02-10"}
    assert said(decide(rules, **case | ({"carry_over": carry} if carry else {}))) == answer


def test_the_same_case_and_version_always_come_to_the_same_decision():
    rules = reading.read(f'name = "Test"\ncurrency = "GBP"\n{NOTICE}{HALF}')
    once, again = (json.dumps(decide(rules, **request()).as_json()) for _ in range(2))
    assert once == again


def test_every_step_of_the_sum_begins_where_the_last_one_ended():
    rules = HALF + '[costs]\nineligible = ["alcohol"]\n[request]\nmaximum = "600.00"\n'
    given = request(activities=costs(("venue", "1900.00"), ("alcohol", "100.00")))
    del given["requested"]
    sums = [each for each in decide(rules, **given).trace if each.before is not None]
    assert [each.rule for each in sums] == ["costs.eligible", "share", "request.maximum"]
    assert all(one.after == two.before for one, two in itertools.pairwise(sums))
