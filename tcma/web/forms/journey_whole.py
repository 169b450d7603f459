"""The forms of what holds for a whole journey: what stands in their fields, and what they make of the document."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from tcma.errors import Invalid
from tcma.journeys import whole
from tcma.journeys.document import DAYS, EXITS, Again, Cap, Journey, Period, Signal
from tcma.journeys.editing import readable
from tcma.journeys.words import EXIT_WORDS, asked_words, drawn_words
from tcma.web.forms.journey import conditions, conditions_of
from tcma.web.forms.journey_start import start_change, start_fields

Form = MultiDict[str, str]
PARTS = {
    "entry": "Who enters",
    "start": "Begins by itself",
    "window": "When mails leave",
    "cap": "At most",
    "exits": "Ends early when",
    "goals": "Goal is reached when",
    "pools": "Pools of mails",
}
_PERIODS = tuple(period.value for period in Period)


def fields_of(journey: Journey, mails: Sequence[str]) -> dict[str, Any]:
    """Return what stands in the fields of all parts, and what may be chosen."""
    window, rests = journey.window, journey.again is not Again.NEVER
    known = [f"{Signal.CLICKED}:{mail}" for mail in mails]
    plain = [s.value for s in Signal if s not in (Signal.CLICKED, Signal.BOUNCED)]
    aims = {str(goal): asked_words(goal) for goal in journey.goals}
    aims |= {each: f"a link in {each.partition(':')[2]} clicked" for each in known} | {
        each: _plain(each) for each in plain
    }
    return {
        **conditions_of(journey.entry),
        **start_fields(journey),
        "again": ("days" if journey.rest else "always") if rests else "never",
        "rest": str(journey.rest or ""),
        "hold_out": str(journey.hold_out or ""),
        "days": sorted(window.days),
        "from": f"{window.starts:%H:%M}",
        "until": f"{window.ends:%H:%M}",
        "zone": journey.zone.value,
        "partner_mails": str(journey.partner_cap.mails),
        "partner_period": journey.partner_cap.period.value,
        "vendor_mails": str(journey.vendor_cap.mails),
        "vendor_period": journey.vendor_cap.period.value,
        "exits": sorted(journey.exits),
        "exit_choices": [(name, _upper(EXIT_WORDS[name])) for name in EXITS],
        "goals": [str(goal) for goal in journey.goals],
        "goal_choices": [(key, _upper(words)) for key, words in aims.items()],
        "day_choices": [(day, name.capitalize()) for day, name in enumerate(DAYS)],
        **_pool_fields(journey),
    }


def _pool_fields(journey: Journey) -> dict[str, Any]:
    """The pools a line each, and by pool and mail the fields of who gets it, with what they say."""
    lines = (f"{name} = {', '.join(each.mail for each in pool)}" for name, pool in journey.pools)
    drawn = {
        f"{name}.{each.mail}": {"words": drawn_words(each), **conditions_of(each.when)}
        for name, pool in journey.pools
        for each in pool
    }
    return {"pools": "\n".join(lines), "drawn": drawn}


def typed(form: Form) -> dict[str, Any]:
    """Return what was typed into a form that was refused."""
    found: dict[str, Any] = {
        key: form[key] for key in form if key not in ("exits", "goals", "days")
    }
    several = {key: form.getlist(key) for key in ("exits", "goals") if key in form}
    days = {"days": form.getlist("days", type=int)} if "days" in form else {}
    drawn: dict[str, dict[str, str]] = {}
    for key in form:
        if key.count(".") == 2:
            who, _, field = key.rpartition(".")
            drawn.setdefault(who, {"words": who.partition(".")[2]})[field] = form[key]
    return found | several | days | ({"drawn": drawn} if drawn else {})


def change_of(part: str, form: Form) -> Callable[[str], str]:
    """Return what a posted part does to a document; raises Invalid with the field that says nothing."""
    return {
        "entry": _entry, "start": start_change, "window": _window, "cap": _cap, "exits": _exits, "goals": _goals, "pools": _pools,
    }[part](form)  # fmt: skip


def _entry(form: Form) -> Callable[[str], str]:
    again, rest = form.get("again", ""), form.get("rest", "").strip()
    if again == "days" and not (rest.isdigit() and 1 <= int(rest) <= 999):
        raise _wrong("rest", "Write after how many days, from 1 to 999.")
    how = {
        "days": whole.again_text(Again.AFTER_THE_END, int(rest) if rest.isdigit() else 0),
        "always": Again.AFTER_THE_END.value,
    }.get(again, Again.NEVER.value)
    held = _number(form, "hold_out", range(51), "Write how many of a hundred, 50 at most.")
    when = conditions({key: form[key].strip() for key in form})

    def change(text: str) -> str:
        had = conditions(conditions_of(readable(text).entry))
        return whole.entered(text, when=when, had=had, again=how, hold_out=held)

    return change


def _window(form: Form) -> Callable[[str], str]:
    days = [day for day in form.getlist("days", type=int) if 0 <= day < len(DAYS)]
    if not days:
        raise _wrong("days", "Choose a day at least: without one no mail ever leaves.")
    starts, ends = form.get("from", ""), form.get("until", "")
    return lambda text: whole.windowed(
        text, days=days, starts=starts, ends=ends, zone=form.get("zone", "")
    )


def _cap(form: Form) -> Callable[[str], str]:
    told = {}
    for whose in ("partner", "vendor"):
        mails = _number(
            form, f"{whose}_mails", range(1, 100), "Write how many mails, from 1 to 99."
        )
        period = form.get(f"{whose}_period", "")
        told[whose] = str(Cap(mails, Period(period if period in _PERIODS else Period.WEEK)))
    return lambda text: whole.capped(text, partner=told["partner"], vendor=told["vendor"])


def _exits(form: Form) -> Callable[[str], str]:
    chosen = form.getlist("exits")
    if not chosen:
        raise _wrong("exits", "Choose what ends it early, at least that they unsubscribe.")
    return lambda text: whole.ended_by(text, [name for name in EXITS if name in chosen])


def _goals(form: Form) -> Callable[[str], str]:
    return lambda text: whole.aimed_at(text, form.getlist("goals"))


def _pools(form: Form) -> Callable[[str], str]:
    pools: dict[str, list[tuple[str, dict[str, object]]]] = {}
    for line in form.get("pools", "").splitlines():
        name, sign, drawn = line.partition("=")
        if line.strip() and not (sign and name.strip()):
            raise _wrong("pools", "Write a line each: stories = first-mail, second-mail.")
        if line.strip():
            mails = [mail.strip() for mail in drawn.split(",") if mail.strip()]
            pools[name.strip()] = [(mail, _who_gets(form, name.strip(), mail)) for mail in mails]

    def change(text: str) -> str:
        had = {
            name: [(each.mail, conditions(conditions_of(each.when))) for each in pool]
            for name, pool in readable(text).pools
        }
        return whole.pooled(text, pools, had=had)

    return change


def _who_gets(form: Form, pool: str, mail: str) -> dict[str, object]:
    """The conditions of a mail of a pool; of one that was just added there are none yet.

    A pool that was given another name keeps them.
    """
    known = [key.rpartition(".")[0] for key in form if key.count(".") == 2]
    renamed = not any(each.startswith(f"{pool}.") for each in known)
    drawn = next((e for e in known if renamed and e.endswith(f".{mail}")), f"{pool}.{mail}")
    typed_in = {
        key.rpartition(".")[2]: form[key].strip() for key in form if key.startswith(f"{drawn}.")
    }
    try:
        return conditions(typed_in)
    except Invalid as refused:
        fields = {f"{drawn}.{key}": words for key, words in (refused.fields or {}).items()}
        raise Invalid(refused.message, code=refused.code, fields=fields) from refused


def _number(form: Mapping[str, str], key: str, allowed: range, words: str) -> int:
    value = form.get(key, "").strip() or ("0" if 0 in allowed else "")
    if not value.isdigit() or len(value) > 3 or int(value) not in allowed:
        raise _wrong(key, words)
    return int(value)


def _wrong(key: str, words: str) -> Invalid:
    return Invalid(words, code="journey.whole", fields={key: words})


def _plain(signal: str) -> str:
    return {
        "replied": "they reply", "form": "they fill in a form again", "visited": "they visit a page by a mail’s link",
        "downloaded": "they download a file from a page", "meeting": "they meet the seller",
        "accepted": "the lead is accepted", "opportunity": "it becomes an opportunity",
    }[signal]  # fmt: skip


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
