"""A campaign's folder as one zip and back, for sending it to another installation; no database."""

import argparse
import hashlib

from tcma.cli.main import GOOD, readable, say
from tcma.cli.templates import folder_of
from tcma.errors import Invalid
from tcma.library.archive import files_of_zip, zip_of_files
from tcma.rendering.source import SHARED, content_hash, load_files


def pack(args: argparse.Namespace) -> int:
    """Write a folder as one zip; the same folder gives the same bytes."""
    files = folder_of(args.dir)
    source = load_files(files)
    data = zip_of_files(files, slug=source.slug)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(data)
    answer = {
        "file": str(args.out),
        "campaign": source.slug,
        "version": source.content_hash,
        "files": len(files),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    words = f"{args.out}: {source.slug}, {len(files)} files, content {source.content_hash[:12]}"
    say(args, answer, words)
    return GOOD


def unpack(args: argparse.Namespace) -> int:
    """Write what a zip holds as a folder that can be checked, rendered and edited."""
    files = files_of_zip(readable(args.file).read_bytes())
    source = load_files(files)
    if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        raise Invalid(f"{args.out} is not empty.", code="config.out", remedy="Name a new folder.")
    for path, content in files.items():
        place = args.out / path if path.startswith(SHARED) else args.out / source.slug / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    folder = args.out / source.slug
    answer = {"folder": str(folder), "campaign": source.slug, "version": content_hash(files)}
    say(args, answer, f"{folder}: {len(files)} files, content {source.content_hash[:12]}")
    return GOOD
