"""Cases and programmes for the tests of the engine: small, complete, changed by a few keys."""

import json
from importlib.resources import files

from tcma.mdf.programme import reading
from tcma.mdf.programme.judge import judge_text

SHIPPED = files("tcma.mdf") / "programmes"


def shipped(name):
    return reading.read((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), name)


def programme(text=""):
    return reading.read(f'name = "Test"\ncurrency = "GBP"\n{text}')


def decide(rules, **case):
    """Judge a case; `rules` is TOML, a shipped name, or a programme that was read."""
    if isinstance(rules, str):
        rules = shipped(rules) if "\n" not in rules and "=" not in rules else programme(rules)
    return judge_text(rules, json.dumps(case))


def request(**more):
    return {
        "kind": "request",
        "submitted_at": "2026-11-24T12:00:00+00:00",
        "activities": [{"type": "event", "starts_on": "2026-12-08", "ends_on": "2026-12-18"}],
        "requested": "800.00",
    } | more


def claim(**more):
    return {
        "kind": "claim",
        "ref": "CLM-1",
        "submitted_at": "2026-05-24T12:00:00+01:00",
        "partner": {"name": "Brightwater IT", "tier": "gold"},
        "activities": [{"type": "event", "starts_on": "2026-04-01", "ends_on": "2026-04-09"}],
        "request": {"approved_at": "2026-03-02T10:00:00+00:00", "approved": "1500.00"},
        "invoices": [
            {"number": "1", "issuer": "Print Shop", "issued_on": "2026-04-10",
             "made_out_to": "Brightwater IT", "net": "1000.00"}
        ],
    } | more  # fmt: skip


def step(decision, rule):
    (found,) = [each for each in decision.trace if each.rule == rule]
    return found
