"""Why a request or claim is refused, cut or returned (DOMAIN 1.9): the codes, their words, what is curable."""

from enum import StrEnum

from tcma.words import joined, opening, say


class Reason(StrEnum):
    """One vocabulary for people at the desk and for programmes."""

    NO_PREAPPROVAL = "NO_PREAPPROVAL"
    LATE_CLAIM = "LATE_CLAIM"
    LATE_REQUEST = "LATE_REQUEST"
    EARLY_CLAIM = "EARLY_CLAIM"
    CHANGED_ACTIVITY = "CHANGED_ACTIVITY"
    POP_MISSING = "POP_MISSING"
    POP_WRONG_FORMAT = "POP_WRONG_FORMAT"
    COST_PROOF_MISSING = "COST_PROOF_MISSING"
    INVOICE_PARTY_MISMATCH = "INVOICE_PARTY_MISMATCH"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    EXPENSE_KIND_MISMATCH = "EXPENSE_KIND_MISMATCH"
    BRAND_RULE = "BRAND_RULE"
    INELIGIBLE = "INELIGIBLE_ACTIVITY"
    INELIGIBLE_EXPENSE = "INELIGIBLE_EXPENSE"
    OVER_CAP = "OVER_CAP"
    UNDER_MINIMUM = "UNDER_MINIMUM"
    OVER_BUDGET = "OVER_BUDGET"
    DUPLICATE = "DUPLICATE"
    LEAD_LIST_MISSING = "LEAD_LIST_MISSING"
    RESULTS_MISSING = "RESULTS_MISSING"
    PLAN_INCOMPLETE = "PLAN_INCOMPLETE"
    NAMING_RULE = "NAMING_RULE"
    TAX_OR_BANK_PROFILE = "TAX_OR_BANK_PROFILE"
    PARTNER_NOT_ELIGIBLE = "PARTNER_NOT_ELIGIBLE"
    ACCOUNT_OVERDUE = "ACCOUNT_OVERDUE"
    FUND_EXPIRED = "FUND_EXPIRED"


REASON_WORDS: dict[Reason, str] = {
    Reason.NO_PREAPPROVAL: say("the cost is older than the approval"),
    Reason.LATE_CLAIM: say("the last day to claim has passed"),
    Reason.LATE_REQUEST: say("the plan came too late"),
    Reason.EARLY_CLAIM: say("the activity is not over yet"),
    Reason.CHANGED_ACTIVITY: say("the activity was not the one in the plan"),
    Reason.POP_MISSING: say("a proof is missing"),
    Reason.POP_WRONG_FORMAT: say("a proof cannot be read"),
    Reason.COST_PROOF_MISSING: say("the invoice is missing"),
    Reason.INVOICE_PARTY_MISMATCH: say("the invoice is made out to another company"),
    Reason.AMOUNT_MISMATCH: say("the amount differs from the invoice"),
    Reason.EXPENSE_KIND_MISMATCH: say("the invoice is for something else"),
    Reason.BRAND_RULE: say("a brand rule was missed"),
    Reason.INELIGIBLE: say("this activity is not paid for"),
    Reason.INELIGIBLE_EXPENSE: say("this cost is not paid for"),
    Reason.OVER_CAP: say("it is above what one plan may ask for"),
    Reason.UNDER_MINIMUM: say("it is below the smallest sum that is paid"),
    Reason.OVER_BUDGET: say("it is above what is left of the plan"),
    Reason.DUPLICATE: say("the invoice is already in another claim"),
    Reason.LEAD_LIST_MISSING: say("the list of leads is missing"),
    Reason.RESULTS_MISSING: say("the results are missing"),
    Reason.PLAN_INCOMPLETE: say("the plan leaves something open"),
    Reason.NAMING_RULE: say("the name does not follow the rule"),
    Reason.TAX_OR_BANK_PROFILE: say("tax or bank details are missing"),
    Reason.PARTNER_NOT_ELIGIBLE: say("the partner cannot use this fund now"),
    Reason.ACCOUNT_OVERDUE: say("the partner has overdue bills"),
    Reason.FUND_EXPIRED: say("the fund has ended"),
}
CURABLE = frozenset(Reason) - {
    Reason.NO_PREAPPROVAL,
    Reason.LATE_CLAIM,
    Reason.LATE_REQUEST,
    Reason.PARTNER_NOT_ELIGIBLE,
    Reason.FUND_EXPIRED,
}
"""Reasons a partner can repair: a claim may be returned for them."""


def reason_words(reason: Reason, *, by_bank: bool = True) -> str:
    """Return a reason in words; of what no bank carries it speaks of none."""
    if reason is Reason.TAX_OR_BANK_PROFILE and not by_bank:
        return say("tax details are missing")
    return REASON_WORDS[reason]


def why(reason: Reason, words: str, *, by_bank: bool = True) -> str:
    """Return a reason as a sentence, and what somebody wrote behind it."""
    said = reason_words(reason, by_bank=by_bank)
    return joined(say("{why}.", why=opening(said)), words.strip())
