"""Changing the routing rules: rule by rule in forms or whole as text, each change one step back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.saves import Draft
from tcma.db.scope import found
from tcma.errors import Conflict, Invalid, TcmaError
from tcma.leads import routing_drafts as drafts
from tcma.leads import routing_versions as rules
from tcma.leads.routing import parts
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import Rules
from tcma.leads.routing.words import rule_sentence, sentences
from tcma.permissions import Permission
from tcma.toml_document import parsed
from tcma.toml_editing import tables
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.errors import status_of
from tcma.web.forms.routing import (
    FIELD_OF,
    settings_of,
    settings_tables,
    table_of,
    values_of,
)
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

KIND = "any(rule, account, partner, test):kind"
WORDS = {"rule": "rule", "account": "named account", "partner": "partner", "test": "test"}
Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Known:
    """What a rule may speak of: the vendor's partners and campaigns."""

    partners: Choices
    campaigns: Choices

    @cached_property
    def slugs(self) -> list[str]:
        """The partners' short names."""
        return [slug for slug, _ in self.partners]


def known() -> Known:
    """Return what the vendor's rules may speak of."""
    session, vendor_id = work().session, rules.vendor_of(work().principal)
    return Known(rules.partner_names(session, vendor_id), rules.campaign_names(session, vendor_id))


@desk.post("/rules/routing/draft")
@allows(Permission.LEAD_ASSIGN)
def routing_draft_create() -> ResponseReturnValue:
    """Start a change with the rules in force, or an older version; or go on with the draft there is."""
    session, principal, now = work().session, work().principal, work().now
    no = request.form.get("version", type=int)
    if no:
        drafts.start(
            work(), rules.version(session, principal, no, now).source, did=f"Took version {no}"
        )
    else:
        drafts.start(work(), rules.in_force(session, principal, now).source)
    return redirect(url_for("desk.routing_draft"), 303)


@desk.get("/rules/routing/draft")
@allows(Permission.LEAD_ASSIGN)
def routing_draft() -> ResponseReturnValue:
    """Show the draft: every part in words with what can be done to it, and the whole as text."""
    return draft_page(found(drafts.draft_of(work())))


def draft_page(
    draft: Draft, *, refused: TcmaError | None = None, source: str = ""
) -> ResponseReturnValue:
    """Render the draft; a refused text stands in its field."""
    raw = parsed(draft.source)
    document = read(draft.source)
    trial = rules.tested(work().session, work().principal, draft.source, now=work().now)
    ways = known()
    raw = raw if isinstance(raw, dict) else {}
    page = render_template(
        "desk/routing/draft.html",
        draft=draft,
        source=source or draft.source,
        lines=draft.source.split("\n"),
        trial=trial,
        rules=document.rules,
        said={rule.name: rule_sentence(rule) for rule in document.rules.rules}
        if document.rules
        else {},
        settings=[step for step in sentences(document.rules) if step[0] in SETTING_STEPS]
        if document.rules
        else [],
        parts={kind: rows_of(raw, kind) for kind in WORDS},
        names=dict(ways.partners),
        unknown=[each for each in ways.partners if each[0] not in raw.get("partner", {})],
        facts=facts_in_words(document.rules),
        problems=getattr(refused, "fields", None) or ({"": refused.advice} if refused else {}),
    )
    return make_response(page, status_of(refused) if refused else 200)


def rows_of(raw: Mapping[str, Any], kind: str) -> Any:
    """Return the tables of a kind; none where a faulty text has something else there."""
    if kind == "partner":
        known_of = raw.get(kind, {})
        return known_of if isinstance(known_of, dict) else {}
    rows = raw.get(kind, [])
    fine = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    return rows if fine else []


SETTING_STEPS = (
    "Whose page",
    "Whose company",
    "Performance",
    "Time to answer",
    "Idle leads",
    "Back to nurture",
    "Registered deals",
    "Before it accepts",
)


def facts_in_words(document: Rules | None) -> dict[str, str]:
    """Return by short name what the rules know of a partner."""
    if document is None:
        return {}
    return {name: words for name, words in sentences(document) if name in document.partners}


