"""Rules by form: every field becomes what the document says, its fault stands at its field, and the text
keeps what the form does not change.
"""

import pytest
from werkzeug.datastructures import MultiDict

from tcma.errors import Conflict, Invalid
from tcma.leads import routing_drafts as drafts
from tcma.leads import routing_versions as versions
from tcma.leads.routing import parts
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import STANDARD, Measure
from tcma.leads.routing.words import rule_sentence
from tcma.toml_editing import tables
from tcma.web.forms.routing import settings_of, settings_tables, table_of, values_of
from tests.builders import mira

SLUGS = ("fenwright", "ridgeline", "osier")
FULL = """\
[[rule]]
name = "Large"
if = { country = ["GB", "IE"], postcode = ["LS"], campaign = ["cloud"], company = ["big.example"], score = 60, chance = 30, answer = { "Seats" = ["50", "200"] } }
need = { territory = true, tier = ["gold"], kind = ["msp"], certificate = ["security"], vertical = ["dental"], product = ["backup"], language = ["de"], open_leads = 12 }
prefer = [{ tier = ["platinum"] }, { language = ["fr"] }]
partners = ["fenwright", "osier"]
weight = { fenwright = 3, osier = 1 }
most_percent = 40
accept = true
otherwise = "manual"

[[rule]]
name = "Quick"
first = 5
hours = 2

[[rule]]
name = "By work"
weight = "performance"

[[rule]]
name = "Universities"
if = { company = ["uni.example"] }
queue = true

[[account]]
domain = "brackwater.example"
partner = "osier"
accept = true

[partner.osier]
certificates = ["security"]
most_open = 12
opens = 08:30:00
closed = [2026-12-24]

[[test]]
name = "Leeds"
lead = { country = "GB", postcode = "10115", score = 70, answers = { "Seats" = "50" } }
gets = "osier"
"""


def posted(kind, table):
    """What a browser sends of a form that shows a table and in which nothing was changed."""
    form = MultiDict()
    for key, value in values_of(kind, table).items():
        if value is True:
            form.add(key, "1")
        elif isinstance(value, list):
            for each in value:
                form.add(key, each)
        elif value is not False:
            form.add(key, str(value))
    return form


@pytest.mark.parametrize("kind", ["rule", "account", "partner", "test"])
def test_a_form_that_is_sent_back_unchanged_changes_not_a_letter(kind):
    assert read(FULL, partners=SLUGS).faults == ()
    rows = tables(FULL)[kind]
    places = list(rows) if kind == "partner" else [str(n) for n in range(len(rows))]
    for place in places:
        had = parts.part(FULL, kind, place)
        table = table_of(kind, posted(kind, had), had)
        assert table == had
        text = parts.write(FULL, kind, place, table, partners=SLUGS, field_of=str)
        assert text == FULL


def rule(form, text=STANDARD, place=parts.NEW):
    table = table_of("rule", MultiDict(form), parts.part(text, "rule", place))
    return parts.write(
        text, "rule", place, table, partners=SLUGS, field_of=lambda key: key or "name"
    )


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ([("country", "gb, ie"), ("postcode", "ls, bd1"), ("who", "round")],
         "A lead from GB or IE with a postcode that begins with LS or BD1 goes in turn to the partners."),
        ([("score", "60"), ("need-tier", "gold"), ("need-tier", "platinum"), ("need-territory", "1")],
         ("A lead of 60 points or more goes in turn to the partners that work in the territory and are "
          "gold or platinum.")),
        ([("prefer-0-language", "de"), ("partners", "osier"), ("partners", "ridgeline")],
         ("Every lead goes in turn to osier or ridgeline. Those that work in the language de come first, "
          "when there are any.")),
        ([("weigh", "own"), ("weight-osier", "3"), ("weight-ridgeline", "")],
         "Every lead goes in turn to the partners. Weights: osier 3."),
        ([("weigh", "performance")],
         "Every lead goes in turn to the partners. Weights follow performance."),
        ([("who", "first"), ("first", "5"), ("hours", "2"), ("otherwise", "manual")],
         ("Every lead goes to up to 5 at once of the partners. The first to take it has it, within 2 "
          "working hours; then the next rule is asked. If nobody fits, it waits in the manual queue.")),
        ([("who", "queue"), ("company", "Uni.example"), ("weigh", "own"), ("weight-osier", "3")],
         "A lead of uni.example waits in the manual queue, for a person to decide."),
    ],
)  # fmt: skip
def test_what_a_form_says_is_what_the_rule_does(form, said):
    text = rule([("name", "New"), *form], text="")
    [made] = read(text, partners=SLUGS).rules.rules
    assert rule_sentence(made) == said


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ([("name", "")], "name", "Every rule needs a name"),
        ([("name", "x" * 81)], "name", "80 characters at most"),
        ([("name", "Territory")], "name", "Names tell rules apart"),
        ([("name", "a"), ("country", "Britain")], "country", "two capitals"),
        ([("name", "a"), ("score", "400")], "score", "from 0 to 100"),
        ([("name", "a"), ("score", "many")], "score", "from 0 to 100"),
        ([("name", "a"), ("most_percent", "0")], "most_percent", "from 1 to 100"),
        ([("name", "a"), ("weigh", "own"), ("weight-osier", "-1")], "weight", "from 0 to 100"),
        ([("name", "a"), ("who", "first"), ("first", "1")], "first", "from 2 to 50"),
        ([("name", "a"), ("who", "first")], "first", "from 2 to 50"),
        ([("name", "a"), ("need-open_leads", "0")], "need", "1 or more"),
        ([("name", "a"), ("partners", "nobody")], "partners", "There is no partner"),
    ],
)
def test_bad_input_names_the_field_and_what_mends_it(form, field, said):
    with pytest.raises(Invalid) as refused:
        rule(form, text='[[rule]]\nname = "Territory"\nneed = { territory = true }\n')
    assert said in refused.value.fields[field]


