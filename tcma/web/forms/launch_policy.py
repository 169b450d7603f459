"""The form of what a vendor asks of its partners' launches."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tcma.delivery.counting import MOST_DAYS, MOST_MAILS, Often
from tcma.errors import Invalid
from tcma.launches.approval_rules import Approver, Policy
from tcma.web.forms.base import Form, offer

MOST_PEOPLE = 10_000_000
APPROVERS = [
    (Approver.VENDOR.value, "Your channel managers", "Whoever may approve launches here gets a mail."),
    (Approver.PARTNER.value, "The partner’s owner", "An owner who launches needs nobody’s yes."),
]  # fmt: skip
BOTH = "Write both numbers, or neither."


class LaunchPolicyForm(Form):
    """When a yes is needed and whose, and how often one person is mailed; empty is no limit."""

    asks_first = BooleanField("The first launch of a partner")
    asks_edited = BooleanField("Texts that the partner has changed")
    asks_above = IntegerField(
        "More people than",
        [Optional(), NumberRange(0, MOST_PEOPLE, "Write a number of people, or leave it empty.")],
    )
    approver = RadioField("Who says yes", [InputRequired("Choose one.")])
    seeds = TextAreaField("Seed addresses", [Optional(), Length(max=5_000)])
    mails = IntegerField(
        "Mails", [Optional(), NumberRange(1, MOST_MAILS, f"Write 1 to {MOST_MAILS}.")]
    )
    shared = BooleanField("Take part in the platform’s limit")
    days = IntegerField("Days", [Optional(), NumberRange(1, MOST_DAYS, f"Write 1 to {MOST_DAYS}.")])

    def __init__(self, *given: Any, **facts: Any) -> None:
        super().__init__(*given, **facts)
        offer(self.approver, APPROVERS)

    @classmethod
    def showing(
        cls, policy: Policy, often: Often | None, seeds: Sequence[str]
    ) -> "LaunchPolicyForm":
        """Return the form as things stand."""
        facts = {name: getattr(policy, name) for name in Policy.__slots__}
        facts |= {"approver": policy.approver.value, "seeds": "\n".join(seeds)}
        return cls(
            None, data=facts | {"mails": often and often.mails, "days": often and often.days}
        )

    @property
    def policy(self) -> Policy:
        """Return what was chosen of approvals."""
        return Policy(
            asks_first=bool(self.asks_first.data),
            asks_above=self.asks_above.data,
            asks_edited=bool(self.asks_edited.data),
            approver=Approver(self.approver.data),
        )

    @property
    def often(self) -> Often | None:
        """Return the limit for one person; Invalid when only half of it was written."""
        mails, days = self.mails.data, self.days.data
        if (mails is None) != (days is None):
            missing = "mails" if mails is None else "days"
            raise Invalid(BOTH, code="frequency.numbers", fields={missing: BOTH})
        return Often(mails, days) if mails is not None else None
