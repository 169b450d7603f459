"""The letters about a change of a fund, to whoever may confirm it and back, and about more time."""

from datetime import date
from uuid import UUID

from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.notices import day, house_of, queue_letters


def fund_change_waits(  # noqa: PLR0913 - the words of the letter
    work: Work,
    *,
    vendor_id: UUID,
    to: str,
    name: str,
    fund: str,
    change: str,
    reason: str,
    asked_by: str,
    url: str,
) -> None:
    """Ask a colleague to confirm what somebody asked of a fund; `change` is it in one sentence."""
    values = {"fund": fund, "change": change, "reason": reason, "asked_by": asked_by}
    _send(work, "fund_change_waits", values, vendor_id=vendor_id, to=(to, name), url=url)


def fund_change_answered(  # noqa: PLR0913 - the words of the letter
    work: Work,
    *,
    vendor_id: UUID,
    to: str,
    name: str,
    fund: str,
    change: str,
    outcome: str,
    decided_by: str,
    url: str,
) -> None:
    """Tell whoever asked that a colleague confirmed it or let it be."""
    values = {"fund": fund, "change": change, "outcome": outcome, "decided_by": decided_by}
    _send(work, "fund_change_answered", values, vendor_id=vendor_id, to=(to, name), url=url)


def more_time_asked(  # noqa: PLR0913 - the words of the letter
    work: Work,
    *,
    vendor_id: UUID,
    to: str,
    name: str,
    partner: str,
    reference: str,
    title: str,
    days: tuple[date, date, date],
    words: str,
    url: str,
) -> None:
    """Tell whoever may give it that a partner asks for more time to claim.

    `days` are the last day as it is, the one asked for, and the one to answer by.
    """
    last, wanted, answer_by = (day(each) for each in days)
    values = {"partner": partner, "reference": reference, "title": title, "last": last,
              "wanted": wanted, "answer_by": answer_by, "words": words}  # fmt: skip
    _send(work, "more_time_asked", values, vendor_id=vendor_id, to=(to, name), url=url)


def _send(  # noqa: PLR0913 - a letter, a person, a side
    work: Work,
    template: str,
    values: dict[str, str],
    *,
    vendor_id: UUID,
    to: tuple[str, str],
    url: str,
) -> None:
    house, foot = house_of(work, vendor_id)
    known = {"vendor": house, "person": to[1]} | values
    letter = write_letter(template, known, house=house, url=url, foot=foot)
    queue_letters(work, [(to[0], letter)], vendor_id=vendor_id)
