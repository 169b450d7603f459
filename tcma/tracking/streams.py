"""The opens and clicks of some messages judged together: what came just before and after one tells
what it was. Pure, so that a verdict can be reached again later from the stored events.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tcma.tracking.rules import AgentVerdict, EventFacts, Signal, Verdict, judge, judge_agent

TOGETHER = timedelta(seconds=2)
NEAR = timedelta(seconds=10)
LEAST_IN_ORDER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RawHit:
    """One open or click as it is stored. `network` is «range:mark» of where it came from (see
    `networks`), `domain` that of the recipient. `unseen`: of the link that no person sees, then
    it is no click. `known` are signs seen when it was judged before, that stay.
    """

    message_id: int
    click: bool
    slot: int
    at: datetime
    method: str
    user_agent: str
    network: str = ""
    domain: str = ""
    unseen: bool = False
    known: frozenset[Signal] = frozenset()


def judge_stream(
    hits: Sequence[RawHit],
    *,
    sent_at: Mapping[int, datetime | None],
    links: Mapping[int, int],
    opened: Collection[int] = (),
) -> list[Verdict]:
    """Return the verdict of each hit, in the order given, which is that of time.

    `sent_at` and `links` (how many links a mail has) are by message; `opened` are messages that were
    opened before all these. All hits around the ones asked about must be there, those of other
    messages from the same networks, too.
    """
    clicks = _Clicks(hits)
    seen = set(opened)
    verdicts = []
    for hit in hits:
        sent = sent_at.get(hit.message_id)
        facts = EventFacts(
            click=hit.click or hit.unseen,
            user_agent=hit.user_agent,
            method=hit.method,
            seconds_since_sent=(hit.at - sent).total_seconds() if sent else None,
            links_within_2s=clicks.links_beside(hit),
            all_links_in_order=clicks.all_in_order(hit, links.get(hit.message_id, 0)),
            opened_before=hit.message_id in seen,
            honeypot=clicks.beside_unseen(hit),
            recipients_in_burst=clicks.recipients_beside(hit),
            network=hit.network.partition(":")[0],
        )
        verdicts.append(judge(facts, known=hit.known))
        if not (hit.click or hit.unseen):
            seen.add(hit.message_id)
    return verdicts


class _Clicks:
    """The clicks among some hits, by message and by network, and who went where no person goes."""

    def __init__(self, hits: Sequence[RawHit]) -> None:
        self._of: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        self._from: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)
        self._unseen: dict[tuple[int, str], list[tuple[datetime, int]]] = defaultdict(list)
        for hit in hits:
            if hit.unseen:
                self._unseen[hit.message_id, hit.network].append((hit.at, hit.slot))
            if hit.click:
                self._of[hit.message_id].append((hit.at, hit.slot))
                if _tells(hit):
                    self._from[hit.network, hit.domain].append((hit.at, hit.message_id))

    def beside_unseen(self, hit: RawHit) -> bool:
        """Whether the link that no person sees was followed within ten seconds, from the same network."""
        return bool(_within(self._unseen.get((hit.message_id, hit.network), ()), hit.at, NEAR))

    def links_beside(self, hit: RawHit) -> int:
        """How many different links of the mail were hit within two seconds, the hit itself included."""
        if not hit.click:
            return 1
        return len(_within(self._of[hit.message_id], hit.at, TOGETHER))

    def all_in_order(self, hit: RawHit, links: int) -> bool:
        """Whether a click is one of a run through all links of its mail, in their order."""
        if not hit.click or links < LEAST_IN_ORDER:
            return False
        near = [each for each in self._of[hit.message_id] if abs(each[0] - hit.at) < NEAR]
        slots = [slot for _, slot in near]
        return any(
            slots[start : start + links] == sorted(set(slots)) == slots[start : start + links]
            and len(set(slots)) == links
            for start in range(len(slots) - links + 1)
        )

    def recipients_beside(self, hit: RawHit) -> int:
        """How many recipients of one domain clicked from one network within ten seconds."""
        if not hit.click or not _tells(hit):
            return 1
        return len(_within(self._from[hit.network, hit.domain], hit.at, NEAR))


def _within(times: Sequence[tuple[datetime, int]], at: datetime, span: timedelta) -> set[int]:
    """Return whose numbers stand around a moment; `times` are in order."""
    first = bisect_right(times, at - span, key=lambda each: each[0])
    last = bisect_left(times, at + span, key=lambda each: each[0])
    return {number for _, number in times[first:last]}


def _tells(hit: RawHit) -> bool:
    """A proxy clicks for many people: from where it does says nothing."""
    return bool(hit.network and hit.domain) and (
        judge_agent(hit.user_agent) is not AgentVerdict.UNKNOWN
    )
