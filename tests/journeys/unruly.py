"""`python -m tests.journeys.unruly up` is `tcma up` whose queue loses, doubles and shuffles what it is sent."""

import os
import random
import sys

import tcma.wiring
from tcma.cli.main import main
from tests.fakes import Unruly
from tests.faults.nursery import UNRULY


def be_unruly(seed, put=setattr):
    """Let the queue of this process be unruly; the broker behind it stays as it is."""
    in_process, dice = tcma.wiring.in_process, random.Random(seed)
    put(tcma.wiring, "in_process", lambda: Unruly(in_process(), dice))


if __name__ == "__main__":
    be_unruly(os.environ[UNRULY])
    sys.exit(main())
