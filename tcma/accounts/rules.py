"""Password, lock-out, session and invitation rules."""

from datetime import datetime, timedelta
from enum import StrEnum

from tcma.errors import Invalid
from tcma.words import say


class AccountState(StrEnum):
    """What a person's account is."""

    INVITED = "invited"
    ACTIVE = "active"
    LEFT = "left"


class MembershipState(StrEnum):
    """What a person is on one side."""

    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"


SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
TRIES_BEFORE_LOCK = 5
LOCK_FOR = timedelta(minutes=15)
SESSION_LASTS = timedelta(days=14)
SESSION_IDLE = timedelta(days=3)
INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=1)


def check_password(password: str, *, email: str, name: str) -> None:
    """Raise Invalid unless the password is long enough and not the person's own name.

    Length over composition rules: NIST SP 800-63B section 3.1.1.2.
    """
    reason = None
    if len(password) < SHORTEST_PASSWORD:
        reason = say(
            "Use at least {n} characters. A short sentence works well.", n=SHORTEST_PASSWORD
        )
    elif len(password) > LONGEST_PASSWORD:
        reason = say("Use at most {n} characters.", n=LONGEST_PASSWORD)
    elif password.casefold() in _own_words(email, name):
        reason = say("Do not use your name or address as the password.")
    elif len(set(password)) < 4:
        reason = say("Use more than three different characters.")
    if reason:
        raise Invalid(reason, code="password.weak", fields={"password": reason})


def _own_words(email: str, name: str) -> set[str]:
    local = email.split("@", maxsplit=1)[0]
    return {email.casefold(), name.casefold(), local.casefold()}


def normal_email(text: str) -> str:
    """Return what two spellings of a sign-in address share: trimmed, lower case."""
    return text.strip().casefold()


def lock_after_failure(failed_n: int, now: datetime) -> datetime | None:
    """Return until when the account is locked after its `failed_n`-th failure in a row."""
    return now + LOCK_FOR if failed_n % TRIES_BEFORE_LOCK == 0 else None
