"""The letter about a webhook that is not reached any more."""

from uuid import UUID

from tcma.db.work import Work
from tcma.delivery.notices import Reader, tell


def webhook_given_up(  # noqa: PLR0913 - the words of the letter
    work: Work,
    reader: Reader,
    *,
    vendor_id: UUID | None,
    webhook: str,
    tries: int,
    said: str,
    url: str,
) -> None:
    """Tell a channel manager, or a partner's owner (no `vendor_id`), that another program is not told any more, and what it said last."""
    values = {"webhook": webhook, "tries": str(tries), "said": said}
    tell(work, "webhook_given_up", values, reader, url=url, vendor_id=vendor_id)
