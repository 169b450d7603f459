"""A journey's document: what may stand in it, and each mistake by line with its remedy."""

import pytest

from tcma.journeys.document import Asked, Cap, Delay, Kind, Period, Signal, Unit, ZonePolicy
from tcma.journeys.phrases import parse_delay
from tcma.journeys.reading import read
from tcma.journeys.words import sentence, settings
from tests.services import ROOT

HEAD = 'exits = ["reply", "unsubscribe"]\n'
ALL = (
    HEAD
    + """
goals = ["opportunity"]
hold_out = 5

[entry]
again = "after the end"
if = { country = ["GB", "IE"], score = 40 }

[window]
days = ["tue", "wednesday"]
from = "22:00"
until = "06:00"
zone = "partner"

[cap]
partner = "1 a day"
vendor = "4 a week"

[[step]]
id = "hello"
send = "thanks"

[[step]]
id = "pause"
wait = "3 working days"

[[step]]
id = "morning"
wait_until = "tuesday or thursday 09:30"

[[step]]
id = "asked"
wait_for = "clicked:thanks.sheet"
at_most = "4 days"
yes = "warm"
no = "halves"

[[step]]
id = "warm"
if = { tier = "gold", answer = { "When" = ["This month"] } }
yes = "call"
no = "halves"

[[step]]
id = "call"
notify = "They read it. Call today."
then = "task"

[[step]]
id = "task"
task = "Call them"
due = "1 working day"
then = "told"

[[step]]
id = "told"
webhook = "crm"
then = "won"

[[step]]
id = "halves"
split = { a = 30, b = 70 }

[[step]]
id = "a"
send = "list"
over_cap = "skip"
then = "won"

[[step]]
id = "b"
branch = "bounced:thanks"
after = "1 day"
yes = "gone"
no = "won"

[[step]]
id = "gone"
exit = "Nobody reads there"

[[step]]
id = "won"
goal = "They know us"
"""
)
OTHERS = """exits = ["unsubscribe"]
[[step]]
id = "in"
add_to_list = "Warm  leads"
[[step]]
id = "out"
remove_from_list = "Warm leads"
[[step]]
id = "which"
branch = "form"
yes = "on"
no = "never"
[[step]]
id = "on"
move_to = "second-life"
[[step]]
id = "never"
do_not_contact = "Bought elsewhere"
"""


def test_every_kind_of_step_is_read_and_said_in_a_sentence():
    found = read(ALL, mails=["thanks", "list"])
    assert found.faults == ()
    journey = found.journey
    others = read(OTHERS).journey
    assert {step.kind for step in (*journey.steps, *others.steps)} == set(Kind)
    assert [sentence(step) for step in others.steps] == [
        "Into the list “Warm leads” → out", "Out of the list “Warm leads” → which",
        "They filled in a form? yes → on, no → never", "On to the journey of second-life",
        "Never mail again: Bought elsewhere",
    ]  # fmt: skip
    assert journey.step("asked").asks == Asked(Signal.CLICKED, "thanks", "sheet")
    assert journey.step("halves").follows() == ("a", "b")
    assert (journey.partner_cap, journey.vendor_cap) == (Cap(1, Period.DAY), Cap(4, Period.WEEK))
    assert journey.zone is ZonePolicy.PARTNER
    assert journey.window.days == {1, 2}
    assert journey.mails == {"thanks", "list"}
    assert sentence(journey.step("asked")) == (
        "“sheet” in thanks clicked within 4 days? yes → warm, not in 4 days → halves"
    )
    assert len({sentence(step) for step in journey.steps}) == len(journey.steps)
    said = dict(settings(journey))
    assert said["Mails leave"].startswith("Tuesday, Wednesday, 22:00 to 06:00, overnight")
    assert said["Who enters"] == "country is GB or IE, 40 points or more"


@pytest.mark.parametrize(
    "folder", sorted(p.parent for p in ROOT.glob("campaign_templates/*/nurture.toml"))
)
def test_the_plans_that_ship_are_journeys(folder):
    assert read((folder / "nurture.toml").read_text()).faults == ()


