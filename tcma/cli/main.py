"""The `tcma` command: its words, its help, its exit codes (0 good, 1 found wrong, 2 misused)."""

from __future__ import annotations

import argparse
import errno
import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NoReturn, cast

from tcma import logs
from tcma.cli.case_words import case_commands
from tcma.cli.journey_words import journey_commands
from tcma.cli.judging import HOW_TO_JUDGE
from tcma.cli.lead_words import lead_commands
from tcma.cli.page_words import page_commands
from tcma.cli.sending_words import (
    bot_commands,
    campaign_commands,
    destination_commands,
    feedback_commands,
    launch_commands,
    limit_command,
    run_commands,
)
from tcma.config import VARIABLES, read_settings
from tcma.errors import Invalid, TcmaError, Unavailable

GOOD, WRONG, MISUSED = 0, 1, 2
OUTSIDE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
"""Troubles of the machine and not of ours: a sentence, no traceback."""
Command = Callable[[argparse.Namespace], int]

EPILOG = "Environment:\n" + "\n".join(
    f"  {v.name:<18} {v.meaning} (default: {v.default})" for v in VARIABLES
)

AS_JSON = "answer as JSON on standard output"
CODES = "Exit codes: 0 good, 1 found wrong or refused, 2 called wrongly."

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[Any]  # noqa: SLF001 - no public name


