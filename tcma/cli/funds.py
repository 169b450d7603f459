"""Fund programmes without a database: judge a case, check a programme, read it in plain sentences."""

import argparse
import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from tcma.cli.main import GOOD, MISUSED, WRONG, complain, readable, say
from tcma.errors import Invalid
from tcma.mdf.programme import reading, sentences
from tcma.mdf.programme.judge import judge_text
from tcma.mdf.programme.verdict import Answer, Decision
from tcma.rendering.findings import Severity

SHIPPED = files("tcma.mdf") / "programmes"


def judge(args: argparse.Namespace) -> int:
    """Decide a request, claim, accrual or expiry by a programme."""
    try:
        programme = reading.read(_text(args.programme), str(args.programme))
        decision = judge_text(programme, _text(args.case))
    except reading.ProgrammeRefused as refused:
        return _refused(args, refused)
    except Invalid as refused:
        said = Invalid(f"{args.case}: {refused.message}", code=refused.code, remedy=refused.remedy)
        complain(said, as_json=args.json)
        return MISUSED
    say(args, decision.as_json(), _words(decision))
    return GOOD if decision.decision in {Answer.APPROVE, Answer.PARTIAL} else WRONG


def _refused(args: argparse.Namespace, refused: reading.ProgrammeRefused) -> int:
    if args.json:
        body = {
            "error": refused.code,
            "message": refused.message,
            "remedy": refused.remedy,
            "findings": [asdict(each) for each in refused.findings],
        }
        print(json.dumps(body, ensure_ascii=False))
    else:
        complain(
            Invalid("\n".join(str(each) for each in refused.findings), code=refused.code),
            as_json=False,
        )
    return MISUSED


def _text(path: Path) -> str:
    try:
        return readable(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(
            f"{path}: not UTF-8", code="config.file", remedy="Save the file as UTF-8."
        ) from None


def _words(decision: Decision) -> str:
    said = decision.as_json()
    lines = [f"{said['decision']}: {said['currency']} {said['amount']} of {said['asked']} asked"]
    for each in said["reasons"]:
        until = f" (curable until {each['by']})" if each["by"] else " (curable)"
        lines.append(f"  {each['code']}{until if each['curable'] else ' (final)'}: {each['words']}")
        if each["remedy"]:
            lines.append(f"    {each['remedy']}")
    lines += [f"  {name} {said[name]}" for name in ("pay_by", "points") if name in said]
    lines.append(f"Rules of “{said['programme']}”, version {said['version']}:")
    for step in said["trace"]:
        sums = f" {step['before']} → {step['after']}" if "before" in step else ""
        lines.append(f"  {step['outcome']:<8}{step['rule']}{sums}: {step['words']}")
    return "\n".join(lines)


def check(args: argparse.Namespace) -> int:
    """Say everything that is wrong in a programme file, with line and remedy."""
    try:
        programme, findings = reading.check(_text(args.file), str(args.file))
    except Invalid as refused:
        complain(refused, as_json=args.json)
        return MISUSED
    wrong = [each for each in findings if each.severity is Severity.ERROR]
    answer: dict[str, Any] = {"ok": not wrong, "findings": [asdict(each) for each in findings]}
    lines = [f"{each.severity.value}: {each}" for each in findings]
    if programme:
        answer["versions"] = [each.version for each in programme.versions]
    lines.append(f"{len(wrong)} errors, {len(findings) - len(wrong)} warnings")
    say(args, answer, "\n".join(lines))
    return WRONG if wrong else GOOD


def show(args: argparse.Namespace) -> int:
    """Say what a programme says, in sentences."""
    try:
        programme = reading.read(_text(args.file), str(args.file))
    except reading.ProgrammeRefused as refused:
        return _refused(args, refused)
    answer, lines = [], []
    for version in programme.versions:
        parts = sentences.of(version)
        answer.append(
            {"version": version.version, "parts": [asdict(each) for each in parts]},
        )
        lines.append(f"{version.name}, version {version.version}")
        for part in parts:
            lines += ["", part.heading, *(f"  {each}" for each in part.sentences)]
        lines.append("")
    say(args, answer, "\n".join(lines).rstrip())
    return GOOD


def shipped(args: argparse.Namespace) -> int:
    """List the programmes that come with the product, or print one of them."""
    known = {each.name: each for each in SHIPPED.iterdir() if each.name.endswith(".toml")}
    if args.name:
        name = args.name if args.name.endswith(".toml") else f"{args.name}.toml"
        if name not in known:
            raise Invalid(
                f"There is no programme “{args.name}”.",
                code="config.programme",
                remedy=f"Shipped are: {', '.join(sorted(known))}.",
            )
        print(known[name].read_text(encoding="utf-8"), end="")
        return GOOD
    rows = []
    for name in sorted(known):
        programme = reading.read(known[name].read_text(encoding="utf-8"), name).versions[-1]
        rows.append({"name": name, "title": programme.name, "about": programme.about})
    say(args, rows, "\n".join(f"{row['name']:<28}{row['about']}" for row in rows))
    return GOOD