def changed(
    how: Callable[[str], str], did: str, *, at: str = "", otherwise: Callable[..., Any] = draft_page
) -> ResponseReturnValue:
    """Save what a change makes of the draft, then show it; a refusal is shown by `otherwise`."""
    seen = request.form.get("seen", default=-1, type=int)
    try:
        with work().session.begin_nested():
            drafts.change(work(), how, seen=seen, did=did)
    except (Invalid, Conflict) as refused:
        page: ResponseReturnValue = otherwise(found(drafts.draft_of(work())), refused=refused)
        return page
    flash(f"{did}.", "good")
    return redirect(url_for("desk.routing_draft", _anchor=at or None), 303)


@desk.get(f"/rules/routing/draft/<{KIND}>/<place>")
@allows(Permission.LEAD_ASSIGN)
def routing_part(kind: str, place: str) -> ResponseReturnValue:
    """Open one part as a form."""
    return part_page(kind, place, found(drafts.draft_of(work())))


def part_page(
    kind: str, place: str, draft: Draft, *, refused: TcmaError | None = None
) -> ResponseReturnValue:
    """Render the form of a part; what was posted and refused stands in its fields."""
    ways = known()
    table = found(parts.part(draft.source, kind, place))
    values: Mapping[str, Any] = values_of(kind, table)
    if refused is not None:
        values = values_of(kind, table_of(kind, request.form, {})) | posted_choices()
    document = read(draft.source).rules
    said = ""
    if kind == "rule" and place != parts.NEW and document:
        said = rule_sentence(document.rules[int(place)])
    page = render_template(
        f"desk/routing/{kind}.html",
        draft=draft,
        heading=heading(kind, place, table, dict(ways.partners)),
        action=url_for("desk.routing_part_save", kind=kind, place=place),
        button_word="Add it" if place == parts.NEW else "Save",
        v=values,
        ways=ways,
        said=said,
        rule_names=[rule.name for rule in document.rules] if document else [],
        problems=problems_of(refused),
    )
    return make_response(page, status_of(refused) if refused else 200)


