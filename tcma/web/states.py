"""Every state a page can show: its word, its icon, its tone, and who has to act (UX 4.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tcma.words import Words, say

_PARTNER: Final = frozenset({"partner", "console", "signed"})
_VENDOR: Final = frozenset({"vendor", "studio", "desk"})


@dataclass(frozen=True, slots=True)
class State:
    """One row of the table. `detail` is the word when its named facts are known."""

    word: str
    icon: str
    tone: str
    detail: Words | None = None
    acts: str = ""
    """`partner` or `vendor`: for that side the tone is `need`."""
    other_word: str = ""
    """What the side that does not act reads instead."""


@dataclass(frozen=True, slots=True)
class Pill:
    """What a pill shows: `word`, Tabler icon name, tone."""

    word: str
    icon: str
    tone: str


def _s(*row: str, detail: Words | None = None, acts: str = "", other_word: str = "") -> State:
    word, icon, tone = row
    return State(word, icon, tone, detail=detail, acts=acts, other_word=other_word)


_IN_REVIEW = _s(say("In review"), "clock", "work", acts="vendor")
_WAITING = _s(say("Waiting"), "clock", "rest")
_ASK_PARTNER = _s(say("Needs your answer"), "message-question", "work", acts="partner")
_WITHDRAWN = _s(say("Withdrawn"), "arrow-back-up", "rest")


def _given(icon: str) -> Mapping[str, State]:
    """Return the last states of a claim, a payment and a batch that no bank carries."""
    settled = _s(say("Settled"), icon, "good")
    failed = _s(say("Taken back"), "ban", "stop", acts="vendor")
    return {"paid": settled, "settled": settled, "failed": failed}


STATES: Final[Mapping[str, Mapping[str, State]]] = {
    "announcement": {
        "draft": _s(say("Draft"), "pencil", "rest"),
        "sent": _s(say("Sent"), "circle-check", "good"),
    },
    "terms": {
        "none": _s(say("Not asked"), "circle", "rest"),
        "accepted": _s(say("Accepted"), "circle-check", "good"),
        "waits": _s(
            say("Needs your yes"),
            "alert-triangle",
            "work",
            acts="partner",
            other_word=say("Not accepted"),
        ),
    },
    "campaign_version": {
        "draft": _s(say("Draft"), "pencil", "rest"),
        "review": _s(say("In review"), "eye", "work"),
        "scheduled": _s(say("Waits for its day"), "clock", "work"),
        "published": _s(say("Published"), "circle-check", "good"),
        "retired": _s(say("Retired"), "archive", "rest"),
        "expired": _s(say("Ended"), "clock", "rest"),
    },
    "partner_copy": {
        "incomplete": _s(say("Needs you"), "alert-triangle", "need"),
        "ready": _s(say("Ready"), "circle-check", "good"),
        "rebased": _s(say("Updated"), "git-branch", "work", detail=say("Updated by {vendor}")),
        "conflict": _s(say("Choose a version"), "alert-triangle", "need"),
    },
    "launch": {
        "draft": _s(say("Draft"), "pencil", "rest"),
        "awaiting_approval": _s(say("Waiting for approval"), "hourglass", "work", acts="vendor"),
        "scheduled": _s(say("Scheduled"), "calendar-due", "work"),
        "expanding": _s(say("Preparing"), "loader-2", "work"),
        "sending": _s(say("Sending"), "send", "work"),
        "paused": _s(say("Paused"), "player-pause", "need"),
        "held_back": _s(say("Stopped by vendor"), "hand-stop", "stop"),
        "finished": _s(say("Finished"), "circle-check", "good"),
        "cancelled": _s(say("Cancelled"), "circle-x", "rest"),
        "failed": _s(say("Stopped"), "ban", "stop"),
    },
    "arranged": {
        "checking": _s(say("Checking"), "loader-2", "work"),
        "listed": _s(say("Checked"), "circle-check", "rest"),
        "asking": _s(
            say("Needs your answer"),
            "message-question",
            "work",
            acts="partner",
            other_word=say("Asked"),
        ),
        "waiting": _s(say("To come"), "calendar-due", "rest"),
        "told": _s(say("Announced"), "mail", "work"),
        "held": _s(
            say("Needs you"), "alert-triangle", "work", acts="partner", other_word=say("Held")
        ),
        "launched": _s(say("Launched"), "send", "good"),
        "skipped": _s(say("Skipped"), "player-skip-forward", "rest"),
        "stopped": _s(say("Taken back"), "hand-stop", "rest"),
        "missed": _s(say("Missed"), "clock-off", "stop"),
    },
    "standing_order": {
        "active": _s(say("Joined"), "circle-check", "good"),
        "paused": _s(say("Paused"), "player-pause", "rest"),
        "left": _s(say("Left"), "user-x", "rest"),
    },
    "partner_run": {
        "draft": _s(say("Not scheduled"), "pencil", "rest"),
        "running": _s(say("Under way"), "send", "work"),
        "held": _s(say("Pilot went wrong"), "alert-triangle", "work", acts="vendor"),
        "stopped": _s(say("Stopped"), "hand-stop", "rest"),
        "finished": _s(say("Finished"), "circle-check", "good"),
    },
    "message": {
        "waiting": _WAITING,
        "ready": _WAITING,
        "leased": _WAITING,
        "sending": _WAITING,
        "sent": _s(say("Sent"), "circle-check", "good"),
        "delivered": _s(say("Delivered"), "mail", "good"),
        "failed": _s(say("Failed"), "ban", "stop"),
        "skipped": _s(say("Skipped"), "player-skip-forward", "rest"),
        "uncertain": _s(say("Uncertain"), "help-circle", "unsure"),
        "cancelled": _s(say("Cancelled"), "circle-x", "rest"),
        "bounced": _s(say("Came back"), "mail-off", "stop"),
        "complained": _s(say("Marked as spam"), "hand-stop", "stop"),
    },
    "contact": {
        "sendable": _s(say("Can be mailed"), "circle-check", "good"),
        "no_consent": _s(say("No consent"), "lock", "rest"),
        "consent_ending": _s(
            say("Consent ends soon"), "clock", "need", detail=say("Consent ends {on}")
        ),
        "unsubscribed": _s(say("Unsubscribed"), "user-x", "rest"),
        "dead": _s(say("Address dead"), "mail-off", "stop"),
        "erased": _s(say("Erased"), "archive", "rest"),
    },
    "import": {
        "reading": _s(say("Reading"), "loader-2", "work"),
        "mapping": _s(say("Check columns"), "alert-triangle", "need"),
        "importing": _s(say("Importing"), "loader-2", "work"),
        "done": _s(say("Imported"), "circle-check", "good"),
        "refused": _s(say("Refused"), "ban", "stop"),
        "undoing": _s(say("Being undone"), "loader-2", "work"),
        "undone": _s(say("Undone"), "arrow-back-up", "rest"),
    },
    "page_host": {
        "pending": _s(say("Waiting for DNS"), "hourglass", "need"),
        "verified": _s(say("Proved"), "shield-check", "good"),
        "failing": _s(say("Check failed"), "alert-triangle", "need"),
        "broken": _s(say("Lapsed"), "ban", "stop"),
    },
    "sender_domain": {
        "none": _s(say("Not set up"), "point", "rest"),
        "pending": _s(say("Waiting for DNS"), "hourglass", "need"),
        "verified": _s(say("Verified"), "shield-check", "good"),
        "warming": _s(say("Warming up"), "clock", "work", detail=say("Warming up, day {day}")),
        "failing": _s(say("Check failed"), "alert-triangle", "need"),
        "broken": _s(say("Broken"), "ban", "stop"),
        "paused": _s(say("Paused"), "player-pause", "need"),
    },
    "lead": {
        "new": _s(say("New"), "inbox", "work"),
        "scored": _s(say("New"), "inbox", "work"),
        "offered": _s(
            say("Answer it"),
            "clock",
            "work",
            detail=say("Answer by {by}"),
            acts="partner",
            other_word=say("Offered"),
        ),
        "accepted": _s(say("Accepted"), "user-check", "good"),
        "declined": _s(say("Declined"), "thumb-down", "rest"),
        "timed_out": _s(say("Not answered"), "clock-off", "stop"),
        "gone": _s(say("Another was faster"), "user-check", "rest"),
        "unassigned": _s(say("Unassigned"), "user-question", "work", acts="vendor"),
        "contacted": _s(say("Contacted"), "message-question", "work"),
        "qualified": _s(say("Qualified"), "target", "good"),
        "opportunity": _s(say("Opportunity"), "trophy", "good"),
        "won": _s(say("Won"), "trophy", "good"),
        "lost": _s(say("Lost"), "circle-x", "rest"),
        "recycled": _s(say("Back in nurture"), "rotate-clockwise", "work"),
    },
    "enrolment": {
        "waiting": _s(say("Next mail waits"), "clock", "work", detail=say("Next mail {on}")),
        "paused": _s(say("Paused"), "player-pause", "rest"),
        "done": _s(say("Finished"), "circle-check", "good"),
        "left": _s(say("Left"), "route", "good", detail=say("Left: {why}")),
        "exhausted": _s(say("Nothing left to send"), "zzz", "rest"),
        "stuck": _s(say("Stuck"), "alert-triangle", "need"),
    },
    "fund_activity": {
        "planned": _s(say("Planned"), "pencil", "rest"),
        "approved": _s(say("Approved"), "circle-check", "good"),
        "executing": _s(say("Under way"), "player-play", "work"),
        "executed": _s(say("Carried out"), "checks", "good"),
        "not_executed": _s(say("Not carried out"), "circle-off", "rest"),
        "expired": _s(say("Expired"), "clock-off", "rest"),
        "refused": _s(say("Not paid"), "ban", "stop"),
        "closed": _s(say("Closed"), "lock", "rest"),
    },
    "fund_request": {
        "draft": _s(say("Draft"), "pencil", "rest"),
        "submitted": _IN_REVIEW,
        "in_review": _IN_REVIEW,
        "info_requested": _ASK_PARTNER,
        "held_no_funds": _s(say("Waiting for funds"), "hourglass", "work"),
        "pre_approved": _s(say("Approved"), "circle-check", "good"),
        "rejected": _s(say("Refused"), "ban", "stop"),
        "appealed": _s(say("Appealed"), "gavel", "work", acts="vendor"),
        "rejected_final": _s(say("Refused"), "ban", "stop"),
        "closed": _s(say("Closed"), "lock", "rest"),
        "withdrawn": _WITHDRAWN,
        "cancelled": _WITHDRAWN,
        "amended": _s(say("Changed"), "git-branch", "work", detail=say("Changed, v{version}")),
        "expired": _s(say("Expired"), "clock-off", "rest"),
    },
    "claim": {
        "draft": _s(say("Not filed"), "pencil", "rest", acts="partner"),
        "submitted": _IN_REVIEW,
        "pop_check": _s(say("Filed"), "upload", "work"),
        "in_review": _IN_REVIEW,
        "info_requested": _s(say("Returned to fix"), "message-question", "work", acts="partner"),
        "approved": _s(say("Approved"), "circle-check", "good"),
        "approved_partial": _s(say("Approved in part"), "circle-check", "good"),
        "rejected": _s(say("Refused"), "ban", "stop"),
        "appealed": _s(say("Appealed"), "gavel", "work", acts="vendor"),
        "payment_pending": _s(say("In payment"), "cash", "work"),
        "paid": _s(say("Paid"), "building-bank", "good"),
        "reversed": _s(say("Taken back"), "credit-card-refund", "stop"),
        "withdrawn": _WITHDRAWN,
        "expired": _s(say("Expired"), "clock-off", "stop"),
    },
    "proof": {
        "to_come": _s(say("To come"), "circle-dashed", "rest"),
        "collected": _s(say("Collected"), "circle-check", "good"),
        "uploaded": _s(say("Uploaded"), "upload", "good"),
        "doubtful": _s(say("Look again"), "alert-triangle", "need"),
        "missing": _s(say("Missing"), "alert-triangle", "work", acts="partner"),
    },
    "payment": {
        "scheduled": _s(say("Scheduled"), "calendar-due", "work"),
        "sent": _s(say("Sent to the bank"), "send", "work"),
        "settled": _s(say("Paid"), "building-bank", "good"),
        "failed": _s(say("Returned by the bank"), "ban", "stop", acts="vendor"),
    },
    "bank_account": {
        "stated": _s(say("Waits for the check"), "hourglass", "work", acts="vendor"),
        "checked": _s(say("Checked"), "circle-check", "good"),
    },
    "batch": {
        "draft": _s(say("Made"), "pencil", "work", acts="vendor"),
        "exported": _s(say("At the bank"), "send", "work"),
        "settled": _s(say("Paid"), "building-bank", "good"),
        "cancelled": _s(say("Cancelled"), "circle-x", "rest"),
    },
    "credit": _given("receipt"),
    "discount": _given("discount"),
    "access": _given("tools"),
    "partner": {
        "invited": _s(say("Invited"), "mail", "work"),
        "active": _s(say("Active"), "circle-check", "good"),
        "suspended": _s(say("Suspended"), "player-pause", "need"),
        "ended": _s(say("Ended"), "user-x", "rest"),
    },
    "fund": {
        "open": _s(say("Open"), "wallet", "good"),
        "ending": _s(say("Ends soon"), "clock", "need", detail=say("Ends in {days} days")),
        "closed": _s(say("Closed"), "lock", "rest"),
    },
    "account": {
        "invited": _s(say("Invited"), "mail", "work"),
        "active": _s(say("Active"), "circle-check", "good"),
        "locked": _s(say("Locked"), "lock", "need", detail=say("Locked until {until}")),
        "left": _s(say("Left"), "user-x", "rest"),
    },
}


def pill_of(machine: str, state: str, *, viewer: str = "", way: str = "", **facts: object) -> Pill:
    """Return what `viewer` (partner, vendor, or an audience) sees of `state`.

    `way` says how a claim is settled (`mdf.ways`): what no bank pays has words of its own where it ends. `facts` fill the longer word («Answer by 14:00»). Raises LookupError for a state that is not
    in the table, because a page must never show a bare code.
    """
    name = state.replace("-", "_")
    try:
        row = STATES.get(way, {}).get(name) or STATES[machine][name]
    except KeyError:
        raise LookupError(f"no word for state {state!r} of {machine!r}") from None
    side = "partner" if viewer in _PARTNER else "vendor" if viewer in _VENDOR else ""
    if side and row.acts and side != row.acts:
        return Pill(row.other_word or row.word, row.icon, row.tone)
    word = row.detail.filled(**facts) if row.detail and facts else row.word
    return Pill(word, row.icon, "need" if row.acts and side == row.acts else row.tone)
