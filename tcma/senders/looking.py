"""One look at a domain's records: every name asked at once, through whatever answers for DNS."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tcma.ports import Names
from tcma.senders.records import Kind, Record, Seen

AT_ONCE = 6


def look(names: Names, records: Sequence[Record], *, domain: str) -> Mapping[str, Seen]:
    """Return what stands under the name of each record; takes as long as the slowest answer."""
    if not records:
        return {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="dns") as pool:
        seen = pool.map(lambda record: _seen(names, record, domain), records)
        return dict(zip((record.name for record in records), seen, strict=True))


def _seen(names: Names, record: Record, domain: str) -> Seen:
    if record.kind is Kind.DMARC:
        return _policy(names, domain)
    answer = names.ask(record.name, record.type)
    if answer.values or answer.silent or record.name == domain:
        return Seen(answer.values, silent=answer.silent)
    return Seen(doubled=names.ask(f"{record.name}.{domain}", record.type).values)


def _policy(names: Names, domain: str) -> Seen:
    """The policy of the domain, else of the nearest one above that has any (RFC 7489, 6.6.3)."""
    for above in _upwards(domain):
        answer = names.ask(f"_dmarc.{above}", "TXT")
        stands = [value for value in answer.values if value.lower().startswith("v=dmarc1")]
        if stands or answer.silent:
            return Seen(stands, silent=answer.silent)
    return Seen()


def _upwards(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    for at in range(len(labels) - 1):
        yield ".".join(labels[at:])
