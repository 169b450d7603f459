"""Checks a signed case file, or what a launch sent, offline, without a database."""

import argparse
from dataclasses import asdict
from pathlib import Path

from tcma.cli.main import GOOD, WRONG, readable, say
from tcma.sealed import render_manifest
from tcma.sealed.keys import read_public
from tcma.sealed.verify import check


def verify(args: argparse.Namespace) -> int:
    """Say whether every file is the one that was signed, or name the first that is not.

    Of what a launch sent, the region that changed is named too, and whose it is.
    """
    content = readable(args.file).read_bytes()
    key = read_public(_given(args.key)) if args.key else None
    judge = render_manifest.check if render_manifest.is_one(content) else check
    found = judge(content, key=key)
    words = f"{'Valid' if found.valid else 'Not valid'}: {found.reason}"
    if found.valid:
        words += f"\nKey {found.key}"
        if found.own_key:
            words += "\nNobody vouches for that key yet: name the installation's by --key."
    say(args, asdict(found), words)
    return GOOD if found.valid else WRONG


def _given(text: str) -> bytes:
    path = Path(text)
    return path.read_bytes() if path.is_file() else text.encode()
