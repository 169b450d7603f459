"""The letters about a partner's host name: proved, failing, lapsed."""

from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.notices import house_of, queue_letters


def page_host(  # noqa: PLR0913 - the words of the letter
    work: Work, state: str, *, to: str, name: str, host: str, url: str
) -> None:
    """Tell whoever keeps a partner's brand that pages begin or cease to be answered under a name."""
    house, foot = house_of(work, None)
    values = {"vendor": house, "person": name, "host": host}
    letter = write_letter(f"host_{state}", values, house=house, url=url, foot=foot)
    queue_letters(work, [(to, letter)], vendor_id=None)