def test_a_rule_above_that_takes_everything_is_named_when_one_is_added_below():
    with pytest.raises(Invalid, match="Rules below are never asked"):
        rule([("name", "Below")])


def test_a_rule_is_switched_off_and_on_and_moved():
    text = parts.switch(FULL, "0", off=True)
    document = read(text, partners=SLUGS).rules
    assert [each.name for each in document.asked] == ["Quick", "By work", "Universities"]
    assert rule_sentence(document.rules[0]).startswith("Switched off")
    assert parts.switch(text, "0", off=False) == FULL
    down = parts.shift(FULL, "rule", "0", up=False)
    assert [each["name"] for each in tables(down)["rule"]][:2] == ["Quick", "Large"]
    assert parts.shift(down, "rule", "1", up=True) == FULL


def test_settings_write_only_what_is_not_usual():
    form = MultiDict({key: str(value) for key, value in settings_of({}).items() if value})
    form.setlist("mask-shows", settings_of({})["mask-shows"])
    form.setlist("performance-by", ["wins"])
    form["answer-closed"], form["performance-most"] = "skip", "120"
    text = parts.write_settings(STANDARD, settings_tables(form, tables(STANDARD)), partners=SLUGS)
    assert 'source = "where it works"   # the partner whose page' in text
    document = read(text).rules
    assert (document.skips_closed, document.performance.by) == (True, (Measure.WINS,))
    assert (document.performance.least, document.performance.most) == (50, 120)
    assert "[mask]" not in text
    form["recycle-days"] = "0"
    with pytest.raises(Invalid) as refused:
        parts.write_settings(text, settings_tables(form, tables(text)), partners=SLUGS)
    assert "from 1 to 730" in refused.value.fields["recycle-days"]


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


def test_each_change_of_a_draft_can_be_taken_back_and_publishing_ends_it(db, manager):
    with db(manager) as work:
        draft = drafts.start(work, STANDARD)
        added = parts.switch(STANDARD, "0", off=True)
        draft = drafts.change(work, lambda _: added, seen=draft.no, did="Switched off Territory")
        assert (draft.did, draft.can_undo, draft.can_redo) == (
            "Switched off Territory",
            True,
            False,
        )
        assert drafts.step(work, -1).source == STANDARD
        assert drafts.step(work, 1).source == added
        with pytest.raises(Conflict, match="changed these rules meanwhile"):
            drafts.change(work, lambda text: text + "#", seen=1, did="Late")
        with pytest.raises(Invalid, match="changed since you tried"):
            drafts.publish(work, valid_from=work.now.date(), note="", seen=1)
        today = versions.today(work.session, work.principal, work.now)
        assert drafts.publish(work, valid_from=today, note="why", seen=2) == 1
        assert drafts.draft_of(work) is None
        assert versions.in_force(work.session, work.principal, work.now).source == added
