"""Routing rules as a document: read with faults by line, asked in order, kept, replayed, asked what if."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from tcma.leads.routing.choosing import choose, standard
from tcma.leads.routing.facts import Area, Candidate, Request
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import STANDARD
from tcma.leads.routing.trying import Case, facts_of, from_facts, replayed, tried, what_if
from tcma.leads.routing.words import engagement, sentences

NORTH = Area("GB-N", "Northern England", "GB", ("LS", "FW"))
GERMANY = Area("DE", "Germany", "DE")
AREAS = [NORTH, GERMANY]
SLUGS = ("fenwright", "ridgeline", "osier")


def partner(number, slug, *areas, **facts):
    given = {"weight": 1, "tier": "gold", "kind": "msp", "language": "en"} | facts
    return Candidate(
        UUID(int=number), slug.title(), frozenset(areas or ("GB-N",)), slug=slug, **given
    )


FENWRIGHT = partner(1, "fenwright")
RIDGELINE = partner(2, "ridgeline", tier="platinum")
OSIER = partner(3, "osier", "GB-N", "DE", language="de", kind="si")
ALL = [FENWRIGHT, RIDGELINE, OSIER]


def asks(**facts):
    given = {"country": "GB", "postcode": "LS1 2AB", "source_partner_id": None} | facts
    return Request(**given)


def rules(text):
    found = read(text, partners=SLUGS)
    assert found.faults == ()
    return found.rules


def decided(text, request=None, partners=ALL):
    choice = choose(request or asks(), AREAS, partners, rules(text))
    names = {c.partner_id: c.slug for c in partners}
    return names.get(choice.partner_id, "nobody"), choice


LAST = '\n[[rule]]\nname = "Territory"\nneed = { territory = true }\n'


@pytest.mark.parametrize(
    ("text", "facts", "who"),
    [
        ('[[account]]\ndomain = "brackwater.example"\npartner = "osier"', {}, "ridgeline"),
        ('[[account]]\ndomain = "brackwater.example"\npartner = "osier"',
         {"company": "brackwater.example"}, "osier"),
        ('[[account]]\ndomain = "brackwater.example"\npartner = "osier"',
         {"company": "leeds.brackwater.example"}, "osier"),
        ('[[account]]\ndomain = "brackwater.example"\npartner = "osier"',
         {"company": "notbrackwater.example"}, "ridgeline"),
        ("[sticky]\naccount = true", {"account_partner_id": UUID(int=3)}, "osier"),
        ("[sticky]\naccount = false", {"account_partner_id": UUID(int=3)}, "ridgeline"),
        ('[sticky]\nsource = "never"', {"source_partner_id": UUID(int=3)}, "ridgeline"),
        ('[sticky]\nsource = "always"',
         {"source_partner_id": UUID(int=1), "country": "DE", "postcode": "1"}, "fenwright"),
        ('[[rule]]\nname = "a"\nif = { postcode = ["LS1"] }\npartners = ["osier"]', {}, "osier"),
        ('[[rule]]\nname = "a"\nif = { postcode = ["LS9"] }\npartners = ["osier"]', {}, "ridgeline"),
        ('[[rule]]\nname = "a"\nif = { score = 60 }\npartners = ["osier"]', {"score": 59}, "ridgeline"),
        ('[[rule]]\nname = "a"\nif = { score = 60 }\npartners = ["osier"]', {"score": 60}, "osier"),
        ('[[rule]]\nname = "a"\nif = { campaign = ["cloud"] }\npartners = ["osier"]',
         {"campaign": "cloud"}, "osier"),
        ('[[rule]]\nname = "a"\nif = { answer = { "Seats" = ["More than 200"] } }\npartners = ["osier"]',
         {"answers": {"seats": "more than 200"}}, "osier"),
        ('[[rule]]\nname = "a"\nneed = { tier = ["platinum"] }', {}, "ridgeline"),
        ('[[rule]]\nname = "a"\nneed = { kind = ["si"] }', {}, "osier"),
        (('[[rule]]\nname = "a"\nneed = { certificate = ["security"] }\n'
         '[partner.fenwright]\ncertificates = ["security"]'), {}, "fenwright"),
        ('[[rule]]\nname = "a"\nneed = { vertical = ["dental"] }', {}, "ridgeline"),
        ('[[rule]]\nname = "a"\nprefer = { language = ["de"] }', {}, "osier"),
        ('[[rule]]\nname = "a"\nprefer = { language = ["fr"] }', {}, "fenwright"),
        ('[[rule]]\nname = "a"\nprefer = [{ kind = ["msp"] }, { tier = ["gold"] }]', {}, "fenwright"),
        ('[[rule]]\nname = "a"\npartners = ["fenwright", "osier"]\nweight = { osier = 3 }', {}, "osier"),
        (('[[rule]]\nname = "a"\nif = { country = ["GB"] }\n'
         'need = { tier = ["silver"] }\notherwise = "manual"'), {}, "nobody"),
    ],
)  # fmt: skip
def test_rules_are_asked_in_order_and_the_first_that_finds_somebody_decides(text, facts, who):
    ridge_first = [replace(c, credits={"GB-N": int(c.slug == "ridgeline")}) for c in ALL]
    assert decided(text + LAST, asks(**facts), ridge_first)[0] == who


def test_a_full_partner_is_passed_over_and_the_trace_says_why():
    text = "[partner.fenwright]\nmost_open = 3\n[partner.ridgeline]\nmost_a_day = 2" + LAST
    busy = [replace(FENWRIGHT, open_leads=3), replace(RIDGELINE, today=2), OSIER]
    who, choice = decided(text, asks(source_partner_id=FENWRIGHT.partner_id), busy)
    assert who == "osier"
    why = {c["partner"]: c["why"] for c in choice.trace["candidates"]}
    assert why["Fenwright"] == "has 3 leads open, 3 at most"
    assert why["Ridgeline"] == "had 2 leads today, 2 at most"
    assert choice.trace["tried"][0] == {
        "rule": "Whose page",
        "why": "Fenwright has 3 leads open, 3 at most",
    }


def test_nobody_gets_more_than_its_fair_share():
    text = '[[rule]]\nname = "a"\nmost_percent = 50'
    greedy = [replace(FENWRIGHT, lately=5, weight=9), replace(RIDGELINE, lately=5), OSIER]
    who, choice = decided(text, partners=greedy)
    assert who == "osier"
    assert "50 % at most" in choice.trace["candidates"][0]["why"]


def test_the_trace_tells_every_rule_every_partner_and_the_credits():
    text = '[[rule]]\nname = "Large"\nif = { score = 60 }' + LAST
    _, choice = decided(text)
    assert choice.trace["tried"] == [
        {"rule": "Large", "why": "not asked: it has 0 points, the rule asks for 60"},
        {"rule": "Territory", "why": "Fenwright has it"},
    ]
    assert [c["partner"] for c in choice.trace["candidates"]] == ["Fenwright", "Ridgeline", "Osier"]
    assert sum(c["after"] for c in choice.trace["candidates"]) == 0


def test_weights_of_a_pool_give_its_shares():
    text = '[[rule]]\nname = "Pool"\nweight = { fenwright = 5, ridgeline = 1, osier = 0 }'
    credit = {c.partner_id: {} for c in ALL}
    got = dict.fromkeys(SLUGS, 0)
    for _ in range(60):
        who, choice = decided(
            text, partners=[replace(c, credits=credit[c.partner_id]) for c in ALL]
        )
        got[who] += 1
        for partner_id, amount in choice.credits.items():
            credit[partner_id] = {choice.pool: amount}
    assert got == {"fenwright": 50, "ridgeline": 10, "osier": 0}


def test_without_rules_of_its_own_a_vendor_has_the_standard():
    assert read(STANDARD).faults == ()
    for request in (asks(), asks(country="FR"), asks(source_partner_id=UUID(int=3))):
        assert choose(request, AREAS, ALL) == choose(request, AREAS, ALL, standard())


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[sticky]\nsource = \n", 2, "no TOML"),
        ('[sticky]\nsource = "often"', 2, "source is one of"),
        ('\n[[rule]]\nname = "a"\n[[rule]]\nif = {}', 4, "needs a name"),
        ('[[rule]]\nname = "a"\n[[rule]]\nname = "a"', 4, "Names tell rules apart"),
        ('[[rule]]\nname = "a"\nneed = { tier = ["gold"] }\npartners = ["fenwrite"]', 4,
         "no partner “fenwrite”"),
        ('[[rule]]\nname = "a"\nneed = { tier = ["bronze"] }', 3, "tier “bronze” is unknown"),
        ('[[rule]]\nname = "a"\nif = { country = ["Britain"] }', 3, "two capitals"),
        ('[[rule]]\nname = "a"\nif = { score = 400 }', 3, "from 0 to 100"),
        ('[[rule]]\nname = "a"\nmost_percent = 0', 3, "from 1 to 100"),
        ('[[rule]]\nname = "a"\nweight = { osier = -1 }', 3, "from 0 to 100"),
        ('[[rule]]\nname = "a"\ncolour = "red"', 3, "“colour” means nothing"),
        ('[[account]]\ndomain = "brackwater"\npartner = "osier"', 2, "a company's own"),
        ('[rule]\nname = "a"', 1, "two brackets"),
        ('[[test]]\nname = "t"\nlead = {}', 1, "who gets it"),
        ('[[rule]]\nname = "a"\notherwise = "manual"\n[[rule]]\nname = "b"', 3, "never asked"),
        ("[partner.nobody]\nmost_open = 1", 1, "no partner “nobody”"),
        (f'[[test]]\nname = "{"t" * 81}"\nlead = {{}}\ngets = "first"', 2, "80 characters at most"),
    ],
)  # fmt: skip
def test_every_fault_is_named_at_its_line(text, line, said):
    found = read(text, partners=SLUGS)
    assert found.rules is None
    assert [(f.line, said in str(f)) for f in found.faults] == [(line, True)]


def test_tests_beside_the_rules_say_who_got_it_and_why():
    text = (
        '[[test]]\nname = "Leeds"\nlead = { country = "GB", postcode = "LS1" }\ngets = "fenwright"\n'
        '[[test]]\nname = "Abroad"\nlead = { country = "FR" }\ngets = "osier"\n'
        '[[test]]\nname = "By rule"\nlead = { country = "DE" }\ngets = "osier"\nrule = "Other"\n'
    ) + LAST
    found = tried(rules(text), AREAS, [replace(c, open_leads=99) for c in ALL])
    assert [(t.name, t.ok, t.line) for t in found] == [
        ("Leeds", True, 1),
        ("Abroad", False, 5),
        ("By rule", False, 9),
    ]
    assert found[1].words == "nobody got it, not osier. Last tried: Territory, nobody fits."


REQUESTS = [
    asks(),
    asks(source_partner_id=UUID(int=2), company="brackwater.example"),
    asks(country="DE", postcode="10115", score=80, answers={"Seats": "More than 200"}),
    asks(country="FR"),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_kept_decision_replays_to_the_letter(request_):
    text = (
        '[sticky]\naccount = true\n[[rule]]\nname = "a"\nif = { score = 60 }\n'
        'prefer = { language = ["de"] }\nmost_percent = 60\n[partner.osier]\nmost_open = 4'
    ) + LAST
    before = [replace(c, credits={"GB-N": n, "a/DE": -n}, lately=n) for n, c in enumerate(ALL)]
    choice = choose(request_, AREAS, before, rules(text))
    kept = json.loads(json.dumps(facts_of(request_, AREAS, before)))
    again = replayed(kept, rules(text))
    assert again == choice
    assert json.dumps(again.trace) == json.dumps(choice.trace)
    assert facts_of(*from_facts(kept)) == kept


def test_what_if_says_who_would_have_got_what():
    cases, credit = [], {c.partner_id: {} for c in ALL}
    for n in range(12):
        now = [replace(c, credits=dict(credit[c.partner_id])) for c in ALL]
        choice = choose(asks(), AREAS, now)
        for partner_id, amount in choice.credits.items():
            credit[partner_id] = {choice.pool: amount}
        name = next(c.name for c in ALL if c.partner_id == choice.partner_id)
        cases.append(Case(f"LEAD-{n}", "Brackwater", facts_of(asks(), AREAS, now), name))
    same = what_if(standard(), cases)
    assert (same.changes, same.same) == ((), 12)
    other = what_if(rules('[[rule]]\nname = "a"\npartners = ["osier", "ridgeline"]'), cases)
    assert {n: (b, a) for n, b, a in other.shares} == {
        "Osier": (4, 6),
        "Ridgeline": (4, 6),
        "Fenwright": (4, 0),
    }
    assert all(c.after != c.before for c in other.changes)
    assert other.leads == 12


def test_sentences_say_what_the_document_says():
    text = (
        '[[account]]\ndomain = "brackwater.example"\npartner = "osier"\n'
        '[[rule]]\nname = "Large"\nif = { country = ["GB", "IE"], score = 60 }\n'
        'need = { tier = ["gold", "platinum"], open_leads = 5 }\nprefer = { language = ["de"] }\n'
        'most_percent = 40\notherwise = "manual"\n[partner.osier]\nmost_open = 4\n'
    )
    said = dict(sentences(rules(text)))
    assert said["Named account"] == "Everybody at brackwater.example and below it goes to osier."
    assert said["Large"] == (
        "A lead from GB or IE of 60 points or more goes in turn to the partners that are gold or "
        "platinum and have fewer than 5 leads open. Those that work in the language de come first, "
        "when there are any. Nobody gets more than 40 % of it in 30 days. If nobody fits, it waits "
        "in the manual queue."
    )
    assert said["osier"] == "At most 4 leads open."


def test_the_time_to_answer_and_a_partners_hours_are_read_and_said():
    text = (
        "[answer]\nhours = 2\n[partner.fenwright]\nopens = 08:30:00\ncloses = 16:00:00\n"
        "closed = [2026-12-24]" + LAST
    )
    rules = read(text).rules
    assert rules.answer_hours == 2
    said = dict(sentences(rules))
    assert said["fenwright"] == "Works from 08:30 to 16:00; closed on 2026-12-24."
    assert said["Time to answer"].startswith("A partner has 2 working hours")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[answer]\nhours = 0", 2, "from 1 to 80"),
        ('[answer]\nhours = "4"', 2, "from 1 to 80"),
        ("[partner.fenwright]\nopens = 17:00:00\ncloses = 09:00:00", 2, "times of one day"),
        ('[partner.fenwright]\nclosed = ["Christmas"]', 2, "a list of days"),
    ],
)
def test_hours_that_cannot_be_are_named(text, line, said):
    faults = read(text + LAST).faults
    assert [f.line for f in faults] == [line]
    assert said in faults[0].words


def test_the_public_rules_name_nobody():
    text = (
        '[[account]]\ndomain = "brackwater.example"\npartner = "fenwright"\n[[rule]]\nname = "Ours"\n'
        'partners = ["ridgeline"]\nweight = { ridgeline = 3 }\n[partner.osier]\nmost_open = 4'
        + LAST
    )
    said = " ".join(" ".join(step) for step in engagement(read(text).rules))
    for word in ("brackwater", "fenwright", "ridgeline", "osier", "Ours"):
        assert word not in said
    assert "partners chosen for it" in said


def test_a_rule_may_leave_its_leads_to_a_person_and_one_that_is_off_is_not_asked():
    text = (
        '[[rule]]\nname = "Off"\npartners = ["osier"]\noff = true\n'
        '[[rule]]\nname = "Ours"\nif = { company = ["uni.example"] }\nqueue = true\n'
    ) + LAST
    who, choice = decided(text, asks(company="uni.example"))
    assert (who, choice.trace["rule"], choice.trace["rule_name"]) == ("nobody", "queue", "Ours")
    assert choice.trace["tried"] == [{"rule": "Ours", "why": "a person decides"}]
    assert decided(text)[0] == "fenwright"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[rule]]\nname = "a"\nqueue = true\npartners = ["osier"]', "means nothing"),
        ('[[rule]]\nname = "a"\nqueue = true\n[[rule]]\nname = "b"', "never asked"),
        ('[[rule]]\nname = "a"\noff = "yes"', "true or false"),
        ('[performance]\nby = ["luck"]', "by is one or more of"),
        ("[performance]\nleast = 120", "from 0 to 100"),
        ("[performance]\nmost = 90", "from 100 to 1000"),
        ("[recycle]\ndays = 0", "from 1 to 730"),
        ('[answer]\nclosed = "perhaps"', 'closed is "wait"'),
    ],
)
def test_what_the_newer_parts_cannot_say_is_named(text, said):
    [fault] = read(text, partners=SLUGS).faults
    assert said in str(fault)


def test_the_public_rules_say_how_weights_days_off_and_nurture_work():
    text = (
        '[answer]\nclosed = "skip"\n[performance]\nby = ["accepts", "wins"]\nmost = 120\n'
        '[recycle]\ncampaign = "inner-name"\ndays = 60\n'
        '[[rule]]\nname = "Off"\noff = true\n'
        '[[rule]]\nname = "Uni"\nif = { country = ["FR"] }\nqueue = true\n'
        '[[rule]]\nname = "By work"\nweight = "performance"\n'
    )
    said = dict(engagement(rules(text)))
    assert said["Rule 1"] == "A lead from FR waits in the manual queue, for a person to decide."
    assert said["Rule 2"].endswith("Weights follow performance.")
    assert "Rule 3" not in said
    assert said["Performance"] == (
        "Where weights follow performance, it counts how many of its leads a partner accepts and how "
        "many of those that closed it won, in the 90 days before today. Few leads count little. Nobody "
        "gets less than 50 % or more than 120 % of an even share."
    )
    assert "Who is closed for the day is not asked" in said["Time to answer"]
    assert "not asked about the same person for 60 days" in said["Back to nurture"]
    assert "inner-name" not in " ".join(said.values())
    assert "pauses" in said["Days off"]
