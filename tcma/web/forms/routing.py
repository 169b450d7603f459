"""The forms of routing rules: what stands in their fields, and what table of the document they make."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from werkzeug.datastructures import MultiDict

from tcma.leads.routing.masking import STANDARD as SHOWN
from tcma.leads.routing.rules import Performance, Recycle

Table = dict[str, Any]
Posted = MultiDict[str, str]
QUALITIES = ("territory", "tier", "kind", "language", "certificate", "vertical", "product")
CHECKED = ("tier", "kind", "campaign", "partners", "shows", "by")
"""Fields that are boxes to tick; other lists are typed with commas."""
MOST_WISHES = 3
SETTINGS: Mapping[str, Table] = {
    "sticky": {"source": "where it works", "account": False},
    "answer": {"hours": 4, "closed": "wait"},
    "mask": {"shows": [fact.value for fact in SHOWN]},
    "idle": {"warn_days": "", "take_back_days": ""},
    "performance": {
        "days": Performance().days,
        "by": [measure.value for measure in Performance().by],
        "least": Performance().least,
        "most": Performance().most,
    },
    "recycle": {"campaign": "", "days": Recycle().days},
    "person": {"joins": False},
    "deals": {"most_open": "", "days": "", "warn_days": 14},
}
"""What holds whichever rule decides, with what is usual."""
FIELD_OF = {"answer": "answers", "if": "name", "need": "need-open_leads", "prefer": "prefer-0-tier"}
"""The field of a key that is not called as it."""


def values_of(kind: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in the fields of a part's form: lists for boxes, texts for the rest."""
    match kind:
        case "rule":
            return _rule_values(table)
        case "test":
            lead = table.get("lead", {})
            shown = {key: _shown(key, value) for key, value in lead.items() if key != "answers"}
            said = {"answers": _lines(lead.get("answers", {}))}
            return shown | said | {key: str(table.get(key, "")) for key in ("name", "gets", "rule")}
        case _:
            return {key: _shown(key, value) for key, value in table.items()}


def table_of(kind: str, form: Posted, had: Mapping[str, Any]) -> Table:
    """Return the table a posted form makes of the one there was; keys it does not know stay."""
    made = {"rule": _rule_table, "test": _test_table, "account": _account_table,
            "partner": _partner_table}[kind](form)  # fmt: skip
    kept = {key: value for key, value in had.items() if key not in made}
    found = {
        key: value
        for key, value in made.items()
        if value is not False and value not in ("", [], {}, None)
    }
    return {
        key: had[key] if key in had and _plain(had[key]) == _plain(value) else value
        for key, value in (found | kept).items()
    }


