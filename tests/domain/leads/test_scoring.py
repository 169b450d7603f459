"""Points by rule: what a lead is has a limit, what it does fades; every point has its reason."""

import pytest

from tcma.leads.scoring.adding import Known, score
from tcma.leads.scoring.document import STANDARD
from tcma.leads.scoring.reading import read
from tcma.leads.scoring.trying import Case, known_of, shift, tried
from tcma.leads.scoring.words import sentences

POINTS = read(STANDARD).points
FULL = Known(
    has=frozenset({"company", "phone"}), answers={"Seats": "More than 200", "When": "This month"}
)


def with_clicks(*ages, known=FULL):
    return score(
        POINTS, Known(has=known.has, answers=known.answers, did={"click": ages})
    )  # fmt: skip


def clicked(*ages):
    return score(POINTS, Known(did={"click": ages})).points


def test_each_point_has_its_reason():
    found = with_clicks(2.0)
    assert [(part.name, part.points) for part in found.parts] == [
        ("Filled in the form", 40),
        ("Named the company", 12),
        ("Left a phone number", 10),
        ("Asks for a lot", 20),
        ("Asks for it soon", 20),
        ("Clicked in a mail", 5),
    ]
    click = found.parts[-1]
    assert (click.times, click.days, click.fresh, click.half_life, click.most) == (1, 2, 5, 30, 15)


def test_what_somebody_is_cannot_fill_the_scale_alone_and_the_limit_says_what_it_took():
    full = score(POINTS, FULL)
    assert (full.points, full.over_fit, full.over) == (85, 17, 0)
    kept = with_clicks(*[0.0] * 9).as_json(3)
    assert with_clicks(*[0.0] * 9).points == 100
    assert (kept["version"], kept["over_fit"], kept["most_fit"], "over" in kept) == (
        3,
        17,
        85,
        False,
    )
    assert kept["parts"][0] == {"name": "Filled in the form", "points": 40}


@pytest.mark.parametrize(
    ("ages", "more"),
    [((0,), 5), ((30,), 2), ((60,), 1), ((400,), 0), ((0, 0, 0, 0, 0), 15), ((), 0)],
)
def test_a_click_halves_with_each_month_and_clicks_have_a_cap(ages, more):
    assert clicked(*ages) == clicked() + more


@pytest.mark.parametrize(
    "answer",
    [
        "More than 200",
        "over 200 ",
        "ÜBER 200",
        "Plus de 200",
        "أكثر من 200",
        "Within 30 days",
        "今月",
    ],
)
def test_the_standard_understands_answers_in_each_language_campaigns_are_in(answer):
    assert score(POINTS, Known(answers={"Whatever was asked": answer})).points == 60


OWN = """
[most]
points = 90

[[fit]]
name = "From the north"
if = { country = ["GB"], postcode = ["LS", "BD1"] }
points = 30

[[fit]]
name = "Their own company"
if = { domain = ["brackwater.example"], campaign = ["cloud-migration"] }
points = 50

[[fit]]
name = "No address of a company"
if = { lacks = ["company address"] }
points = -40

[[fit]]
name = "Wants a call"
if = { answer = { "How?" = ["Call me", "By phone"] } }
points = 15

[[behaviour]]
name = "Wrote back"
does = "reply"
points = 20

[[test]]
name = "Leeds"
lead = { country = "GB", postcode = "ls1 2ab", address = "ida@it.brackwater.example", campaign = "cloud-migration", answers = { "How?" = "call me" } }
least = 80
"""


@pytest.mark.parametrize(
    ("lead", "points"),
    [
        ({}, 0),
        ({"country": "GB", "postcode": "LS1 2AB", "address": "x@y.example"}, 30),
        ({"country": "GB", "postcode": "BD2 1AA", "address": "x@y.example"}, 0),
        ({"country": "FR", "postcode": "LS1 2AB", "address": "x@y.example"}, 0),
        ({"address": "ida@brackwater.example", "campaign": "cloud-migration"}, 50),
        ({"address": "ida@notbrackwater.example", "campaign": "cloud-migration"}, 0),
        ({"address": "x@y.example", "answers": {"how?": "By phone"}}, 15),
        ({"address": "x@y.example", "answers": {"Why?": "By phone"}}, 0),
        ({"address": "x@y.example", "reply": [400, 3]}, 40),
        ({"country": "GB", "postcode": "LS1", "reply": [1, 1, 1, 1, 1]}, 90),
    ],
)
def test_a_vendor_writes_its_own_with_minus_points_and_behaviour_that_does_not_fade(lead, points):
    assert score(read(OWN).points, known_of(lead)).points == points


