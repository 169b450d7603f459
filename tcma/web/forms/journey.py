"""The forms of a journey's steps: what stands in their fields, and what they make of it."""

from collections.abc import Mapping, Sequence

from tcma.errors import Invalid
from tcma.journeys.document import (
    AT_ONCE,
    BELONGING,
    DAYS,
    END,
    POOL,
    Conditions,
    Empty,
    Journey,
    Kind,
    Over,
    Signal,
    Step,
)
from tcma.journeys.editing import Value

LISTS = ("country", "postcode", "company", "language", "partner", "tier", *BELONGING)
WORDS = {
    Kind.NOTIFY: "Have a look at this lead.",
    Kind.TASK: "Call them",
    Kind.WEBHOOK: "crm",
    Kind.ENLIST: "Warm leads",
    Kind.UNLIST: "Warm leads",
    Kind.STOP: "Asked not to be called",
    Kind.MOVE: "another-campaign",
    Kind.GOAL: "Goal reached",
    Kind.EXIT: "Not for them",
}


def values_of(step: Step) -> dict[str, str]:
    """Return what stands in the fields of a step's form."""
    asked = step.asks
    return {
        "id": step.id,
        "kind": step.kind.value,
        "after": "" if step.after == AT_ONCE else str(step.after),
        "mail": f"{POOL}{step.pool}" if step.pool else step.mail,
        "when_empty": step.when_empty.value,
        "over_cap": step.over_cap.value,
        "days": " or ".join(DAYS[d] for d in step.until_days),
        "time": f"{step.until_time:%H:%M}",
        "signal": f"{asked.signal}:{asked.mail}" if asked and asked.mail else str(asked or ""),
        "link": asked.link if asked else "",
        "at_most": str(step.at_most),
        "text": step.text,
        "due": "" if step.due == AT_ONCE else str(step.due),
        "parts": "\n".join(f"{to} {weight}" for to, weight in step.parts),
        "then": step.then,
        "yes": step.yes,
        "no": step.no,
        **conditions_of(step.when),
    }


def conditions_of(when: Conditions) -> dict[str, str]:
    """Return conditions as fields: lists by commas, answers a line each."""
    found = {key: ", ".join(getattr(when, key)) for key in LISTS}
    found["score"] = str(when.score) if when.score else ""
    found["answers"] = "\n".join(f"{q} = {' | '.join(a)}" for q, a in when.answers)
    return found


def posted_fields(  # noqa: C901 - one answer a kind
    kind: Kind, form: Mapping[str, str]
) -> dict[str, Value]:
    """Return a step as its form says; Invalid with the field that says nothing."""
    text = {key: form.get(key, "").strip() for key in form}
    found: dict[str, Value] = {"id": text.get("id", "")}
    if text.get("after") and kind is not Kind.WAIT:
        found["after"] = text["after"]
    match kind:
        case Kind.SEND:
            found["send"] = text.get("mail", "")
            if text.get("over_cap") == Over.SKIP:
                found["over_cap"] = "skip"
            if text.get("mail", "").startswith(POOL) and text.get("when_empty") == Empty.GO_ON:
                found["when_empty"] = "go on"
        case Kind.WAIT:
            found["wait"] = text.get("after", "") or "0"
        case Kind.UNTIL:
            found["wait_until"] = f"{text.get('days', '')} {text.get('time', '')}"
        case Kind.EVENT | Kind.BRANCH:
            found[kind.value] = asked(text)
            if kind is Kind.EVENT:
                found["at_most"] = text.get("at_most", "")
        case Kind.CHECK:
            found["if"] = conditions(text)
        case Kind.SPLIT:
            found["split"] = parts(text.get("parts", ""))
        case _:
            found[kind.value] = text.get("text", "")
            if kind is Kind.TASK and text.get("due"):
                found["due"] = text["due"]
    return found | {key: text[key] for key in ("then", "yes", "no") if text.get(key)}


def asked(text: Mapping[str, str]) -> str:
    """Return a signal with its link, as the document writes it."""
    signal, link = text.get("signal", ""), text.get("link", "")
    clicks = signal.startswith(f"{Signal.CLICKED}:")
    return f"{signal}.{link}" if link and clicks else signal


def conditions(text: Mapping[str, str]) -> dict[str, object]:
    """Return the conditions of the form."""
    found: dict[str, object] = {}
    for key in LISTS:
        values = [part.strip() for part in text.get(key, "").split(",") if part.strip()]
        if values:
            found[key] = [v.upper() for v in values] if key == "country" else values
    if text.get("score"):
        if not text["score"].isdigit():
            message = "Points are a whole number."
            raise Invalid(message, code="journey.score", fields={"score": message})
        found["score"] = int(text["score"])
    answers: dict[str, list[str]] = {}
    for line in text.get("answers", "").splitlines():
        question, sign, said = line.partition("=")
        if sign and question.strip():
            answers[question.strip()] = [a.strip() for a in said.split("|") if a.strip()]
    if answers:
        found["answer"] = answers
    return found


def parts(text: str) -> dict[str, object]:
    """Return the ways of a split: a line each, «n3a 50»."""
    found: dict[str, object] = {}
    for line in text.splitlines():
        to, _, weight = line.strip().rpartition(" ")
        if not to or not weight.isdigit():
            message = "Write a step and its share in each line, such as n3a 50."
            raise Invalid(message, code="journey.parts", fields={"parts": message})
        found[to.strip()] = int(weight)
    return found


def fresh_fields(  # noqa: PLR0913 - what a new step is, and where it stands
    kind: Kind,
    name: str,
    mails: Sequence[str],
    journey: Journey | None,
    *,
    after: str,
    way: str,
) -> dict[str, Value]:
    """Return a new step that says something sensible before anybody has written in its form."""
    sent = [step.mail for step in journey.steps if step.mail] if journey else []
    sent += [each.mail for _, pool in journey.pools for each in pool] if journey else []
    last = sent[-1] if sent else (mails[0] if mails else "")
    fresh = next((mail for mail in mails if mail not in sent), last)
    made: dict[Kind, dict[str, Value]] = {
        Kind.SEND: {"send": fresh, "after": "3 working days"},
        Kind.WAIT: {"wait": "3 working days"},
        Kind.UNTIL: {"wait_until": "tuesday 09:00"},
        Kind.EVENT: {"wait_for": f"clicked:{last}", "at_most": "7 days"},
        Kind.BRANCH: {"branch": f"clicked:{last}", "after": "3 days"},
        Kind.CHECK: {"if": {"score": 50}},
    }
    if kind is Kind.SPLIT:
        step = journey.step(after) if journey else None
        to = _target(journey, step, way)
        if to == END:
            message = "A split needs a step behind it. Add what comes after first."
            raise Invalid(message, code="journey.split")
        return {"id": name, "split": {to: 50, END: 50}}
    return {"id": name} | made.get(kind, {kind.value: WORDS.get(kind, "")})


def _target(journey: Journey | None, step: Step | None, way: str) -> str:
    if journey is None:
        return END
    if step is None:
        return journey.steps[0].id
    return {"yes": step.yes, "no": step.no}.get(way, way if step.kind is Kind.SPLIT else step.then)
