"""Every state a page can show: its word, its icon, its tone, and who has to act (UX 4.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PARTNER: Final = frozenset({"partner", "console", "signed"})
_VENDOR: Final = frozenset({"vendor", "studio", "desk"})


@dataclass(frozen=True, slots=True)
class State:
    """One row of the table. `detail` is the word when its named facts are known."""

    word: str
    icon: str
    tone: str
    detail: str = ""
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


def _s(*row: str, detail: str = "", acts: str = "", other_word: str = "") -> State:
    word, icon, tone = row
    return State(word, icon, tone, detail=detail, acts=acts, other_word=other_word)


_IN_REVIEW = _s("In review", "clock", "work", acts="vendor")
_WAITING = _s("Waiting", "clock", "rest")
_ASK_PARTNER = _s("Needs your answer", "message-question", "work", acts="partner")
_WITHDRAWN = _s("Withdrawn", "arrow-back-up", "rest")

STATES: Final[Mapping[str, Mapping[str, State]]] = {
    "campaign_version": {
        "draft": _s("Draft", "pencil", "rest"),
        "review": _s("In review", "eye", "work"),
        "scheduled": _s("Waits for its day", "clock", "work"),
        "published": _s("Published", "circle-check", "good"),
        "retired": _s("Retired", "archive", "rest"),
        "expired": _s("Ended", "clock", "rest"),
    },
    "partner_copy": {
        "incomplete": _s("Needs you", "alert-triangle", "need"),
        "ready": _s("Ready", "circle-check", "good"),
        "rebased": _s("Updated", "git-branch", "work", detail="Updated by {vendor}"),
        "conflict": _s("Choose a version", "alert-triangle", "need"),
    },
    "launch": {
        "draft": _s("Draft", "pencil", "rest"),
        "awaiting_approval": _s("Waiting for approval", "hourglass", "work", acts="vendor"),
        "scheduled": _s("Scheduled", "calendar-due", "work"),
        "expanding": _s("Preparing", "loader-2", "work"),
        "sending": _s("Sending", "send", "work"),
        "paused": _s("Paused", "player-pause", "need"),
        "held_back": _s("Stopped by vendor", "hand-stop", "stop"),
        "finished": _s("Finished", "circle-check", "good"),
        "cancelled": _s("Cancelled", "circle-x", "rest"),
        "failed": _s("Stopped", "ban", "stop"),
    },
    "arranged": {
        "checking": _s("Checking", "loader-2", "work"),
        "listed": _s("Checked", "circle-check", "rest"),
        "asking": _s(
            "Needs your answer", "message-question", "work", acts="partner", other_word="Asked"
        ),
        "waiting": _s("To come", "calendar-due", "rest"),
        "told": _s("Announced", "mail", "work"),
        "held": _s("Needs you", "alert-triangle", "work", acts="partner", other_word="Held"),
        "launched": _s("Launched", "send", "good"),
        "skipped": _s("Skipped", "player-skip-forward", "rest"),
        "stopped": _s("Taken back", "hand-stop", "rest"),
        "missed": _s("Missed", "clock-off", "stop"),
    },
    "standing_order": {
        "active": _s("Joined", "circle-check", "good"),
        "paused": _s("Paused", "player-pause", "rest"),
        "left": _s("Left", "user-x", "rest"),
    },
    "partner_run": {
        "draft": _s("Not scheduled", "pencil", "rest"),
        "running": _s("Under way", "send", "work"),
        "held": _s("Pilot went wrong", "alert-triangle", "work", acts="vendor"),
        "stopped": _s("Stopped", "hand-stop", "rest"),
        "finished": _s("Finished", "circle-check", "good"),
    },
    "message": {
        "waiting": _WAITING,
        "ready": _WAITING,
        "leased": _WAITING,
        "sending": _WAITING,
        "sent": _s("Sent", "circle-check", "good"),
        "delivered": _s("Delivered", "mail", "good"),
        "failed": _s("Failed", "ban", "stop"),
        "skipped": _s("Skipped", "player-skip-forward", "rest"),
        "uncertain": _s("Uncertain", "help-circle", "unsure"),
        "cancelled": _s("Cancelled", "circle-x", "rest"),
        "bounced": _s("Came back", "mail-off", "stop"),
        "complained": _s("Marked as spam", "hand-stop", "stop"),
    },
    "contact": {
        "sendable": _s("Can be mailed", "circle-check", "good"),
        "no_consent": _s("No consent", "lock", "rest"),
        "consent_ending": _s("Consent ends soon", "clock", "need", detail="Consent ends {on}"),
        "unsubscribed": _s("Unsubscribed", "user-x", "rest"),
        "dead": _s("Address dead", "mail-off", "stop"),
        "erased": _s("Erased", "archive", "rest"),
    },
    "import": {
        "reading": _s("Reading", "loader-2", "work"),
        "mapping": _s("Check columns", "alert-triangle", "need"),
        "importing": _s("Importing", "loader-2", "work"),
        "done": _s("Imported", "circle-check", "good"),
        "refused": _s("Refused", "ban", "stop"),
        "undone": _s("Undone", "arrow-back-up", "rest"),
    },
    "page_host": {
        "pending": _s("Waiting for DNS", "hourglass", "need"),
        "verified": _s("Proved", "shield-check", "good"),
        "failing": _s("Check failed", "alert-triangle", "need"),
        "broken": _s("Lapsed", "ban", "stop"),
    },
    "sender_domain": {
        "none": _s("Not set up", "point", "rest"),
        "pending": _s("Waiting for DNS", "hourglass", "need"),
        "verified": _s("Verified", "shield-check", "good"),
        "warming": _s("Warming up", "clock", "work", detail="Warming up, day {day}"),
        "failing": _s("Check failed", "alert-triangle", "need"),
        "broken": _s("Broken", "ban", "stop"),
        "paused": _s("Paused", "player-pause", "need"),
    },
    "lead": {
        "new": _s("New", "inbox", "work"),
        "scored": _s("New", "inbox", "work"),
        "offered": _s(
            "Answer it",
            "clock",
            "work",
            detail="Answer by {by}",
            acts="partner",
            other_word="Offered",
        ),
        "accepted": _s("Accepted", "user-check", "good"),
        "declined": _s("Declined", "thumb-down", "rest"),
        "timed_out": _s("Not answered", "clock-off", "stop"),
        "gone": _s("Another was faster", "user-check", "rest"),
        "unassigned": _s("Unassigned", "user-question", "work", acts="vendor"),
        "contacted": _s("Contacted", "message-question", "work"),
        "qualified": _s("Qualified", "target", "good"),
        "opportunity": _s("Opportunity", "trophy", "good"),
        "won": _s("Won", "trophy", "good"),
        "lost": _s("Lost", "circle-x", "rest"),
        "recycled": _s("Back in nurture", "rotate-clockwise", "work"),
    },
    "enrolment": {
        "waiting": _s("Next mail waits", "clock", "work", detail="Next mail {on}"),
        "paused": _s("Paused", "player-pause", "rest"),
        "done": _s("Finished", "circle-check", "good"),
        "left": _s("Left", "route", "good", detail="Left: {why}"),
        "exhausted": _s("Nothing left to send", "zzz", "rest"),
        "stuck": _s("Stuck", "alert-triangle", "need"),
    },
    "fund_activity": {
        "planned": _s("Planned", "pencil", "rest"),
        "approved": _s("Approved", "circle-check", "good"),
        "refused": _s("Not paid", "ban", "stop"),
        "closed": _s("Closed", "lock", "rest"),
    },
    "fund_request": {
        "draft": _s("Draft", "pencil", "rest"),
        "submitted": _IN_REVIEW,
        "in_review": _IN_REVIEW,
        "info_requested": _ASK_PARTNER,
        "held_no_funds": _s("Waiting for funds", "hourglass", "work"),
        "pre_approved": _s("Approved", "circle-check", "good"),
        "rejected": _s("Refused", "ban", "stop"),
        "appealed": _s("Appealed", "gavel", "work", acts="vendor"),
        "rejected_final": _s("Refused", "ban", "stop"),
        "closed": _s("Closed", "lock", "rest"),
        "withdrawn": _WITHDRAWN,
        "cancelled": _WITHDRAWN,
        "amended": _s("Changed", "git-branch", "work", detail="Changed, v{version}"),
        "expired": _s("Expired", "clock-off", "rest"),
    },
    "claim": {
        "draft": _s("Not filed", "pencil", "rest", acts="partner"),
        "submitted": _IN_REVIEW,
        "pop_check": _s("Filed", "upload", "work"),
        "in_review": _IN_REVIEW,
        "info_requested": _s("Returned to fix", "message-question", "work", acts="partner"),
        "approved": _s("Approved", "circle-check", "good"),
        "approved_partial": _s("Approved in part", "circle-check", "good"),
        "rejected": _s("Refused", "ban", "stop"),
        "appealed": _s("Appealed", "gavel", "work", acts="vendor"),
        "payment_pending": _s("In payment", "cash", "work"),
        "paid": _s("Paid", "building-bank", "good"),
        "reversed": _s("Taken back", "credit-card-refund", "stop"),
        "expired": _s("Expired", "clock-off", "stop"),
    },
    "proof": {
        "to_come": _s("To come", "circle-dashed", "rest"),
        "collected": _s("Collected", "circle-check", "good"),
        "uploaded": _s("Uploaded", "upload", "good"),
        "doubtful": _s("Look again", "alert-triangle", "need"),
        "missing": _s("Missing", "alert-triangle", "work", acts="partner"),
    },
    "payment": {
        "scheduled": _s("Scheduled", "calendar-due", "work"),
        "sent": _s("Sent to the bank", "send", "work"),
        "settled": _s("Paid", "building-bank", "good"),
        "failed": _s("Returned by the bank", "ban", "stop", acts="vendor"),
    },
    "bank_account": {
        "stated": _s("Waits for the check", "hourglass", "work", acts="vendor"),
        "checked": _s("Checked", "circle-check", "good"),
    },
    "batch": {
        "draft": _s("Made", "pencil", "work", acts="vendor"),
        "exported": _s("At the bank", "send", "work"),
        "settled": _s("Paid", "building-bank", "good"),
        "cancelled": _s("Cancelled", "circle-x", "rest"),
    },
    "partner": {
        "invited": _s("Invited", "mail", "work"),
        "active": _s("Active", "circle-check", "good"),
        "suspended": _s("Suspended", "player-pause", "need"),
        "ended": _s("Ended", "user-x", "rest"),
    },
    "fund": {
        "open": _s("Open", "wallet", "good"),
        "ending": _s("Ends soon", "clock", "need", detail="Ends in {days} days"),
        "closed": _s("Closed", "lock", "rest"),
    },
    "account": {
        "invited": _s("Invited", "mail", "work"),
        "active": _s("Active", "circle-check", "good"),
        "locked": _s("Locked", "lock", "need", detail="Locked until {until}"),
        "left": _s("Left", "user-x", "rest"),
    },
}


def pill_of(machine: str, state: str, *, viewer: str = "", **facts: object) -> Pill:
    """Return what `viewer` (partner, vendor, or an audience) sees of `state`.

    `facts` fill the longer word («Answer by 14:00»). Raises LookupError for a state that is not
    in the table, because a page must never show a bare code.
    """
    try:
        row = STATES[machine][state.replace("-", "_")]
    except KeyError:
        raise LookupError(f"no word for state {state!r} of {machine!r}") from None
    side = "partner" if viewer in _PARTNER else "vendor" if viewer in _VENDOR else ""
    if side and row.acts and side != row.acts:
        return Pill(row.other_word or row.word, row.icon, row.tone)
    word = row.detail.format_map(facts) if row.detail and facts else row.word
    return Pill(word, row.icon, "need" if row.acts and side == row.acts else row.tone)
