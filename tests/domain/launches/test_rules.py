"""What stops a launch, what is only worth a look, and in which words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tcma.launches.rules import MOVES, Area, Facts, Fix, LaunchState, Severity, blocking, preflight
from tcma.senders.rules import DomainState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GOOD = {
    "now": NOW, "send_at": NOW + timedelta(days=1), "lists_n": 1, "people_n": 650,
    "sendable_n": 612, "held": {"have unsubscribed": 38}, "sender": "a@partner.example",
    "vendor_name": "Larkspur", "sender_state": DomainState.VERIFIED,
}  # fmt: skip


def found(**facts):
    return preflight(Facts(**(GOOD | facts)))


@pytest.mark.parametrize(
    ("state", "held", "severity", "words"),
    [
        (DomainState.VERIFIED, False, Severity.GOOD, "signed for partner.example"),
        (DomainState.FAILING, False, Severity.LOOK, "within the hour"),
        (DomainState.PENDING, False, Severity.LOOK, "'s address with your name"),
        (DomainState.BROKEN, False, Severity.LOOK, "is broken"),
        (DomainState.PENDING, True, Severity.STOP, "nothing would leave"),
        (None, False, Severity.LOOK, "leaves unsigned"),
    ],
)
def test_the_senders_domain_weighs_as_much_as_it_does(state, held, severity, words):
    findings = found(sender_state=state, sender_is_held=held)
    about = next(each for each in findings if each.area is Area.SENDER)
    assert (about.severity, words in about.message) == (severity, True), about


def test_a_good_plan_has_nothing_that_stops_it_and_says_who_is_left_out():
    findings = found()
    assert blocking(findings) == []
    assert findings[0].message == "612 people will get it, 38 will not: 38 have unsubscribed."


@pytest.mark.parametrize(
    ("facts", "area", "severity", "fix", "words"),
    [
        ({"lists_n": 0}, Area.AUDIENCE, Severity.STOP, Fix.LIST, "No list"),
        ({"people_n": 0, "sendable_n": 0}, Area.AUDIENCE, Severity.STOP, Fix.LIST, "nobody"),
        (
            {"sendable_n": 0, "held": {"have no consent on record": 650}},
            Area.AUDIENCE, Severity.STOP, Fix.LIST, "650 have no consent on record",
        ),
        ({"sender": None}, Area.SENDER, Severity.STOP, Fix.SENDER, "no address"),
        ({"sender": ""}, Area.SENDER, Severity.STOP, Fix.SENDER, "no address"),
        ({"sender": "a@gmail.com"}, Area.SENDER, Severity.STOP, Fix.SENDER, "gmail.com"),
        ({"sender_is_fallback": True}, Area.SENDER, Severity.LOOK, Fix.SENDER, "Larkspur"),
        (
            {"profile_missing": ["legal_name", "address"]},
            Area.BRAND, Severity.STOP, Fix.PROFILE, "legal name, postal address",
        ),
        ({"has_logo": False}, Area.BRAND, Severity.LOOK, Fix.PROFILE, "no logo"),
        (
            {"copy_problems": ["The headline is too long."]},
            Area.CONTENT, Severity.STOP, Fix.COPY, "too long",
        ),
        ({"campaign_live": False}, Area.CALENDAR, Severity.STOP, Fix.LIBRARY, "taken"),
        (
            {"hidden_by": ["Tier: it asks for gold, you have silver"]},
            Area.CALENDAR, Severity.STOP, Fix.LIBRARY, "it asks for gold",
        ),
        ({"ends_on": date(2026, 3, 2)}, Area.CALENDAR, Severity.STOP, Fix.DATE, "ends on"),
        ({"send_at": NOW - timedelta(hours=1)}, Area.CALENDAR, Severity.LOOK, Fix.DATE, "passed"),
        ({"page_ready": False}, Area.PAGE, Severity.LOOK, Fix.NONE, "published"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_weight_and_its_fix(facts, area, severity, fix, words):
    finding = next(each for each in found(**facts) if each.area is area)
    assert (finding.severity, finding.fix) == (severity, fix)
    assert words in finding.message
    assert bool(blocking(found(**facts))) is (severity is Severity.STOP)


def test_the_heaviest_finding_comes_first():
    severities = [each.severity for each in found(sender=None, has_logo=False)]
    assert severities == sorted(severities, key=list(Severity).index)


def test_a_campaign_may_be_launched_on_its_last_day():
    assert not blocking(found(ends_on=(NOW + timedelta(days=1)).date()))


def test_what_is_over_goes_nowhere():
    assert MOVES[LaunchState.FINISHED] == {LaunchState.SENDING}, "a second try for some"
    assert not MOVES[LaunchState.CANCELLED]
    assert set(MOVES) == set(LaunchState)
