"""What a launch may choose beyond to whom, when and from whom."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tcma.launches.hours import Hours
from tcma.launches.models import Launch


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialChoice:
    """Two variants of the first mail, tested on `share` of a hundred people for `hours`: B is the
    author's mail `variant`, or the same mail with another `subject`, or the same from another sender:
    `from_name` in place of the sender's own name, or another `sender_id`.
    """

    variant: str = ""
    subject: str = ""
    share: int = 30
    hours: int = 24
    sender_id: UUID | None = None
    from_name: str = ""

    @property
    def is_of_sender(self) -> bool:
        """Whether the sender is what B varies."""
        return bool(self.sender_id or self.from_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How the mails are spread: at one moment or by the recipient's clock, within which hours; and
    how many of a hundred get nothing, to measure what the mails do; and what is tested.
    """

    local_time: bool = False
    hours: Hours = Hours.ANY
    hold_out: int = 0
    trial: TrialChoice | None = None

    @classmethod
    def of(cls, launch: Any, trial: TrialChoice | None) -> "Choices":
        """Return what a launch's row says, and what it tests."""
        return cls(
            local_time=launch.local_time, hours=Hours(launch.hours), hold_out=launch.hold_out,
            trial=trial,
        )  # fmt: skip

    def columns(self) -> dict[str, Any]:
        """Return the columns of a launch's row."""
        return {"local_time": self.local_time, "hours": self.hours, "hold_out": self.hold_out}

    def put_on(self, launch: Launch) -> None:
        """Write the choices into a launch's row."""
        for name, value in self.columns().items():
            setattr(launch, name, value)


NONE = Choices()
