"""Programmes and cases that cannot be used are refused by line or place, with what would mend them."""

import json

import pytest

from tcma.mdf.programme import reading, sentences
from tcma.mdf.programme.case_reading import load
from tcma.mdf.programme.nodes import CaseRefused
from tcma.rendering.findings import Severity
from tests.domain.mdf.programme.cases import SHIPPED, claim, programme, request

NAMES = sorted(each.name for each in SHIPPED.iterdir() if each.name.endswith(".toml"))


def stops(text):
    _, findings = reading.check(text, "p.toml")
    return [(f.line, f.message, f.remedy) for f in findings if f.severity is Severity.ERROR]


@pytest.mark.parametrize("name", NAMES)
def test_each_shipped_programme_can_be_used_and_read_in_sentences(name):
    text = (SHIPPED / name).read_text(encoding="utf-8")
    assert stops(text) == []
    (version,) = reading.read(text, name).versions
    assert version.about
    said = [one for part in sentences.of(version) for one in part.sentences]
    assert len(said) > 4
    assert all(one[-1] in ".;" and "  " not in one for one in said), said


@pytest.mark.parametrize(
    ("text", "line", "message", "remedy"),
    [
        ('nme = "X"', 1, "“nme” is not known here.", "did you mean “name”?"),
        ('name = "X"\n[request]\ndeadlin = "x"', 3, "not known", "did you mean “deadline”?"),
        ('name = "X"\n[request]\ndeadline = "soon"', 3, "“soon” does not say", "10 working days"),
        ('name = "X"\nregion = "GB-ENF"', 2, "no calendar for “GB-ENF”", "GB-ENG"),
        ('name = "X"\nzone = "Europe/Londn"', 2, "is not a time zone", "Europe/London"),
        ('name = "X"\ncurrency = "EURO"', 2, "is not a currency", "EUR"),
        ('name = "X"\nkind = "accruedd"', 2, "cannot be “accruedd”", "did you mean “accrued”?"),
        ('name = "X"\nkind = "accrued"', 2, "says how it builds", "[accrual]"),
        ('name = "X"\n[share]\npercent = 150', 3, "at most 100", "percent = 50"),
        ('name = "X"\n[share]\npercent = 0', 3, "above 0", "percent = 50"),
        ('name = "X"\n[share]\nleast = 60\nmost = 50', 3, "in this order", "least"),
        ('name = "X"\n[request]\nminimum = "1,000"', 3, "must be a sum", "2500.00"),
        ('name = "X"\n[request]\nminimum = 10\nmaximum = 5', 3, "above the maximum", "swap"),
        ('name = "X"\ncurrency = "JPY"\n[request]\nmaximum = "9.5"', 3, "more than 0 digits", "JPY"),
        ('name = "X"\n[[cap]]\nper = "quarter"', 2, "A cap has an amount", "amount ="),
        ('name = "X"\n[[cap]]\namount = 5\nper = "weeks"', 4, "cannot be “weeks”", "quarter"),
        ('name = "X"\n[[proof]]\nwhen = "x is"\nproof = "photo"', 3, "ends too early", "compare"),
        ('name = "X"\n[[proof]]\nproof = "a"\n[[proof]]\ncount = 0\nproof = "b"', 5, "whole number", "count"),
        ('name = "X"\n[[rule]]\nname = "r"', 2, "says what must hold", "require"),
        ('name = "X"\n[activity.event]\n[[activity.event.proof]]\nprof = "x"', 4, "not known", "proof"),
        ('name = "X"\n[[change]]\nshare.percent = 5', 2, "from when it counts", "from ="),
        ('name = "X"\n[[change]]\nfrom = 2026-07-01\nshare.percent = 500', 4, "at most 100", "50"),
        ('name = "X"\nfrom = 2026-08-01\n[[change]]\nfrom = 2026-07-01', 4, "later and later", "order"),
        ('name = "X"\nweekend = ["sonntag"]', 2, "weekend names days", "friday"),
        ('name = "X"\n[invoice]\nno_tax_from_abroad = true', 3, "Abroad of what", "home"),
        ('name = "X\n', 1, "Not TOML", "mend this line"),
        ("", 0, "empty", "name ="),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line_and_remedy(text, line, message, remedy):
    found = stops(text)
    assert any(at == line and message in said and remedy in mend for at, said, mend in found), found


def test_everything_wrong_is_found_at_once_and_in_order():
    found = stops('nme = "X"\n[share]\npercent = 150\n[request]\ndeadline = "soon"\n')
    assert [line for line, *_ in found] == [0, 1, 3, 5]


def test_working_days_without_a_region_are_a_doubt_and_no_stop():
    text = 'name = "X"\n[request]\ndeadline = "5 working days before activity start"\n'
    found, (doubt,) = reading.check(text, "p.toml")
    assert found is not None
    assert (doubt.severity, "holidays" in doubt.message) == (Severity.WARNING, True)


def test_a_sum_written_as_a_number_keeps_its_digits():
    assert str(programme("[request]\nmaximum = 1000.10\n").versions[0].request.maximum) == "1000.10"


def read(case, **more):
    return load(json.dumps(case | more) if isinstance(case, dict) else case,
                currency="GBP", zone="Europe/London")  # fmt: skip


@pytest.mark.parametrize(
    ("case", "place", "remedy"),
    [
        ("{", "line 1, column 2", "mend this place"),
        ("[]", "case: a case is one object", "begin with"),
        ('{"kind": "claim", "x": NaN}', "NaN", "number"),
        ({"kind": "clam"}, "kind", "did you mean “claim”?"),
        (request(submited_at="x"), "submited_at", "did you mean “submitted_at”?"),
        (request(weather="fine"), "weather", "facts"),
        (request(submitted_at="yesterday"), "submitted_at", "2026-11-24T17:00"),
        (request(submitted_at="2026-03-29T01:30:00"), "clocks in Europe/London", "offset"),
        (request(activities=[]), "activities", "starts_on"),
        (request(activities=[{"type": "event"}]), "activities[0].starts_on", "2026-11-24"),
        (request(activities=[{"type": "event", "starts_on": "2026-02-30"}]), "starts_on", "2026"),
        (request(activities=[{"type": "event", "strats_on": "x"}]), "activities[0].strats_on", "starts_on"),
        (request(requested="1,000.00"), "requested", "1250.00"),
        (request(requested="10.005"), "requested: 10.005", "round it"),
        (request(requested=-1), "requested", "nothing below zero"),
        (request(requested=True), "requested", "1250.00"),
        (request(currency="EUR"), "currency: the case is in EUR", "programme in EUR"),
        (request(currency="QQQ"), "currency", "write"),
        (request(share="150"), "share", "50"),
        (claim(invoices=[{"number": "1"}]), "invoices[0].net", "total"),
        (claim(invoices=[{"net": "1", "activity": 3}]), "invoices[0].activity", "count from 0"),
        (claim(proofs=[{"proof": ""}]), "proofs[0].proof", "proof"),
        (claim(partner=["x"]), "partner", "{…}"),
        (claim(partner={"overdue": "no"}), "partner.overdue", "true"),
        (claim(history=[{"on": "2026-01-01"}]), "history[0].amount", "500.00"),
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_judged_is_refused_by_its_place(case, place, remedy):
    with pytest.raises(CaseRefused) as refused:
        read(case)
    assert place in refused.value.message
    assert remedy in refused.value.remedy


def test_sums_in_a_case_are_exact_as_text_or_as_numbers():
    assert read(request(requested="1000.10")).asked == read('{"kind": "request", "submitted_at": '
        '"2026-01-01", "activities": [{"type": "a", "starts_on": "2026-02-01"}], '
        '"requested": 1000.10}').asked  # fmt: skip
