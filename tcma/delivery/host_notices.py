"""The letters about a partner's host name: proved, failing, lapsed."""

from tcma.db.work import Work
from tcma.delivery.notices import Reader, tell


def page_host(work: Work, reader: Reader, state: str, *, host: str, url: str) -> None:
    """Tell whoever keeps a partner's brand that pages begin or cease to be answered under a name."""
    tell(work, f"host_{state}", {"host": host}, reader, url=url)
