"""What goes wrong while mail is sent; each fault says in a word what it did."""

import time

from tcma.errors import Unavailable
from tcma.jobs import Job
from tcma.launches import actions
from workers.lines import LINES

HOURS_OFF = (-3600, 3600)


def killed(house, dice):
    """S1–S6: a worker dies anywhere."""
    house.kill(dice.choice(house.workers))
    return "a worker killed"


def killed_and_off(house, dice):
    """S28: what takes its place has its clock an hour off."""
    off = dice.choice(HOURS_OFF)
    house.kill(dice.choice(house.workers), clock_off_s=off)
    return "a worker killed, the next one's clock an hour off"


def frozen(house, dice):
    """S8: a worker sleeps in the middle of what it does."""
    house.freeze(dice.choice(house.workers), dice.uniform(0.5, 6))
    return "a worker frozen"


def no_scheduler(house, dice):
    """S13: nobody looks for what is due, until the next one leads."""
    del dice
    house.kill_scheduler()
    return "the scheduler killed"


def crashed(house, dice):
    """S9, S10: PostgreSQL goes at once, commits are without an answer."""
    del dice
    house.restart_database()
    return "PostgreSQL crashed and restarted"


def forgot(house, dice):
    """S11: Redis has forgotten everything."""
    del dice
    house.flush_redis()
    return "Redis flushed"


def no_redis(house, dice):
    """S11: no Redis for a while."""
    house.restart_redis(dice.uniform(0.5, 3))
    return "Redis stopped and restarted empty"


def doubled(house, dice):
    """S12: wake-ups come many times and in any order."""
    for _ in range(40):
        job = dice.choice((Job.MAILING_SEND, Job.MESSAGE_RECOVER, Job.MESSAGE_SWEEP))
        try:
            house.plant.ring(job)
        except Unavailable:
            break
    return "wake-ups doubled and shuffled"


def stopped(house, dice):
    """S7: a worker is told to stop, finishes what it has in hand and leaves; another takes over."""
    code = house.stop(dice.choice(house.workers))
    return "a worker told to stop" if code == 0 else f"a worker told to stop ended with {code}"


def no_room(house, dice):
    """S27: the disk of a worker's line book is full for a while."""
    house.fill_disk(dice.choice(house.workers), dice.uniform(0.2, 2))
    return "a worker's disk full"


def paused(house, dice):
    """S18: a partner pauses a launch and lets it go on."""
    if not (running := house.running()):
        return "nothing was there to pause"
    launch = dice.choice(running)
    if not house.partners.steer(launch, actions.pause_launch):
        return "a launch was over before it could be paused"
    time.sleep(dice.uniform(0.2, 2))
    house.partners.steer(launch, actions.resume_launch)
    return "a launch paused and resumed"


def cancelled(house, dice):
    """S19: a partner cancels a launch in the middle."""
    if not (running := house.running()):
        return "nothing was there to cancel"
    launch = dice.choice(running)
    if not house.partners.steer(launch, actions.cancel_launch):
        return "a launch was over before it could be cancelled"
    house.cancelled.add(launch[1])
    return "a launch cancelled"


def _ordered(order, words, seconds):
    def fault(house, dice):
        house.sink.order(order)
        time.sleep(dice.uniform(*seconds))
        house.sink.order("go")
        return words

    fault.__doc__ = f"S3, S15, S16: {words}."
    return fault


slow = _ordered("slow", "the relay slow", (1, 4))
held = _ordered("hold", "the relay silent before the text", (0.2, 1.5))
silent_before = _ordered(
    "stall-before", "the relay silent after the text, kept nothing", (0.1, 0.4)
)
silent_after = _ordered("stall-after", "the relay silent after the text, kept it", (0.1, 0.4))
full = _ordered("full", "the relay says 421", (0.2, 2))

WEIGHTS = {
    killed: 5, killed_and_off: 1, frozen: 3, no_scheduler: 1, crashed: 2, forgot: 2, no_redis: 1,
    doubled: 2, paused: 2, cancelled: 1, stopped: 2, no_room: 1, slow: 1, held: 1, silent_before: 1, silent_after: 1, full: 1,
}  # fmt: skip
DOUBT = {
    killed: LINES, killed_and_off: LINES, frozen: LINES, crashed: 0, held: 0, slow: 0, full: 0,
    silent_before: 4 * LINES, silent_after: 4 * LINES,
}  # fmt: skip
"""Most mails that one such fault may leave in doubt: one a line that was between dot and answer."""
