"""The letter about a webhook that is not reached any more."""

from uuid import UUID

from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.notices import house_of, queue_letters


def webhook_given_up(  # noqa: PLR0913 - the words of the letter
    work: Work,
    *,
    vendor_id: UUID | None,
    to: str,
    name: str,
    webhook: str,
    tries: int,
    said: str,
    url: str,
) -> None:
    """Tell a channel manager, or a partner's owner (no `vendor_id`), that another program is not told any more, and what it said last."""
    house, foot = house_of(work, vendor_id)
    values = {
        "vendor": house,
        "person": name,
        "webhook": webhook,
        "tries": str(tries),
        "said": said,
    }
    letter = write_letter("webhook_given_up", values, house=house, url=url, foot=foot)
    queue_letters(work, [(to, letter)], vendor_id=vendor_id)
