"""The component set: what each part must carry, on one page with every state."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import g
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from selectolax.lexbor import LexborHTMLParser as Page
from wtforms import BooleanField, Form, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from tcma.mdf.ways import Way
from tcma.web import bundle, gallery, kit
from tcma.web.filters import Reader
from tcma.web.forms import base
from tcma.web.states import STATES, pill_of
from tcma.words import in_language, say

COMPONENTS = sorted((bundle.TEMPLATES / "components").glob("*.html"))
TEMPLATES = sorted(bundle.TEMPLATES.rglob("*.html"))
TOKENS = (bundle.ASSETS / "tokens.css").read_text()


DRAWN_HERE = {"confirm", "sticky_bar"}
"""A second first heading, or a bar over the tabs: not for the gallery, so drawn by a test."""


def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(bundle.TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    env.globals["csrf_token"] = lambda: "token"
    reader = Reader("en-GB", ZoneInfo("Europe/London"), gallery.NOW)
    kit.install(env, asset=lambda name: f"/static/{name}", reader=lambda: reader)
    return env


def entry(label, icon, **more):
    return SimpleNamespace(
        **{"label": label, "icon": icon, "href": "#", "count": 0, "current": False} | more
    )


def gallery_page(env: Environment) -> str:
    person = SimpleNamespace(
        name="Alice",
        role_label="Owner",
        organisation="Brightwater IT",
        logo_url="",
        audience="console",
        audience_label="Partner console",
        locale="en-GB",
        theme="",
        home_href="/console",
        you_href="/you",
        sign_out_href="/sign-out",
    )
    nav = [
        entry("Home", "home", current=True),
        entry("Leads", "inbox", count=2),
        entry("Funds", "wallet"),
    ]
    foot = [entry("Search", "search"), entry("Notices", "bell", count=2)]
    return env.get_template("gallery.html").render(
        me=person, nav=nav, nav_foot=foot, **gallery.samples()
    )


@pytest.fixture(scope="module")
def env():
    return environment()


@pytest.fixture(scope="module")
def page(env):
    return Page(gallery_page(env))


def draw(env: Environment, name: str, *args, **kwargs) -> Page:
    macro: Callable[..., str] = getattr(env.get_template(f"components/{name}.html").module, name)
    return Page(str(macro(*args, **kwargs)))


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_file_says_how_it_is_called_and_holds_its_own_macro(path):
    text = path.read_text()
    assert text.startswith("{#")
    assert re.search(rf"{{% macro {path.stem}\(", text)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_no_component_is_dead(path):
    users = [other for other in TEMPLATES if other != path]
    used = any(f'"components/{path.name}"' in other.read_text() for other in users)
    assert used or path.stem in DRAWN_HERE


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_needs_what_the_content_policy_forbids(path):
    text = path.read_text()
    assert not re.search(r"<[^>{]*\sstyle=|<style|\shx-on|hx-confirm|javascript:", text)
    assert not re.search(r"\son[a-z]+=[\"']", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_class_name_is_glued_together(path):
    assert not re.search(r'class="[^"]*[\w]-\{\{', path.read_text())


def test_the_gallery_has_one_heading_and_one_primary_act(page):
    assert len(page.css("h1")) == 1
    primary = {node.text(strip=True) for node in page.css("main .btn-primary")}
    assert primary == {"Answer this lead"}


def test_ids_are_unique_and_what_is_pointed_at_exists(page):
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    for attribute in ("aria-describedby", "aria-labelledby", "for"):
        for node in page.css(f"[{attribute}]"):
            assert set(node.attributes[attribute].split()) <= set(ids), node.html


def test_every_field_has_a_label(page):
    labelled = {node.attributes["for"] for node in page.css("label[for]")}
    for node in page.css("input:not([type=hidden]), select, textarea"):
        inside = any(True for _ in walk_up(node, "label"))
        named = "aria-label" in node.attributes
        assert node.attributes.get("id") in labelled or inside or named, node.html


def walk_up(node, tag):
    while node := node.parent:
        if node.tag == tag:
            yield node


def test_the_sum_under_the_bar_is_the_sum_of_its_terms(page):
    for section in page.css(".eq"):
        terms = [int(node.text(strip=True).replace(",", "")) for node in section.css("dd")]
        total = int(section.css_first(".sum b").text().replace(",", ""))
        assert sum(terms) == total
        bar = section.css_first("[role=progressbar]").attributes
        assert int(bar["aria-valuemax"]) == total
        assert int(bar["aria-valuenow"]) <= total


def test_a_finished_launch_has_no_waiting_term(page):
    words = [node.text(strip=True) for node in page.css_first("#finished").css("dt")]
    assert words == ["Sent", "Failed", "Skipped", "Uncertain", "Cancelled"]


def test_the_bar_of_a_live_launch_is_said_in_words(page):
    bar = page.css_first("#equation [role=progressbar]").attributes
    assert bar["aria-valuetext"] == "949 of 1,240 settled, About 4 minutes left, 74 a minute"


def test_cells_carry_their_column_for_the_phone(page):
    for cell in page.css(".table.stack td"):
        assert cell.attributes["data-label"]


def test_a_sorted_column_says_so(page):
    (column,) = page.css("th[aria-sort]")
    assert column.attributes["aria-sort"] == "descending"
    assert column.css_first("a").attributes["href"] == "?sort=sent"


class Profile(Form):
    city = StringField("Town", [InputRequired("The town is missing.")])
    about = TextAreaField("About you", description="Two sentences.")
    offer = SelectField(
        "Offer", choices=[SelectChoice("a", "Walk-through"), SelectChoice("b", "Estimate")]
    )
    plan = RadioField("Plan", choices=[SelectChoice("x", "Whole", {"data-small": "All of it"})])
    agree = BooleanField("I agree", [InputRequired()])


def test_a_refused_form_keeps_what_was_typed_and_says_why_at_the_field(env):
    form = Profile(data={"city": "", "about": "We <fix> it", "offer": "b"})
    form.validate()
    field = draw(env, "field", form.city)
    control = field.css_first("input#city").attributes
    assert control["aria-invalid"] == "true"
    assert "city-error" in control["aria-describedby"]
    assert field.css_first("#city-error").text(strip=True) == "The town is missing."
    area = draw(env, "field", form.about).css_first("textarea")
    assert area.text().strip() == "We <fix> it"
    assert "required" not in area.attributes
    assert draw(env, "field", form.offer).css_first("option[selected]").attributes["value"] == "b"
    plan = draw(env, "field", form.plan)
    assert plan.css_first("input[type=radio][value=x]")
    assert plan.css_first("small").text() == "All of it"
    assert draw(env, "field", form.agree).css_first("input[type=checkbox]")
    summary = draw(env, "error_summary", form.errors)
    assert summary.css_first("h2").text() == "3 things to put right"
    assert [link.attributes["href"] for link in summary.css("a")] == ["#city", "#plan", "#agree"]


def test_no_errors_make_no_summary(env):
    assert not draw(env, "error_summary", {}).css("[role=alert]")


def test_what_a_person_typed_is_never_markup(env):
    shown = draw(env, "row_head", "<b>Œuvre</b> & Søn", href='"><script>').html
    assert "<script" not in shown
    assert "&lt;b&gt;Œuvre" in shown


def test_a_confirmation_names_the_act_and_is_a_post_with_a_token(env):
    form = draw(
        env,
        "confirm",
        "Launch to 612 people",
        "/launch",
        "Launch to 612 people",
        "/back",
        facts=[("To", "Customers")],
        fields={"idempotency_key": "k1"},
    ).css_first("form")
    assert form.attributes["method"] == "post"
    assert form.css_first("[name=csrf_token]").attributes["value"] == "token"
    assert form.css_first("button").text(strip=True) == "Launch to 612 people"


def test_the_sticky_bar_is_for_phones_and_repeats_the_act(env):
    source = (
        '{% from "components/sticky_bar.html" import sticky_bar %}'
        '{% from "components/button.html" import button %}'
        '{% call sticky_bar() %}{{ button("Approve", kind="primary", form="decide") }}{% endcall %}'
    )
    bar = Page(env.from_string(source).render()).css_first(".stickybar.only-phone")
    assert bar.css_first("button.btn-primary").attributes["form"] == "decide"


@pytest.mark.parametrize("machine", STATES)
def test_every_state_has_a_word_an_icon_and_a_tone(machine):
    for state, row in STATES[machine].items():
        assert row.word, state
        assert (bundle.ICONS / f"{row.icon}.svg").exists(), row.icon
        assert f"[data-tone={row.tone}]" in TOKENS


@pytest.mark.parametrize(
    ("machine", "state", "viewer", "word", "tone"),
    [
        ("lead", "offered", "console", "Answer by 14:00", "need"),
        ("lead", "offered", "desk", "Offered", "work"),
        ("claim", "info_requested", "console", "Returned to fix", "need"),
        ("claim", "info_requested", "desk", "Returned to fix", "work"),
        ("claim", "in_review", "desk", "In review", "need"),
        ("claim", "in_review", "console", "In review", "work"),
        ("fund_request", "in-review", "", "In review", "work"),
        ("launch", "awaiting_approval", "desk", "Waiting for approval", "need"),
        ("launch", "paused", "console", "Paused", "need"),
        ("proof", "missing", "desk", "Missing", "work"),
    ],
)
def test_need_is_only_for_the_side_that_can_act(machine, state, viewer, word, tone):
    shown = pill_of(machine, state, viewer=viewer, by="14:00")
    assert (shown.word, shown.tone) == (word, tone)


@pytest.mark.parametrize("way", [way for way in Way if way is not Way.CASH])
def test_what_no_bank_pays_shows_no_bank(way):
    for machine, state in (("claim", "paid"), ("payment", "settled"), ("batch", "settled")):
        shown, by_bank = pill_of(machine, state, way=way), pill_of(machine, state, way="cash")
        assert (shown.word, shown.tone) == ("Settled", by_bank.tone)
        assert (by_bank.word, by_bank.icon) == ("Paid", "building-bank")
        assert shown.icon != by_bank.icon
    assert "bank" not in pill_of("payment", "failed", way=way).word
    assert pill_of("batch", "draft", way=way) == pill_of("batch", "draft")
    with pytest.raises(LookupError):
        pill_of("claim", "settled by a goat", way=way)


def test_a_state_without_a_word_is_refused():
    with pytest.raises(LookupError, match="'lost' of 'launch'"):
        pill_of("launch", "lost")


def luminance(colour: str) -> float:
    def channel(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


COLOURS = {
    name: pair
    for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS)
}
TONES = ("rest", "work", "good", "need", "stop", "unsure")


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *((tone, f"{tone}-tint", 4.5) for tone in TONES),
        *((tone, "surface", 4.5) for tone in TONES),
        *((f"{tone}-solid", "surface", 3.0) for tone in TONES),
        *(
            (ink, ground, 4.5)
            for ink in ("ink", "ink-2", "ink-3", "link")
            for ground in ("canvas", "surface", "sunken")
        ),
        *(("line-strong", ground, 3.0) for ground in ("canvas", "surface", "sunken")),
        *(("focus", ground, 3.0) for ground in ("canvas", "surface", "sunken")),
        ("on-primary", "primary", 4.5),
    ],
)
def test_tokens_are_legible_in_both_themes(front, back, least, theme):
    assert contrast(COLOURS[front][theme], COLOURS[back][theme]) >= least


def test_the_summary_names_the_field_that_is_too_long(rehearsal):
    class Named(base.Form):
        name = StringField(say("Name"), [Length(max=80)])

    with rehearsal.app.test_request_context(method="POST", data={"name": "x" * 81}):
        g.locale = "de-DE"
        form = Named(meta={"csrf": False})
        assert not form.validate()
        assert in_language(form.problems["name"], "de").startswith("„Name“ ist länger")
        assert "80" in form.name.errors[0]
