"""The `tcma` command: its words, its help, its exit codes (0 good, 1 found wrong, 2 misused)."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tcma import logs
from tcma.cli.judging import HOW_TO_JUDGE
from tcma.config import VARIABLES, read_settings
from tcma.errors import Invalid, TcmaError

GOOD, WRONG, MISUSED = 0, 1, 2
Command = Callable[[argparse.Namespace], int]

EPILOG = "Environment:\n" + "\n".join(
    f"  {v.name:<18} {v.meaning} (default: {v.default})" for v in VARIABLES
)


if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - no public name


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each names the module that carries it out."""
    parser = argparse.ArgumentParser(
        prog="tcma",
        description="Through-channel marketing automation, from the command line.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="answer as JSON on standard output")
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    _installation(verbs)
    _launches(_group(verbs, "launch", "start and watch launches"))
    _templates(_group(verbs, "template", "author campaigns, without a database"))
    _judges(verbs)
    _funds(_group(verbs, "mdf", "fund programmes: judge a case, check the rules"))
    return parser


def _add(where: Verbs, name: str, run: str, text: str) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = where.add_parser(name, help=text, description=text)
    one.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")
    one.set_defaults(run=run)
    return one


def _group(where: Verbs, name: str, text: str) -> Verbs:
    one = where.add_parser(name, help=text, description=text)
    return one.add_subparsers(metavar="VERB", required=True)


def _installation(verbs: Verbs) -> None:
    _add(verbs, "up", "tcma.cli.up:up", "run the whole product here, with embedded defaults")
    demo = _add(verbs, "demo", "tcma.cli.demo:demo", "make the demo world in an empty installation")
    demo.add_argument(
        "--keep", action="store_true", help="do nothing when there is a world already"
    )
    _add(verbs, "doctor", "tcma.cli.doctor:doctor", "what is configured, reachable, late, unsafe")
    _add(verbs, "migrate", "tcma.cli.serve:migrate", "bring the database to the newest version")
    _add(verbs, "web", "tcma.cli.serve:web", "serve the consoles and public pages (granian)")
    _add(verbs, "worker", "tcma.cli.serve:worker", "work off the job queue (needs TCMA_REDIS_URL)")
    _add(verbs, "scheduler", "tcma.cli.serve:scheduler", "look for what is due and ring for it")
    ledger = _group(verbs, "ledger", "the fund ledger")
    _add(ledger, "verify", "tcma.cli.ledger:verify", "prove the ledger, or name the broken link")


def _launches(launch: Verbs) -> None:
    start = _add(launch, "start", "tcma.cli.launch:start", "launch a campaign to a contact file")
    start.add_argument("--campaign", metavar="SLUG", help="default: the demo world's first")
    start.add_argument("--partner", metavar="REF", help="partner's slug; default: the demo world's")
    start.add_argument("--contacts", metavar="FILE.csv", type=Path, required=True)
    start.add_argument("--sender", metavar="ADDRESS", help="default: the partner's sender")
    start.add_argument("--mails", choices=("first", "all"), default="first", help="of the series")
    start.add_argument("--wait", action="store_true", help="return when every recipient is settled")
    start.add_argument("--key", metavar="TEXT", help="idempotency key: the same key, one launch")
    show = _add(launch, "show", "tcma.cli.launch:show", "state and sum of a launch")
    show.add_argument("ref", metavar="REF")


def _templates(template: Verbs) -> None:
    check = _add(template, "check", "tcma.cli.templates:check", "find what is wrong in a campaign")
    check.add_argument("dir", metavar="DIR", type=Path)
    render = _add(template, "render", "tcma.cli.templates:render", "draw everything of a campaign")
    render.add_argument("dir", metavar="DIR", type=Path)
    render.add_argument("--partner", metavar="FILE.toml", type=Path, required=True)
    render.add_argument("--contact", metavar="FILE.toml", type=Path, required=True)
    render.add_argument("--out", metavar="OUT", type=Path, required=True)
    pack = _add(template, "pack", "tcma.cli.packages:pack", "write a campaign as one zip")
    pack.add_argument("dir", metavar="DIR", type=Path)
    pack.add_argument("--out", metavar="FILE.zip", type=Path, required=True)
    unpack = _add(template, "unpack", "tcma.cli.packages:unpack", "write a zip as a folder")
    unpack.add_argument("file", metavar="FILE.zip", type=Path)
    unpack.add_argument("--out", metavar="DIR", type=Path, required=True)


def _judges(verbs: Verbs) -> None:
    mjml = _add(verbs, "mjml", "tcma.cli.templates:mjml", "one MJML file to HTML")
    mjml.add_argument("file", metavar="FILE", type=Path)
    for name, text in (
        ("image", "judge a logo or picture"),
        ("contacts", "read a contact list as the import would"),
        ("bots", "judge user agents, one a line"),
    ):
        judge = _add(_group(verbs, name, text), "check", f"tcma.cli.checks:{name}", text)
        judge.add_argument("file", metavar="FILE", type=Path)
    invoice = _group(verbs, "invoice", "papers that prove a cost")
    read = _add(invoice, "read", "tcma.cli.invoice:read", "judge a paper and read its fields")
    read.add_argument("file", metavar="FILE", type=Path)
    feedback = _group(verbs, "feedback", "bounces, complaints, replies")
    record = _add(
        feedback,
        "record",
        "tcma.cli.feedback:record",
        "take a bounce, complaint or webhook in and let it act (`-`: from a mail server's pipe)",
    )
    record.add_argument("file", metavar="FILE", type=Path)
    classify = _add(
        feedback,
        "classify",
        "tcma.cli.checks:feedback",
        "say what a bounce, complaint or webhook means for each recipient",
    )
    classify.add_argument("file", metavar="FILE", type=Path)


def _funds(mdf: Verbs) -> None:
    judge = _add(mdf, "judge", "tcma.cli.funds:judge", "decide a request or claim by a programme")
    judge.formatter_class = argparse.RawDescriptionHelpFormatter
    judge.epilog = HOW_TO_JUDGE
    judge.add_argument("programme", metavar="PROGRAMME.toml", type=Path)
    judge.add_argument("case", metavar="CASE.json", type=Path)
    programme = _group(mdf, "programme", "the rules of a fund as a file")
    for name, text in (
        ("check", "find what is wrong in a programme, by line"),
        ("show", "say in sentences what a programme says"),
    ):
        one = _add(programme, name, f"tcma.cli.funds:{name}", text)
        one.add_argument("file", metavar="PROGRAMME.toml", type=Path)
    shipped = _add(programme, "shipped", "tcma.cli.funds:shipped", "list or print shipped ones")
    shipped.add_argument("name", metavar="NAME", nargs="?", help="print this one")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = build_parser()
    args = parser.parse_args(argv)
    logs.configure(
        level=logging.INFO if args.run.startswith("tcma.cli.serve:") else logging.WARNING
    )
    try:
        return load(args.run)(args)
    except Invalid as error:
        complain(error, as_json=args.json)
        return MISUSED if error.code.startswith("config.") else WRONG
    except TcmaError as error:
        complain(error, as_json=args.json)
        return WRONG
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except KeyboardInterrupt:
        return WRONG


def load(name: str) -> Command:
    """Import the module of one command only: `tcma mjml` needs no database driver."""
    module, _, function = name.partition(":")
    return cast(Command, getattr(import_module(module), function))


def complain(error: TcmaError, *, as_json: bool) -> None:
    """Write a refusal: as JSON on standard output, else in words on standard error."""
    if as_json:
        body: dict[str, Any] = {"error": error.code, "message": error.message}
        if error.remedy:
            body["remedy"] = error.remedy
        print(json.dumps(body, ensure_ascii=False))
        return
    print(error.message, file=sys.stderr)
    if error.remedy:
        print(error.remedy, file=sys.stderr)


def say(args: argparse.Namespace, answer: Any, words: str) -> None:
    """Write an answer as JSON or in words."""
    print(json.dumps(answer, ensure_ascii=False, default=str) if args.json else words)


def readable(path: Path) -> Path:
    """Return the path of a file that can be read; Invalid (misused) when there is none."""
    if not path.is_file():
        raise Invalid(
            f"{path}: there is no such file", code="config.file", remedy="Check the path."
        )
    return path


def settings_here() -> Any:
    """Return the settings of this process's environment."""
    return read_settings(os.environ)


if __name__ == "__main__":
    sys.exit(main())
