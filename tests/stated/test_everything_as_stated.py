"""What is stated about files, addresses, returned mail and user agents holds case by case: the
project's own cases, and those of `../shared/data` where somebody has put such a folder.
"""

import csv
import io
import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tcma.contacts.reading import open_table
from tcma.contacts.rules import normal_address, one_line, storable
from tcma.delivery.feedback_parse import classify_file
from tcma.errors import Invalid
from tcma.rendering.headers import mailbox
from tcma.spreadsheet import text_row
from tcma.tracking.rules import judge_agent
from tests.architecture.sources import ROOT

OWN = Path(__file__).parent / "cases"
BESIDE = ROOT.parent / "shared" / "data"
SOURCES = [OWN, *([BESIDE] if BESIDE.is_dir() else [])]
every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.name)
BOTH_WAYS = {
    # The same shapes stand among the accepted: «"quoted local part"@…», «"unnecessary.escaped.\x…»
    '"quoted with space"@example.com',
    r'"quoted.with.extraneous.\escape"@example.com',
}
SUPPRESS = "hard-suppress"


def stated(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def verdict_on(address):
    try:
        return "hold" if normal_address(address).needs_smtputf8 else "accept"
    except Invalid:
        return "reject"


def meant(told):
    if told.startswith("reject-or-accept"):
        return {"accept", "reject"}
    if told.startswith("accept"):
        return {"hold" if "SMTPUTF8" in told else "accept"}
    return {told}


@every_source
def test_every_address_is_taken_or_refused_as_stated(source):
    cases = stated(source / "imports" / "email_addresses.jsonl")
    wrong = [
        (case["address"], case["our_verdict"], verdict_on(case["address"]))
        for case in cases
        if verdict_on(case["address"]) not in meant(case["our_verdict"])
        and case["address"] not in BOTH_WAYS
    ]
    assert cases
    assert wrong == []


def differences(path, case):
    """What is read differently from what the case states, named."""
    table = open_table(path)
    rows = [cells for _, cells in table.rows()]
    named = [dict(zip(table.columns, cells, strict=False)) for cells in rows]
    mapping = {str(field): table.columns[index] for field, index in table.guess().items()}
    head = [list(table.columns)] if table.has_header else []
    told = {
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "cells": head + rows,
        "records": named,
        "header": list(table.columns),
        "n_rows": len(rows),
        "expected_mapping": {key: mapping.get(key) for key in case.get("expected_mapping", {})},
        "expected_cells": [
            {key: row.get(key) for key in wanted}
            for row, wanted in zip(named, case.get("expected_cells", []), strict=False)
        ],
    }
    return [name for name in told if case.get(name) is not None and told[name] != case[name]]


@every_source
def test_every_file_is_read_as_stated(source):
    folder = source / "imports"
    wrong = []
    for case in stated(folder / "expected_files.jsonl"):
        try:
            found = differences(folder / case["file"], case)
        except Invalid as refusal:
            found = [] if "reject" in case["verdict"] else [refusal.message]
        else:
            found += ["taken"] if case["verdict"] == "reject" else []
        wrong += [(case["file"], each) for each in found]
    assert wrong == []


def hostile_words(source):
    words = json.loads((source / "imports" / "naughty_names.json").read_text("utf-8"))["strings"]
    for path in sorted((source / "attacks").glob("*.json")):
        words += json.loads(path.read_text("utf-8"))["payloads"]
    return [word for word in words if word.strip() and word == storable(word)]


@every_source
def test_x1_hostile_names_arrive_as_written_leave_inert_and_never_break_a_header(source, tmp_path):
    words = hostile_words(source)
    file = tmp_path / "people.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, quoting=csv.QUOTE_ALL)
        lines.writerow(["Email", "First Name", "Company"])
        lines.writerows([f"p{n}@kontor.example", word, word] for n, word in enumerate(words))
    judged = list(open_table(file).judged())
    arrived = [each.values["first_name"] for each in judged if each.verdict == "accept"]
    left = csv.reader(io.StringIO(b"".join(text_row([w]) for w in arrived).decode(), newline=""))
    exported = [row[0] for row in left]
    assert arrived == words
    assert [w for w, cell in zip(words, exported, strict=True) if cell not in (w, f"'{w}")] == []
    assert not [cell for cell in exported if cell.lstrip(' "').startswith(tuple("=+-@\t\r"))]
    headers = [mailbox(one_line(word), "p@kontor.example", "To") for word in words]
    assert not [each for each in headers if "\r" in each.replace("\r\n ", "")]


def returned(source):
    """Every stated recipient of every returned mail: file, stated action, what we say."""
    folder = source / "bounces"
    for manifest in sorted(folder.glob("expected_*.jsonl")):
        for case in stated(manifest):
            got = classify_file(folder / case["file"])
            by_name = {each["recipient"].lower(): each["action"] for each in got}
            hidden = got[0]["action"] if len(got) == 1 else None
            for one in case.get("expected", []):
                action = by_name.get((one["recipient"] or "").lower(), hidden)
                yield case["file"], one["our_action"], action


def test_t7_dead_addresses_are_stopped_and_almost_nobody_else():
    rows = [row for source in SOURCES for row in returned(source)]
    dead = [row for row in rows if row[1] == SUPPRESS]
    soft = [row for row in rows if row[1] == "soft-retry"]
    missed = [row for row in dead if row[2] != SUPPRESS]
    stopped = [row for row in soft if row[2] == SUPPRESS]
    others = {"complaint-suppress", "auto-reply-ignore", "delivered-ignore", "unsubscribe"}
    wrong = [row for row in rows if row[1] in others and row[1] != row[2]]
    assert len(missed) <= 0.05 * len(dead), missed
    assert len(stopped) <= 0.02 * len(soft), stopped
    assert wrong == []


def test_t7_our_own_returned_mail_is_judged_without_a_difference():
    assert [row for row in returned(OWN) if row[1] != row[2]] == []


def lines(name):
    return (OWN / "agents" / name).read_text("utf-8").splitlines()


def published():
    """The agents of the package crawler-user-agents, where somebody has installed it."""
    if find_spec("crawleruseragents") is None:
        return []
    entries = import_module("crawleruseragents").CRAWLER_USER_AGENTS_DATA
    return [agent for each in entries for agent in each.get("instances", [])]


def test_programs_are_known_and_no_browser_is_taken_for_one():
    machines = [*lines("bots.txt"), *published()]
    known = [agent for agent in machines if judge_agent(agent) != "human"]
    assert len(known) >= 0.95 * len(machines)
    assert [agent for agent in lines("bots.txt") if judge_agent(agent) == "human"] == []
    assert [agent for agent in lines("browsers.txt") if judge_agent(agent) != "human"] == []
