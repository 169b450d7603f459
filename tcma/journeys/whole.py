"""What holds for a whole journey, changed in its document: who enters, send times, caps, ends, goals, pools.

A part that says the same keeps its lines as the author wrote them; all else of the document stays, too.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tcma.journeys.document import DAYS, Again
from tcma.journeys.editing import readable
from tcma.journeys.start_reading import start_told
from tcma.toml_editing import put, put_keys, tables

Pools = Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]
"""The mails of each pool with who may get them, as a document says it; nothing for everybody."""


def again_text(again: Again, rest: int) -> str:
    """Return how a document says whether somebody may enter again."""
    if again is Again.NEVER or not rest:
        return again.value
    return f"{rest} {'day' if rest == 1 else 'days'} after the end"


def entered(
    text: str, *, when: Mapping[str, Any], had: Mapping[str, Any], again: str, hold_out: int
) -> str:
    """Return the document with who enters, how often, and how many of a hundred are held out.

    `when` are the conditions as a document says them, `had` those that stand there by the same form.
    """
    journey = readable(text)
    changes: dict[str, Any] = {}
    if when != had:
        changes["if"] = dict(when) or None
    if again != again_text(journey.again, journey.rest):
        changes["again"] = again
    made = _table(text, "entry", changes)
    return made if hold_out == journey.hold_out else put_keys(made, {"hold_out": hold_out or None})


def started(text: str, told: Mapping[str, Any]) -> str:
    """Return the document with what begins it by itself, as `start_told` says it; nothing takes it away."""
    if dict(told) == start_told(readable(text).start):
        return text
    return put(text, ("start",), None, dict(told), many=False)


def windowed(text: str, *, days: Collection[int], starts: str, ends: str, zone: str) -> str:
    """Return the document with when mails may leave: days from Monday 0, «08:00» to «18:00», by whose clock."""
    journey = readable(text)
    window = journey.window
    told = {"from": starts, "until": ends, "zone": zone}
    stands = {
        "from": f"{window.starts:%H:%M}",
        "until": f"{window.ends:%H:%M}",
        "zone": journey.zone.value,
    }
    changes: dict[str, Any] = {key: told[key] for key in told if told[key] != stands[key]}
    if set(days) != window.days:
        changes["days"] = [DAYS[day] for day in sorted(days)]
    return _table(text, "window", changes)


def capped(text: str, *, partner: str, vendor: str) -> str:
    """Return the document with how many mails one address gets: «2 a week» by a partner, by all of the vendor's."""
    journey = readable(text)
    stands = {"partner": str(journey.partner_cap), "vendor": str(journey.vendor_cap)}
    told = {"partner": partner, "vendor": vendor}
    return _table(text, "cap", {key: told[key] for key in told if told[key] != stands[key]})


def ended_by(text: str, exits: Sequence[str]) -> str:
    """Return the document with what ends a run early."""
    if set(exits) == readable(text).exits:
        return text
    return put_keys(text, {"exits": list(exits)})


def aimed_at(text: str, goals: Sequence[str]) -> str:
    """Return the document with what ends a run well, each as a document says it: «clicked:mail.link»."""
    if set(goals) == {str(goal) for goal in readable(text).goals}:
        return text
    return put_keys(text, {"goals": list(goals) or None})


def pooled(text: str, pools: Pools, *, had: Pools) -> str:
    """Return the document with its pools of mails, each with those that matter most first.

    `had` are those that stand there, by the same form. A pool that says the same keeps its lines.
    """
    raw = tables(text).get("pool", {})
    if [(name, list(pools[name])) for name in pools] == [(name, list(had[name])) for name in had]:
        return text
    told = {
        name: raw[name]
        if list(pools[name]) == list(had.get(name, ()))
        else [{"mail": mail, "if": dict(when)} if when else mail for mail, when in pools[name]]
        for name in pools
    }
    return put(text, ("pool",), None, told, many=False)


def _table(text: str, name: str, changes: Mapping[str, Any]) -> str:
    if not changes:
        return text
    had = tables(text).get(name, {})
    told = {key: value for key, value in {**had, **changes}.items() if value is not None}
    return put(text, (name,), None, told, many=False)