def test_rules_read_as_sentences():
    said = dict(sentences(POINTS))
    assert said["Filled in the form"] == "40 points for every lead."
    assert said["Left a phone number"] == "10 points for a lead that tells a phone number."
    assert said["Asks for it soon"].startswith(
        "20 points for a lead that answers “Within 30 days”, “This month”"
    )
    assert said["Clicked in a mail"] == (
        "5 points for each click in a mail, half as many every 30 days, 15 at most."
    )
    assert said["Limits"] == "What a lead is counts up to 85 points, all together up to 100."
    own = dict(sentences(read(OWN).points))
    assert own["No address of a company"] == (
        "−40 points for a lead that does not tell an address of its own company."
    )
    assert own["From the north"] == (
        "30 points for a lead from GB and with a postcode that begins with LS or BD1."
    )


def test_tests_beside_the_rules_say_what_they_found():
    assert all(one.ok for one in tried(POINTS))
    [leeds] = tried(read(OWN).points)
    assert (leeds.ok, leeds.words) == (
        True,
        "90 points: From the north 30, Their own company 50, Wants a call 15.",
    )
    [wrong] = tried(read(OWN.replace("least = 80", "points = 12")).points)
    assert (wrong.ok, wrong.line) == (False, 30)
    assert wrong.words.startswith("90 points, not 12:")


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("points = 30", "points = 300"), 8, "points is a whole number of points, from -100 to 100"),
        (("points = 90", "points = 900"), 3, "from 1 to 100"),
        (('["GB"]', '["England"]'), 7, "“England” is no country"),
        (('name = "Wants a call"\n', ""), 20, "needs a name"),
        (('"Wants a call"', '"From the north"'), 21, "There is a rule “From the north” already"),
        (('does = "reply"', 'does = "sneeze"'), 27, "does says what is done, not “sneeze”"),
        (("points = 20", "points = 20\nhalflife = 3"), 29, "“halflife” means nothing in [[behaviour]]"),
        (("points = 20", "points = 20\nhalf_life = 0"), 29, "half_life is a whole number of days"),
        (('["company address"]', '["a dog"]'), 17, "Nobody tells “a dog”"),
        (("least = 80", ""), 30, "Say how many points it must have"),
        (('"Leeds"\n', '"Leeds"\n['), 32, "no TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_at_its_line(change, line, words):
    document = read(OWN.replace(*change))
    assert document.points is None
    assert any(f.line == line and words in str(f) for f in document.faults), document.faults


def test_how_past_leads_shift_is_told_by_band_by_rule_that_asks_and_by_lead():
    cases = [
        Case("LEAD-1", "Brackwater", known_of({"company": "x", "phone": "1"})),
        Case("LEAD-2", "Wharfedale", known_of({})),
    ]
    harder = read(STANDARD.replace("points = 40", "points = 10").split("[[test]]")[0]).points
    found = shift(POINTS, harder, cases, [("Large requests", 60)])
    assert (found.leads, found.mean_before, found.mean_after) == (2, 51.0, 21.0)
    assert found.bands == (
        (0, 19, 0, 1),
        (20, 39, 0, 1),
        (40, 59, 1, 0),
        (60, 79, 1, 0),
        (80, 100, 0, 0),
    )
    assert found.asked == (("Large requests", 60, 1, 0),)
    assert [(m.ref, m.before, m.after) for m in found.moves] == [
        ("LEAD-1", 62, 32),
        ("LEAD-2", 40, 10),
    ]


def test_pages_and_files_are_points_that_fade_up_to_their_limit():
    source = (
        '[[behaviour]]\nname = "On our pages"\ndoes = "visit"\npoints = 4\nhalf_life = 10\nmost = 9\n'
        '[[behaviour]]\nname = "Took the sheet"\ndoes = "download"\npoints = 12\n'
    )
    rules = read(source).points
    found = score(rules, known_of({"visit": [0, 10, 1, 1, 1], "download": [40]}))
    assert [(part.name, part.points) for part in found.parts] == [
        ("On our pages", 9), ("Took the sheet", 12),
    ]  # fmt: skip
    assert "each file taken from a page" in str(sentences(rules))
