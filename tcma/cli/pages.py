"""Partners' pages from the command line: exported for another web server."""

import argparse
from pathlib import Path

from tcma.cli.main import GOOD, say, settings_here
from tcma.errors import Invalid, NotFound
from tcma.library.exporting import export_pages
from tcma.partners.queries import partner_by_slug
from tcma.permissions import SYSTEM
from tcma.wiring import installation


def export(args: argparse.Namespace) -> int:
    """Write all live pages of a partner as one zip."""
    out = args.out or Path(f"{args.partner}-pages.zip")
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        try:
            partner_id = partner_by_slug(work.session, args.partner).id
        except NotFound:
            raise Invalid(f"There is no partner “{args.partner}”.", code="config.partner") from None
        made = export_pages(work, partner_id)
    out.write_bytes(made.data)
    words = "1 page" if made.pages == 1 else f"{made.pages} pages"
    answer = {"file": str(out), "pages": made.pages, "bytes": len(made.data)}
    say(args, answer, f"{words} in {out}. Put its folder on any web server.")
    return GOOD