def settings_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of what holds for all rules, named by table and key."""
    return {
        f"{name}-{key}": _shown(key, raw.get(name, {}).get(key, usual[key]))
        for name, usual in SETTINGS.items()
        for key in usual
    }


def settings_tables(form: Posted, raw: Mapping[str, Any]) -> dict[str, Table]:
    """Return the tables that a posted form of settings changes; what is usual is not written."""
    changed = {}
    for name, usual in SETTINGS.items():
        had = raw.get(name, {})
        told = {key: _setting(name, key, form) for key in usual}
        if name == "idle" and not any(told.values()):
            told = {}
        table = {k: v for k, v in told.items() if k in had or _plain(v) != _plain(usual[k])}
        if table != had:
            changed[name] = table
    return changed


def _setting(name: str, key: str, form: Posted) -> Any:
    field = f"{name}-{key}"
    if key in CHECKED:
        return form.getlist(field)
    return field in form if key in ("account", "joins") else _number(form.get(field, "").strip())


def _rule_values(rule: Mapping[str, Any]) -> dict[str, Any]:
    when, need = rule.get("if", {}), rule.get("need", {})
    weight = rule.get("weight", {})
    found = {key: _shown(key, when.get(key, "")) for key in when if key != "answer"}
    found |= {"answers": _lines(when.get("answer", {}))}
    found |= {f"need-{key}": _shown(key, value) for key, value in need.items()}
    for n, wish in enumerate(_wishes(rule)):
        found |= {f"prefer-{n}-{key}": _shown(key, value) for key, value in wish.items()}
    if isinstance(weight, dict):
        found |= {f"weight-{slug}": str(value) for slug, value in weight.items()}
    who = "queue" if rule.get("queue") else "first" if rule.get("first") else "round"
    keys = ("name", "partners", "most_percent", "first", "hours", "accept", "otherwise")
    return found | {
        **{key: _shown(key, rule[key]) for key in keys if key in rule},
        "who": who,
        "weigh": "performance" if weight == "performance" else "own" if weight else "enrolment",
        "wishes": min(len(_wishes(rule)) + 1, MOST_WISHES),
    }


def _wishes(rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    wishes = rule.get("prefer", [])
    return list(wishes) if isinstance(wishes, list) else [wishes]


def _rule_table(form: Posted) -> Table:
    who, weigh = form.get("who", "round"), form.get("weigh", "enrolment")
    rule: Table = {
        "name": form.get("name", "").strip(),
        "if": _conditions(form),
        "need": {},
        "prefer": [],
        "partners": [],
        "weight": {},
        "most_percent": None,
        "first": None,
        "hours": None,
        "accept": False,
        "otherwise": None,
        "queue": who == "queue",
    }
    if who == "queue":
        return rule
    wishes = [_wanted(form, f"prefer-{n}-") for n in range(MOST_WISHES)]
    weights = {
        field.removeprefix("weight-"): _number(value.strip())
        for field, value in form.items()
        if field.startswith("weight-") and value.strip()
    }
    rule |= {
        "need": _wanted(form, "need-"),
        "prefer": [wish for wish in wishes if wish],
        "partners": form.getlist("partners"),
        "most_percent": _number(form.get("most_percent", "").strip()),
        "otherwise": "manual" if form.get("otherwise") == "manual" else None,
    }
    if who == "first":
        return rule | {
            "first": _number(form.get("first", "").strip()) or "none",
            "hours": _number(form.get("hours", "").strip()),
        }
    by = {"performance": "performance", "own": weights}
    return rule | {"weight": by.get(weigh, {}), "accept": "accept" in form}


def _conditions(form: Posted) -> Table:
    found: Table = {
        "country": [code.upper() for code in _words(form.get("country", ""))],
        "postcode": [code.upper() for code in _words(form.get("postcode", ""))],
        "campaign": form.getlist("campaign"),
        "company": [domain.casefold() for domain in _words(form.get("company", ""))],
        "score": _number(form.get("score", "").strip()),
        "chance": _number(form.get("chance", "").strip()),
        "answer": _answers(form.get("answers", "")),
    }
    return {key: value for key, value in found.items() if value}


def _wanted(form: Posted, prefix: str) -> Table:
    found: Table = {}
    for key in QUALITIES:
        field = prefix + key
        if key == "territory":
            value: Any = field in form
        else:
            value = form.getlist(field) if key in CHECKED else _words(form.get(field, ""))
        if value:
            found[key] = value
    if most := form.get(f"{prefix}open_leads", "").strip():
        found["open_leads"] = _number(most)
    return found


def _account_table(form: Posted) -> Table:
    domain = form.get("domain", "").strip().casefold()
    return {"domain": domain, "partner": form.get("partner", ""), "accept": "accept" in form}


def _partner_table(form: Posted) -> Table:
    lists = ("certificates", "verticals", "products", "languages")
    return {
        **{key: _words(form.get(key, "")) for key in lists},
        **{key: _number(form.get(key, "").strip()) for key in ("most_open", "most_a_day")},
        **{key: _time(form.get(key, "").strip()) for key in ("opens", "closes")},
        "closed": [_day(word) for word in _words(form.get("closed", ""))],
        "accept": "accept" in form,
    }


def _test_table(form: Posted) -> Table:
    keys = ("country", "postcode", "source", "company", "account", "campaign", "score", "chance")
    lead = {key: _number(form.get(key, "").strip(), key in ("score", "chance")) for key in keys}
    answers = {q: said[0] for q, said in _answers(form.get("answers", "")).items() if said}
    told = {key: value for key, value in lead.items() if value != ""}
    return {
        "name": form.get("name", "").strip(),
        "lead": told | ({"answers": answers} if answers else {}),
        "gets": form.get("gets", ""),
        "rule": form.get("rule", ""),
    }


def _shown(key: str, value: Any) -> Any:
    """Return a value as its field has it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return [value] if key in CHECKED and value else value
    if isinstance(value, list):
        return value if key in CHECKED else ", ".join(map(str, value))
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def _words(text: str) -> list[str]:
    return [word for part in text.replace("\n", ",").split(",") if (word := " ".join(part.split()))]


def _number(text: str, whole: bool = True) -> int | str:  # noqa: FBT001, FBT002 - a reading of one field
    """Return a whole number, or what stands there instead, for the rules to refuse."""
    return int(text) if whole and text.isdecimal() else text


def _time(text: str) -> time | str:
    try:
        return time.fromisoformat(text) if text else ""
    except ValueError:
        return text


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _answers(text: str) -> dict[str, list[str]]:
    found = {}
    for line in text.splitlines():
        question, sign, said = line.partition("=")
        if sign and question.strip():
            found[question.strip()] = [each.strip() for each in said.split("|") if each.strip()]
    return found


def _lines(answers: Mapping[str, Any]) -> str:
    told: list[tuple[str, Sequence[str]]] = [
        (q, [a] if isinstance(a, str) else a) for q, a in answers.items()
    ]
    return "\n".join(f"{question} = {' | '.join(said)}" for question, said in told)


def _plain(value: Any) -> Any:
    """Return a value so that two ways of writing the same are equal."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each not in ({}, [], "")}
    if isinstance(value, (list, tuple)):
        return _plain(value[0]) if len(value) == 1 else [_plain(each) for each in value]
    return str(value)
