"""What a routing decision looks at: a territory, a partner as it stands, a lead's request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Area:
    """A vendor's territory: a country, or the postcodes in it that begin with one of `postcodes`."""

    code: str
    name: str
    country: str
    postcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A partner that might get the lead; `barred` says in words why it cannot, else empty."""

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


@dataclass(frozen=True, slots=True)
class Request:
    """What of a lead decides its way. `company` is the domain of its address, if it is its own;
    `passed` are the rules that asked several at once for it, and nobody took it.
    """

    country: str
    postcode: str
    source_partner_id: UUID | None
    company: str = ""
    account_partner_id: UUID | None = None
    campaign: str = ""
    score: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)
    passed: tuple[str, ...] = ()
