"""Stores exchange rates from a file, as a nightly job would."""

import argparse
from dataclasses import replace

from tcma.cli.main import GOOD, readable, say, settings_here
from tcma.mdf.exchange import rates
from tcma.mdf.exchange.reading import read_rates
from tcma.partners.queries import vendor_by_slug
from tcma.permissions import SYSTEM
from tcma.wiring import installation


def load(args: argparse.Namespace) -> int:
    """Store the rates of a file for a vendor; those that stand already are left alone."""
    quotes = read_rates(readable(args.file).read_bytes())
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        vendor = vendor_by_slug(work.session, args.vendor)
        house = replace(work, principal=replace(SYSTEM, vendor_id=vendor.id))
        new = rates.state(house, quotes, source=args.source)
    answer = {"vendor": args.vendor, "rates": len(quotes), "new": new}
    say(args, answer, f"{new} of {len(quotes)} rates are new and stored for {args.vendor}")
    return GOOD
