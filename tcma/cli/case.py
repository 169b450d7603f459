"""Checks a signed case file, or what a launch sent, offline, without a database."""

import argparse
from dataclasses import asdict
from pathlib import Path

from tcma.cli.main import GOOD, WRONG, readable, say, settings_here
from tcma.errors import Invalid
from tcma.sealed import render_manifest
from tcma.sealed.keys import read_public
from tcma.sealed.verify import Checked, check, signature_in, with_stamp


def verify(args: argparse.Namespace) -> int:
    """Say whether every file is the one that was signed, or name the first that is not.

    Of what a launch sent, the region that changed is named too, and whose it is.
    """
    content = readable(args.file).read_bytes()
    key = read_public(_given(args.key)) if args.key else None
    if render_manifest.is_one(content):
        found: render_manifest.Found | Checked = render_manifest.check(content, key=key)
    else:
        roots = readable(args.authority).read_bytes() if args.authority else None
        found = check(content, key=key, roots=roots)
    words = f"{'Valid' if found.valid else 'Not valid'}: {found.reason}"
    if found.valid:
        words += f"\nKey {found.key}"
        if found.own_key:
            words += "\nNobody vouches for that key yet: name the installation's by --key."
    say(args, asdict(found), words)
    return GOOD if found.valid else WRONG


def stamp(args: argparse.Namespace) -> int:
    """Put the stamp of the time authority into a case file, in place of an older one."""
    from tcma.wiring import authority_of  # heavy: `verify` does without a database

    content = readable(args.file).read_bytes()
    found = check(content)
    if not found.valid:
        say(args, asdict(found), f"Not valid: {found.reason}")
        return WRONG
    stamped = authority_of(settings_here()).stamp(signature_in(content))
    if stamped is None:
        raise Invalid(
            "No time authority is named.",
            code="config.authority",
            remedy="Set TCMA_TSA_URL and TCMA_TSA_ROOTS.",
        )
    made = with_stamp(content, stamped)
    draft = args.file.with_name(f"{args.file.name}.new")
    draft.write_bytes(made)
    draft.replace(args.file)
    found = check(made)
    say(args, asdict(found), f"Valid: {found.reason}")
    return GOOD


def _given(text: str) -> bytes:
    path = Path(text)
    return path.read_bytes() if path.is_file() else text.encode()
