"""Journeys without a database: what is wrong in a document, and a walk on the virtual clock."""

import argparse
import json
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tcma.cli.main import GOOD, WRONG, readable, say
from tcma.errors import Invalid
from tcma.journeys.document import Journey, Read
from tcma.journeys.people import Person
from tcma.journeys.reading import read
from tcma.journeys.trying import Stop, begin_of, person_of, play, tried
from tcma.journeys.words import sentence, settings, title
from tcma.rendering.findings import TemplateRefused
from tcma.rendering.source import JOURNEY, load_files, read_folder


def check(args: argparse.Namespace) -> int:
    """Read a journey and run its tests; faults by line, else what it says in sentences."""
    found = document(args.file)
    faults = [asdict(f) for f in found.faults]
    tests = [
        {"name": t.name, "line": t.line, "ok": not wrong, "words": wrong}
        for t, wrong in (tried(found.journey) if found.journey else ())
    ]
    steps = found.journey.steps if found.journey else ()
    said = [{"step": s.id, "kind": s.kind.value, "words": sentence(s)} for s in steps]
    lines = [str(f) for f in found.faults]
    lines += [f"{s['step']}: {s['words']}" for s in said]
    lines += [
        f"{head}: {words}" for head, words in (settings(found.journey) if found.journey else ())
    ]
    lines += [
        f"test “{t['name']}” {'passes' if t['ok'] else 'fails: ' + str(t['words'])}" for t in tests
    ]
    good = not faults and all(t["ok"] for t in tests)
    say(args, {"ok": good, "faults": faults, "steps": said, "tests": tests}, "\n".join(lines))
    return GOOD if good else WRONG


def run(args: argparse.Namespace) -> int:
    """Walk a journey to its end for a sample contact, with what they do on the way."""
    found = document(args.file)
    if found.journey is None:
        say(args, {"ok": False, "faults": [asdict(f) for f in found.faults]},
            "\n".join(map(str, found.faults)))  # fmt: skip
        return WRONG
    person = person_of(contact_of(args.contact))
    played = play(found.journey, person, args.event, begins=begin_of(args.begins, person.zone))
    answer = {
        "ok": True,
        "path": played.path,
        "ended": played.ended,
        "why": played.why,
        "zone": played.zone,
        "begins": played.begins.isoformat(),
        "ends": played.ends.isoformat(),
        "days": round((played.ends - played.begins).total_seconds() / 86_400, 2),
        "mails": [stop.mail for stop in played.stops if stop.did == "sent"],
        "stops": [asdict(stop) | {"at": stop.at.isoformat()} for stop in played.stops],
    }
    lines = [_line(stop, person, found.journey) for stop in played.stops]
    lines.append(f"{played.ended}: {played.why}, after {answer['days']} days")
    say(args, answer, "\n".join(lines))
    return GOOD


def document(path: Path) -> Read:
    """Return the journey of a file, or of a campaign's folder, whose mails are then known."""
    if path.is_dir() and (path / "campaign.toml").is_file():
        try:
            return Read(load_files(read_folder(path)).nurture, ())
        except TemplateRefused as refused:
            if any(f.file != JOURNEY for f in refused.findings):
                raise
    file = readable(path / JOURNEY if path.is_dir() else path)
    try:
        return read(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"{file} is not UTF-8; save it as UTF-8."
        raise Invalid(message, code="journey.encoding") from error


def contact_of(text: str) -> dict[str, Any]:
    """Return a contact: a TOML or JSON file, or «country=GB,score=60»."""
    if not text:
        return {}
    if "=" in text and not Path(text).exists():
        pairs = (part.partition("=") for part in text.split(","))
        return {key.strip(): value.strip() for key, _, value in pairs}
    file = readable(Path(text))
    try:
        content = file.read_text(encoding="utf-8-sig")
        raw = json.loads(content) if file.suffix == ".json" else tomllib.loads(content)
    except ValueError as error:
        raise Invalid(
            f"{file} is neither TOML nor JSON: {error}.", code="journey.contact"
        ) from error
    found = raw.get("contact", raw)
    own = ("country", "postcode", "company", "language", "partner", "tier", "zone", "key", "email",
           "score", "answers", "date")  # fmt: skip
    return {key: found[key] for key in own if key in found}


def _line(stop: Stop, person: Person, journey: Journey) -> str:
    at = stop.at.astimezone(ZoneInfo(person.zone)).strftime("%a %d %b %Y %H:%M")
    step = journey.step(stop.step)
    if step is None:
        return f"{at}  {'':<8} they did: {stop.did} {stop.mail}".rstrip()
    why = f" ({stop.why})" if stop.why else ""
    return f"{at}  {stop.step:<8} {title(step)}: {stop.did}{why}"