def heading(kind: str, place: str, table: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what the page of a part is called."""
    if place == parts.NEW:
        return f"Add a {WORDS[kind]}"
    if kind == "partner":
        return names.get(place, place)
    return str(table.get("name") or table.get("domain") or f"A {WORDS[kind]}")


def posted_choices() -> dict[str, Any]:
    """Return what was chosen in a refused form and stands in no table."""
    texts = ("who", "weigh", "first", "hours", "gets", "partner", "most_percent", "score", "chance")
    return {key: request.form[key] for key in texts if key in request.form}


def problems_of(refused: TcmaError | None) -> dict[str, str]:
    """Return what is wrong by field."""
    if refused is None:
        return {}
    return dict(getattr(refused, "fields", None) or {"": refused.advice})


@desk.post(f"/rules/routing/draft/<{KIND}>/<place>")
@allows(Permission.LEAD_ASSIGN)
def routing_part_save(kind: str, place: str) -> ResponseReturnValue:
    """Write one part anew from its form."""
    ways = known()

    def how(text: str) -> str:
        had = parts.part(text, kind, place)
        if had is None or (kind == "partner" and place not in ways.slugs):
            raise Invalid("This is gone. Open the page anew.", code="rules.form")
        table = table_of(kind, request.form, had)
        return parts.write(
            text, kind, place, table, partners=ways.slugs, field_of=field_of(kind, table)
        )

    called = request.form.get("name") or request.form.get("domain") or place
    did = f"{'Added' if place == parts.NEW else 'Changed'} {called}"
    return changed(
        how,
        did,
        at=f"{kind}-{place}",
        otherwise=lambda draft, refused: part_page(kind, place, draft, refused=refused),
    )


def field_of(kind: str, table: Mapping[str, Any]) -> Callable[[str], str]:
    """Return how a key of the document is called in the form of a part."""

    def named(key: str) -> str:
        if kind == "rule":
            if key == "weight" and isinstance(table.get("weight"), dict):
                return f"weight-{next(iter(table['weight']), '')}"
            return FIELD_OF.get(key, key)
        return "answers" if key == "answer" else "name" if key == "lead" else key

    return named


@desk.post(f"/rules/routing/draft/<{KIND}>/<place>/removal")
@allows(Permission.LEAD_ASSIGN)
def routing_part_remove(kind: str, place: str) -> ResponseReturnValue:
    """Take a part out; a step back brings it again."""
    called = request.form.get("called", "") or f"a {WORDS[kind]}"
    return changed(lambda text: parts.take_out(text, kind, place), f"Took out {called}")


@desk.post("/rules/routing/draft/rule/<int:place>/<any(up, down, off, on):how>")
@allows(Permission.LEAD_ASSIGN)
def routing_rule_act(place: int, how: str) -> ResponseReturnValue:
    """Ask a rule earlier or later, or switch it off or on."""
    called = request.form.get("called", "") or "a rule"
    verb = {"up": "Moved up", "down": "Moved down", "off": "Switched off", "on": "Switched on"}[how]

    def act(text: str) -> str:
        if how in {"off", "on"}:
            return parts.switch(text, str(place), off=how == "off")
        return parts.shift(text, "rule", str(place), up=how == "up")

    to = place + {"up": -1, "down": 1}.get(how, 0)
    return changed(act, f"{verb} {called}", at=f"rule-{to}")


@desk.route("/rules/routing/draft/settings", methods=["GET", "POST"])
@allows(Permission.LEAD_ASSIGN)
def routing_settings() -> ResponseReturnValue:
    """Change what holds whichever rule decides."""
    if request.method == "GET":
        return settings_page(found(drafts.draft_of(work())))

    def how(text: str) -> str:
        changes = settings_tables(request.form, tables(text))
        return parts.write_settings(text, changes, partners=known().slugs)

    return changed(how, "Changed what holds for all", at="settings", otherwise=settings_page)


def settings_page(draft: Draft, *, refused: TcmaError | None = None) -> ResponseReturnValue:
    """Render the form of what holds for all rules."""
    values = settings_of(tables(draft.source))
    if refused is not None:
        values |= dict(request.form.items())
        for field in ("mask-shows", "performance-by"):
            values[field] = request.form.getlist(field)
    page = render_template(
        "desk/routing/settings.html",
        draft=draft,
        heading="What holds for all rules",
        action=url_for("desk.routing_settings"),
        button_word="Save",
        said="",
        v=values,
        campaigns=known().campaigns,
        problems=problems_of(refused),
    )
    return make_response(page, status_of(refused) if refused else 200)


@desk.post("/rules/routing/draft/source")
@allows(Permission.LEAD_ASSIGN)
def routing_source_save() -> ResponseReturnValue:
    """Save the whole text; faults are shown and keep it from being published."""
    text = request.form.get("source", "").replace("\r\n", "\n")
    return changed(
        lambda _: text,
        "Changed the text",
        otherwise=lambda draft, refused: draft_page(draft, refused=refused, source=text),
    )


@desk.post("/rules/routing/draft/<any(undo, redo):how>")
@allows(Permission.LEAD_ASSIGN)
def routing_draft_step(how: str) -> ResponseReturnValue:
    """Take the last change back, or do it again."""
    drafts.step(work(), -1 if how == "undo" else 1)
    flash("Taken back." if how == "undo" else "Done again.", "good")
    return redirect(url_for("desk.routing_draft"), 303)


@desk.route("/rules/routing/draft/discard", methods=["GET", "POST"])
@allows(Permission.LEAD_ASSIGN)
def routing_draft_discard() -> ResponseReturnValue:
    """Say what is lost, then throw the draft away."""
    draft = found(drafts.draft_of(work()))
    if request.method == "POST":
        drafts.discard(work())
        flash("The change is gone. The rules in force go on.", "good")
        return redirect(url_for("desk.routing_rules"), 303)
    return render_template("desk/routing/discard.html", draft=draft)
