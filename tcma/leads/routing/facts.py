"""What a routing decision looks at: a territory, a partner as it stands, a lead's request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from tcma.leads.routing.performance import Record


@dataclass(frozen=True, slots=True)
class Area:
    """A vendor's territory: a country, or the postcodes in it that begin with one of `postcodes`."""

    code: str
    name: str
    country: str
    postcodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A partner that might get the lead; `barred` says in words why it cannot, else empty.

    `certified` are its page's certifications of that day and `lapsed` those that had ended, each with
    its last day as text, empty without one. `record` is known where a rule weighs by performance, `rests` says that it is barred only for some days.
    """

    partner_id: UUID
    name: str
    areas: frozenset[str]
    weight: int
    credits: Mapping[str, int] = field(default_factory=dict)
    barred: str = ""
    slug: str = ""
    tier: str = ""
    kind: str = ""
    language: str = ""
    open_leads: int = 0
    today: int = 0
    lately: int = 0
    certified: Mapping[str, str] = field(default_factory=dict)
    lapsed: Mapping[str, str] = field(default_factory=dict)
    record: Record | None = None
    rests: bool = False

    @cached_property
    def told(self) -> dict[str, Any]:
        """How it stands, as JSON, without its credits; what is as with everybody is left out.

        Of a batch's leads each moves one partner on: the others tell the same again.
        """
        stands = {
            "id": str(self.partner_id),
            "slug": self.slug,
            "areas": sorted(self.areas),
            "barred": self.barred,
            "tier": self.tier,
            "kind": self.kind,
            "language": self.language,
            "open_leads": self.open_leads,
            "today": self.today,
            "lately": self.lately,
            "certified": dict(self.certified),
            "lapsed": dict(self.lapsed),
            "record": self.record.told if self.record else None,
        }
        told = {key: value for key, value in stands.items() if value}
        return told if self.weight == 1 else told | {"weight": self.weight}


@dataclass(frozen=True, slots=True)
class Request:
    """What of a lead decides its way. `company` is the domain of its address, if it is its own;
    `passed` are the rules that asked several at once for it, and nobody took it; `chance` is that of
    the trained score, of a hundred, None while there is none.
    """

    country: str
    postcode: str
    source_partner_id: UUID | None
    company: str = ""
    account_partner_id: UUID | None = None
    campaign: str = ""
    score: int = 0
    chance: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    passed: tuple[str, ...] = ()