STEP = HEAD + '[[step]]\nid = "n1"\nsend = "thanks"\n'


@pytest.mark.parametrize(
    ("text", "line", "said", "remedy"),
    [
        ("exits = [", 1, "This is no TOML", "mend"),
        ('[[step]]\nid = "n1"\nsend = "thanks"\n', 1, "ends a journey early", "exits ="),
        ('exits = ["repl"]\n' + STEP[len(HEAD):], 1, "exit “repl” is unknown", "reply"),
        (HEAD, 1, "There is no step", "[[step]]"),
        (STEP.replace("thanks", "thank"), 4, "cannot be “thank”", "did you mean “thanks”?"),
        (STEP + 'after = "soon"\n', 5, "“soon” cannot be read", "3 working days"),
        (STEP + 'then = "n9"\n', 5, "no step “n9”", "n1 or end"),
        (STEP + 'wait = "1 day"\n', 3, "does send and wait", "write one of"),
        (STEP.replace('send = "thanks"', ""), 3, "does nothing", "write one of"),
        (STEP.replace("n1", "N 1"), 3, "cannot be a step's id", "small letters"),
        (STEP + STEP[len(HEAD):], 6, "Two steps are called “n1”", "own id"),
        (STEP + 'yess = "n1"\n', 5, "“yess” means nothing", "use one of"),
        (STEP + '[[step]]\nid = "n2"\nbranch = "opened:thanks"\nyes = "end"\nno = "end"\n', 7,
         "“opened” is no signal", "clicked:<mail>"),
        (STEP + '[[step]]\nid = "n2"\nbranch = "clicked:thank"\nyes = "end"\nno = "end"\n', 7,
         "no nurture mail “thank”", "thanks"),
        (STEP + '[[step]]\nid = "n2"\nbranch = "replied"\nyes = "end"\nno = "end"\n', 5,
         "never hears of it", "take reply out of exits"),
        (STEP + '[[step]]\nid = "n2"\nwait_for = "clicked:thanks"\nyes = "end"\nno = "end"\n', 5,
         "how long to wait", "at_most"),
        (STEP + '[[step]]\nid = "n2"\nsplit = { n1 = 50 }\n', 7, "two steps or more", "split ="),
        (STEP + 'then = "end"\n[[step]]\nid = "n2"\nwait = "1 day"\n', 6, "Nobody comes to “n2”",
         'then = "n2"'),
        (STEP + '[[step]]\nid = "n2"\nwait = "1 day"\nthen = "n1"\n', 2, "in a circle", "lead on"),
        (STEP + '[window]\ndays = ["someday"]\n', 6, "“someday” is no day", "monday"),
        (STEP + '[window]\nfrom = "25:00"\n', 6, "no time of day", "09:00"),
        (STEP + '[cap]\npartner = "many"\n', 6, "no cap", "2 a week"),
        ("hold_out = 60\n" + STEP, 1, "from 0 to 50", "hold_out"),
        ('goals = ["happy"]\n' + STEP, 1, "“happy” is no signal", "opportunity"),
        (STEP + '[[tests]]\nname = "t"\n', 5, "which steps are expected", "path ="),
        ('[entry]\nif = { country = ["Britain"] }\n' + STEP, 2, "no country", "capitals"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_with_what_mends_it(text, line, said, remedy):
    found = read(text, mails=["thanks", "list"])
    assert found.journey is None
    fault = next(f for f in found.faults if said in f.words)
    assert fault.line == line
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("0", Delay(0, Unit.MINUTES)),
        ("3 working days", Delay(3, Unit.WORKING_DAYS)),
        ("1 day", Delay(1, Unit.DAYS)),
        ("2 hours", Delay(2, Unit.HOURS)),
        ("-1 day", None),
        ("soon", None),
    ],
)
def test_a_delay_is_read_as_written(text, delay):
    assert parse_delay(text) == delay