class Parser(argparse.ArgumentParser):
    """Says what is wrong in a call, and where to read how it goes right; exit 2."""

    def error(self, message: str) -> NoReturn:
        """Refuse a call."""
        remedy = f"See `{self.prog} --help`."
        wrong = Invalid(f"{message[:1].upper()}{message[1:]}", code="usage", remedy=remedy)
        if "--json" not in sys.argv:
            self.print_usage(sys.stderr)
        complain(wrong, as_json="--json" in sys.argv)
        sys.exit(MISUSED)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each names the module that carries it out."""
    parser = Parser(
        prog="tcma",
        description="Through-channel marketing automation, from the command line.\n"
        "`tcma up` is all you need to look around; `tcma COMMAND --help` says how each goes.",
        epilog=f"{EPILOG}\n\n{CODES}",
        formatter_class=_shape,
    )
    parser.add_argument("--json", action="store_true", help=AS_JSON)
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    _installation(verbs)
    _proofs(verbs)
    launch_commands(_group(verbs, "launch", "start and watch launches"), _add)
    campaign_commands(_group(verbs, "campaign", "stop a campaign for every partner"), _add)
    run_commands(_group(verbs, "run", "follow one campaign for many partners"), _add)
    page_commands(_group(verbs, "page", "partners' pages for other web servers"), _add)
    destination_commands(_group(verbs, "destination", "the pace of large providers"), _add)
    limit_command(verbs, _add)
    _templates(_group(verbs, "template", "author campaigns, without a database"))
    _judges(verbs)
    _funds(_group(verbs, "mdf", "fund programmes: judge a case, check the rules"))
    lead_commands(_group(verbs, "leads", "scores, routing, leads by mail"), _group, _add)
    journey_commands(_group(verbs, "journey", "nurture journeys, without a database"), _add)
    return parser


def _shape(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=26, width=96)


def _add(where: Verbs, name: str, run: str, text: str, more: str = "") -> argparse.ArgumentParser:
    """Add a command: `text` is its line in a list, `more` what a newcomer must know besides."""
    said = f"{text[:1].upper()}{text[1:]}."
    one: argparse.ArgumentParser = where.add_parser(
        name,
        help=text,
        description="\n".join(wrap(f"{said} {more}", 90)),
        epilog=CODES,
        formatter_class=_shape,
    )
    one.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=AS_JSON)
    one.set_defaults(run=run)
    return one


def _group(where: Verbs, name: str, text: str) -> Verbs:
    said = f"{text[:1].upper()}{text[1:]}."
    one = where.add_parser(name, help=text, description=said, epilog=CODES, formatter_class=_shape)
    verbs: Verbs = one.add_subparsers(metavar="VERB", required=True)
    return verbs


def _installation(verbs: Verbs) -> None:
    _add(
        verbs,
        "up",
        "tcma.cli.up:up",
        "run the whole product here: database, mail catcher, workers, web",
        "The first start makes a demo world and prints whom to sign in as. Everything is kept in"
        " TCMA_DATA; Ctrl-C stops all of it. With --json one line says where it is.",
    )
    demo = _add(
        verbs,
        "demo",
        "tcma.cli.demo:demo",
        "make the demo world in an empty installation",
        "A filled one is refused and left alone.",
    )
    demo.add_argument("--keep", action="store_true", help="a filled one is fine: exit 0")
    _add(
        verbs,
        "doctor",
        "tcma.cli.doctor:doctor",
        "say what is configured, what answers, what is late or unsafe",
        "Exits 1 when something is wrong; what only wants a look does not.",
    )
    _add(
        verbs,
        "migrate",
        "tcma.cli.serve:migrate",
        "bring the database to the newest version, and make the bucket",
        "Safe to repeat, and safe to start several times at once.",
    )
    _add(
        verbs,
        "web",
        "tcma.cli.serve:web",
        "serve the consoles and public pages, one process per core",
        "Listens on HOST (default 0.0.0.0) and PORT. Run `tcma migrate` first.",
    )
    _add(
        verbs,
        "worker",
        "tcma.cli.serve:worker",
        "work off the job queue until told to stop",
        "Needs TCMA_REDIS_URL. Any number may run; each host keeps its TCMA_DATA.",
    )
    _add(
        verbs,
        "scheduler",
        "tcma.cli.serve:scheduler",
        "look for what is due and ring for it, until told to stop",
        "Needs TCMA_REDIS_URL. Any number may run; one leads.",
    )
    _add(
        verbs,
        "postbox",
        "tcma.cli.serve:postbox",
        "take in bounces, complaints, answers and leads that come by mail",
        "Listens or reads as TCMA_RETURN_MAIL says; needs TCMA_REDIS_URL. `tcma up` has its own.",
    )


def _proofs(verbs: Verbs) -> None:
    ledger = _group(verbs, "ledger", "the fund ledger")
    verify = _add(
        ledger,
        "verify",
        "tcma.cli.ledger:verify",
        "prove every fund's books, or name the broken link",
        "Looks at sums, balances, order and hashes, so that an edit by hand in the database shows."
        " --json also tells each fund's signed head: kept elsewhere, it shows a rewritten ledger.",
    )
    verify.add_argument("--heads", type=Path, metavar="FILE", help="an earlier --json, to compare")
    verify.add_argument("--sign-again", action="store_true", help="after TCMA_SECRET was changed")
    sums = _group(verbs, "sums", "sums of opens, clicks and answers, which reports read")
    check = _add(
        sums,
        "check",
        "tcma.cli.sums:check",
        "count the rows again and say whether the sums agree",
        "Nothing stands still meanwhile. The last seven days are compared each night without a call.",
    )
    mend = _add(
        sums,
        "mend",
        "tcma.cli.sums:mend",
        "add what the sums lack, so that they agree with the rows",
        "For sums that were changed by hand, or rows that were written below the triggers. A restored"
        " dump needs it not.",
    )
    for one in (check, mend):
        one.add_argument(
            "--since", metavar="DATE", help="the first day, YYYY-MM-DD; all without it"
        )


def _templates(template: Verbs) -> None:
    check = _add(
        template,
        "check",
        "tcma.cli.templates:check",
        "say everything that is wrong in a campaign's folder",
        "Each finding names file, line and remedy. Warnings do not fail it.",
    )
    check.add_argument("dir", metavar="DIR", type=Path, help="the folder with campaign.toml")
    render = _add(
        template,
        "render",
        "tcma.cli.templates:render",
        "write every mail, page and picture of a campaign",
        "Mails as .eml, .html and .txt, with a manifest of hashes: the same input, the same bytes.",
    )
    render.add_argument("dir", metavar="DIR", type=Path, help="the folder with campaign.toml")
    toml = "like brand_assets/samples/fenwright/kit.toml"
    render.add_argument("--partner", metavar="FILE.toml", type=Path, required=True, help=toml)
    contact = "like DIR/sample.toml"
    render.add_argument("--contact", metavar="FILE.toml", type=Path, required=True, help=contact)
    render.add_argument("--out", metavar="OUT", type=Path, required=True, help="folder to write to")
    pack = _add(
        template,
        "pack",
        "tcma.cli.packages:pack",
        "write a campaign's folder as one zip",
        "The studio imports it as it is.",
    )
    pack.add_argument("dir", metavar="DIR", type=Path, help="the folder with campaign.toml")
    pack.add_argument("--out", metavar="FILE.zip", type=Path, required=True, help="file to write")
    unpack = _add(template, "unpack", "tcma.cli.packages:unpack", "write such a zip as a folder")
    unpack.add_argument("file", metavar="FILE.zip", type=Path, help="from `pack`, or the studio")
    unpack.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder to write to")


def _judges(verbs: Verbs) -> None:
    mjml = _add(
        verbs,
        "mjml",
        "tcma.cli.templates:mjml",
        "compile one MJML file to HTML on standard output",
        "An error names file, line and remedy. Included files lie beside it.",
    )
    mjml.add_argument("file", metavar="FILE", type=Path, help="an .mjml file")
    for name, text, file in (
        ("image", "say whether a logo is taken, taken after changes, or refused", "a picture"),
        ("contacts", "read a contact list as the import would", "CSV, XLSX, XLS or ODS"),
        ("bots", "judge user agents: human, bot or unknown", "a text file, one a line"),
    ):
        judge_of = _group(verbs, name, text)
        judge = _add(judge_of, "check", f"tcma.cli.checks:{name}", text)
        judge.add_argument("file", metavar="FILE", type=Path, help=file)
        if name == "bots":
            bot_commands(judge_of, _add)
    invoice = _group(verbs, "invoice", "papers that prove a cost")
    read = _add(
        invoice,
        "read",
        "tcma.cli.invoice:read",
        "judge a paper and read its fields",
        "A field that could not be read is null. Exits 1 for a paper that is refused.",
    )
    read.add_argument("file", metavar="FILE", type=Path, help="PDF, PNG, JPEG, DOCX, XLSX, XML")
    case_commands(_group(verbs, "case", "signed case files"), _add)
    feedback_commands(
        _group(verbs, "feedback", "bounces, complaints, answers, provider notices"), _add
    )


def _funds(mdf: Verbs) -> None:
    judge = _add(mdf, "judge", "tcma.cli.funds:judge", "decide a request or claim by a programme")
    judge.formatter_class = argparse.RawDescriptionHelpFormatter
    judge.epilog = HOW_TO_JUDGE
    judge.add_argument("programme", metavar="PROGRAMME.toml", type=Path)
    judge.add_argument("case", metavar="CASE.json", type=Path)
    replay = _add(mdf, "replay", "tcma.cli.replays:replay", "decide again what was decided")
    replay.add_argument("ref", metavar="REF", help="a plan or claim, as MDF-2026-0007")
    programme = _group(mdf, "programme", "the rules of a fund as a file")
    for name, text in (
        ("check", "find what is wrong in a programme, by line"),
        ("show", "say in sentences what a programme says"),
    ):
        one = _add(programme, name, f"tcma.cli.funds:{name}", text)
        one.add_argument("file", metavar="PROGRAMME.toml", type=Path)
    stored = _group(mdf, "rates", "exchange rates, stored by day")
    load_rates = _add(
        stored,
        "load",
        "tcma.cli.rates:load",
        "store the exchange rates of a file",
        "A CSV with the columns day, from, to and rate, or the one the European Central Bank"
        " publishes. Rates that stand already are left alone: safe to repeat every night.",
    )
    load_rates.add_argument("file", metavar="FILE.csv", type=Path)
    load_rates.add_argument("--vendor", required=True, help="the vendor's short name")
    load_rates.add_argument("--source", default="ECB", help="who says so (default: ECB)")
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
    except OSError as error:
        if error.errno not in OUTSIDE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        said = f"{where}{error.strerror}"
        complain(Unavailable(said, remedy="Look at the disk and its rights."), as_json=args.json)
        return WRONG
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return WRONG


def load(name: str) -> Command:
    """Import the module of one command only: `tcma mjml` needs no database driver.

    Nothing imported is garbage; to look for some meanwhile took a quarter of the start of `tcma up`.
    """
    module, _, function = name.partition(":")
    gc.disable()
    try:
        return cast(Command, getattr(import_module(module), function))
    finally:
        gc.enable()


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
