"""Named constraints and the sentence each one means: the invariant chooses the message."""

from sqlalchemy.exc import IntegrityError

from tcma.errors import Conflict, Invalid, TcmaError

REFUSALS: dict[str, tuple[type[TcmaError], str]] = {
    "claim_four_eyes": (Conflict, "Whoever filed or checked this claim cannot approve it."),
    "fund_request_four_eyes": (Conflict, "Whoever asked for the money cannot approve it."),
    "bank_account_four_eyes": (Conflict, "Whoever wrote an account cannot check it."),
    "payment_four_eyes": (Conflict, "Whoever approved the claim cannot pay it."),
    "ledger_account_never_negative": (Conflict, "There is not enough money in this account."),
    "ledger_transfer_replay": (Conflict, "This booking was made before with another content."),
    "ledger_transfer_once": (Conflict, "This has been booked already."),
    "ledger_transfer_one_currency": (Invalid, "Accounts and transfer differ in currency."),
    "lead_offer_one_open": (Conflict, "This lead is already offered to somebody."),
    "lead_same_person": (Conflict, "There is an open lead of this person."),
    "mailing_equation": (Conflict, "The sum of this mailing does not close yet."),
    "message_machine": (Conflict, "A settled message does not move."),
    "user_account_email_key": (Conflict, "There is already an account with this address."),
    "launch_idempotency_key": (Conflict, "This launch exists already."),
}


def as_refusal(error: IntegrityError) -> TcmaError:
    """Return the domain error of the constraint that refused."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
    kind, message = REFUSALS.get(
        name, (Conflict, "This contradicts what is already stored. Reload and try again.")
    )
    return kind(message, code=f"constraint.{name or 'unknown'}")
