"""Who may do what, from which state into which, and up to which day: DOMAIN 1.4, 1.5 and ENGINE f2 as tables."""

from datetime import date, timedelta

ASKS = frozenset({"alice", "bob"})
"""Owner and marketer of the partner; Sam sells only, Charlie owns another partner."""
MANAGERS, FINANCE, ADMIN = {"mira", "nora"}, {"finn", "cora", "femi"}, {"ada"}
DECIDES = frozenset(MANAGERS | FINANCE | ADMIN)
PAYS = frozenset(FINANCE)
ANYBODY = (*sorted(ASKS), "sam", "charlie", *sorted(DECIDES), "vera", "stranger")
"""Vera writes campaigns for the vendor, the stranger is finance of another one."""
NOBODY = frozenset({"system"})
"""What time decides; and the stranger may in its own house what changes nothing in this one."""

WHO = {
    ASKS: "draft revise submit appeal withdraw amend unamend more_time begin invoice uninvoice"
    " ask_less file appeal_claim discard take_up dispute drop pay_own take_out_own",
    DECIDES: "approve decide hold give_back refuse amend_yes amend_no more_yes more_no grant"
    " give_claim_back refuse_claim take_back claw_back turn_down uphold add allocate accrue undo"
    " change confirm let_be revalue away home",
    PAYS: "pay export settle fail cancel reply repay stop",
    ASKS | DECIDES: "close",
    PAYS | {"stranger"}: "quote minimum let_go",
    NOBODY: "wait release",
}
WHO = {verb: who for who, verbs in WHO.items() for verb in verbs.split()}

WAITS, HANDED_IN = {"submitted", "appealed"}, {"submitted", "info"}
DECIDED = {"approved", "pending", "paid", "reversed"}
GRAPH = {
    "revise": ({"draft", "info"}, None),
    "submit": ({"draft", "info"}, "submitted"),
    "appeal": ({"rejected"}, "appealed"),
    "withdraw": ({"draft", "info", "held", *WAITS}, "withdrawn"),
    "approve": (WAITS, None),
    "decide": (WAITS, None),
    "hold": (WAITS, None),
    "give_back": ({"submitted"}, "info"),
    "refuse": ({"held", *WAITS}, "rejected"),
    "close": ({"approved"}, "closed"),
    "invoice": ({"draft", "info"}, None),
    "uninvoice": ({"draft", "info"}, None),
    "ask_less": ({"draft", "info"}, None),
    **dict.fromkeys(("pay_own", "take_out_own"), ({"draft", "info"}, None)),
    "file": ({"draft", "info"}, "submitted"),
    "appeal_claim": ({"rejected"}, "appealed"),
    "discard": ({"draft", *HANDED_IN}, "withdrawn"),
    "take_up": ({"withdrawn"}, "draft"),
    "grant": (WAITS, None),
    "give_claim_back": ({"submitted"}, "info"),
    "refuse_claim": ({"info", *WAITS}, "rejected"),
    "take_back": ({"approved"}, "rejected"),
    "claw_back": ({"paid"}, "reversed"),
    "dispute": (DECIDED, None),
}
"""Before, after; with None the verb says itself where it leads, or the state stays."""
AGAIN = {"submit", "appeal", "withdraw", "file", "appeal_claim", "discard", "take_up"}
"""Pressed twice, these answer the same."""

IN_PRODUCT = {
    "info": "info_requested", "held": "held_no_funds", "pending": "payment_pending",
}  # fmt: skip
PRE_APPROVED = "pre_approved"

TO_CLAIM, TO_FIX, TO_APPEAL, AT_MOST = 45, 14, timedelta(30), 30
"""Days after an activity, after a return; after a decision; beyond the last day to claim."""
RATE_HOLDS, CLAIMS_OF_A_LINE = 5, 2
AT_ONCE, LARGE_PLAN, LARGE_CLAIM = 50, 600, 500
"""Minor units: up to which a plan passes by itself, above which plan and claim take a second yes."""
PLAN_LEVELS = ((LARGE_PLAN, MANAGERS | ADMIN), (None, FINANCE))
CLAIM_LEVELS = ((LARGE_CLAIM, DECIDES), (None, FINANCE | ADMIN))
MATCHED_SHARE, PER_PARTNER = 40, 2_300
"""Percent of a matched fund that the vendor pays; what each partner has of a fixed one."""
CARRIERS = frozenset(FINANCE)
TWO_PEOPLE = {"return", "reduce", "end", "carry", "days"}
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
"""Days of the fund."""


def level(levels, amount, said):
    """Return who says the next yes to `amount`, after those who `said` one, and whether it is the last."""
    number = next(n for n, (most, _) in enumerate(levels, 1) if most is None or amount <= most)
    return levels[min(len(said), number - 1)][1], len(said) + 1 >= number
