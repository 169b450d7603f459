"""Versions of fund programmes: which one is in force, how a fund's first is written, publishing the next."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from uuid import UUID

from sqlalchemy import ARRAY, Date, Select, Uuid, any_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.mdf.deadlines import local_day
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.models.programmes import FundProgramme, Judgement, ProgrammeVersion
from tcma.mdf.programme import reading
from tcma.mdf.programme.days import known_regions
from tcma.mdf.programme.document import POINTS, POOLED, Programme
from tcma.mdf.queries import vendor_of
from tcma.mdf.words import spoken_day
from tcma.money import Money
from tcma.partners.models import Vendor
from tcma.permissions import Permission, Principal
from tcma.words import say

STANDARD = "standard.toml"
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRules:
    """What a new fund's form says; the rest is the shipped standard."""

    share_bps: int
    notice_days: int
    claim_days: int
    cap: Money | None
    currency: str
    zone: str
    country: str
    kind: str = "discretionary"
    accrual_bps: int = 0
    point: Decimal | None = None
    per_partner: Money | None = None


def standard() -> str:
    """Return the shipped programme that every new fund begins with."""
    return (files("tcma.mdf") / "programmes" / STANDARD).read_text(encoding="utf-8")


def first_source(name: str, rules: FirstRules) -> str:
    """Return the standard programme with a form's own numbers in it."""
    region = rules.country if rules.country in known_regions() else ""
    percent = f"{rules.share_bps // 100}.{rules.share_bps % 100:02d}".removesuffix(".00")
    about = f'about = "The rules of {quoted(name)}."'
    head = f'zone = "{rules.zone}"\ncurrency = "{rules.currency}"'
    head += f'\nregion = "{region}"' if region else ""
    lines = {
        r'^name = ".*"$': f'name = "{quoted(name)}"',
        r'^about = ".*"$': about,
        r"^from = .*\n": "",
        r'^zone = "UTC"$': head,
        r"^percent = 50$": f"percent = {percent}",
        r'^deadline = "10 working days before activity start"\n': (
            f'deadline = "{_days(rules.notice_days, "working day")} before activity start"\n'
            if rules.notice_days
            else ""
        ),
        r'^deadline = "45 days after activity end"$': (
            f'deadline = "{_days(rules.claim_days, "day")} after activity end"'
        ),
        r'^when_too_much = "refuse"$': (
            f'maximum = "{rules.cap.major}"\nwhen_too_much = "refuse"'
            if rules.cap
            else 'when_too_much = "refuse"'
        ),
    }
    worth = f'\npoint = "{rules.point:f}"' if rules.point else ""
    lines[r'^kind = "discretionary"$'] = f'kind = "{rules.kind}"{worth}'
    if rules.per_partner:
        lines[r"^\[fund\]$"] = f'[fund]\nper_partner = "{rules.per_partner.major}"'
    text = standard()
    for pattern, line in lines.items():
        text = re.sub(pattern, line.replace("\\", r"\\"), text, count=1, flags=re.MULTILINE)
    if rules.accrual_bps:
        percent = f"{rules.accrual_bps // 100}.{rules.accrual_bps % 100:02d}".removesuffix(".00")
        text += f'\n[accrual]\nof = "sales"\npercent = {percent}\n'
    return text


def quoted(name: str) -> str:
    """Return a name as it may stand between quotation marks in a programme."""
    plain = re.sub(r"[\x00-\x1f\x7f]", " ", name)
    return plain.replace("\\", "\\\\").replace('"', '\\"')


def _days(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def found_programme(
    work: Work, vendor: Vendor, name: str, source: str, starts_on: date
) -> FundProgramme:
    """Write down a programme with its first version."""
    programme = FundProgramme(
        id=new_id(),
        ref=next_reference(work, "PRG"),
        vendor_id=vendor.id,
        name=name.strip()[:LONGEST_NAME],
        created_at=work.now,
    )
    work.session.add(programme)
    work.session.flush()  # the version names it
    _add(work, programme, source, starts_on)
    return programme


def _add(work: Work, programme: FundProgramme, source: str, starts_on: date) -> ProgrammeVersion:
    version = ProgrammeVersion(
        id=new_id(),
        programme_id=programme.id,
        starts_on=starts_on,
        source=source,
        sha256=hashlib.sha256(source.encode()).hexdigest(),
        published_by=work.principal.user_id,
        published_at=work.now,
    )
    work.session.add(version)
    work.session.flush()  # a version is read by what is judged next
    return version


def publish(work: Work, programme: FundProgramme, source: str, starts_on: date) -> ProgrammeVersion:
    """Publish the next version from a day on; a day that has begun belongs to the version in force.

    Raises Invalid with fields for a text with errors or a wrong day.
    """
    work.require(Permission.BUDGET_MANAGE)
    own_programme(work.principal, programme)
    fields = _another_kind(read_one(source), versions_of(work.session, programme)[0])
    if fields:
        raise Invalid(fields["source"], code="mdf.programme.kind", fields=fields)
    today = local_day(work.now, vendor_of(work.session, programme.vendor_id).zone)
    words = ""
    if starts_on <= today:
        words = f"Rules change from tomorrow at the earliest; today is {spoken_day(today)}."
    newest = versions_of(work.session, programme)[0]
    if not words and newest.starts_on >= starts_on:
        words = (
            f"A version from {spoken_day(newest.starts_on)} on is published. Take it back first."
        )
    if words:
        raise Invalid(words, code="mdf.programme.day", fields={"starts_on": words})
    version = _add(work, programme, source, starts_on)
    said = f"from {spoken_day(starts_on)} on"
    work.audit("published", "programme", programme.id, vendor_id=programme.vendor_id, words=said)
    return version


def _another_kind(new: Programme, newest: ProgrammeVersion) -> dict[str, str]:
    """Whether money is given in parts, and counted in points, stays as the fund was opened."""
    was = rules_of(newest)
    for kind, words in ((POOLED, "a shared pot"), (POINTS, "counted in points")):
        if (was.kind == kind) != (new.kind == kind):
            said = "no longer be" if was.kind == kind else "become"
            return {"source": f"A fund cannot {said} {words}. Open another fund for that."}
    return {}


def take_back(work: Work, programme: FundProgramme, version: ProgrammeVersion) -> None:
    """Delete a version that is not in force yet."""
    work.require(Permission.BUDGET_MANAGE)
    own_programme(work.principal, programme)
    today = local_day(work.now, vendor_of(work.session, programme.vendor_id).zone)
    used = select(exists().where(Judgement.version_id == version.id))
    if version.starts_on <= today or work.session.scalar(used):
        raise Conflict(say("These rules are in force; they stay."), code="mdf.programme.in_force")
    work.session.delete(version)
    work.session.flush()  # the list that follows is read from the rows
    said = f"the version from {spoken_day(version.starts_on)} on"
    work.audit("took back", "programme", programme.id, vendor_id=programme.vendor_id, words=said)


def own_programme(principal: Principal, programme: FundProgramme) -> None:
    """Raise NotFound for a programme of another vendor."""
    found(programme if principal.is_system or principal.vendor_id == programme.vendor_id else None)


def read_one(source: str) -> Programme:
    """Return the one version a text holds; Invalid at the field `source` when it cannot be used."""
    try:
        read = reading.read(source, "programme.toml")
    except reading.ProgrammeRefused as refused:
        raise Invalid(
            refused.message,
            code="mdf.programme.source",
            remedy=refused.remedy,
            fields={"source": refused.advice},
        ) from refused
    if len(read.versions) > 1:
        words = "One version at a time: publish each change from its own day on."
        raise Invalid(words, code="mdf.programme.source", fields={"source": words})
    return read.versions[0]


@lru_cache(maxsize=256)
def _parsed(sha256: str, source: str, starts_on: date) -> Programme:  # noqa: ARG001 - the key
    return replace(read_one(source), since=starts_on)


def rules_of(version: ProgrammeVersion) -> Programme:
    """Return what a version says; parsed once per process."""
    return _parsed(version.sha256, version.source, version.starts_on)


def versions_of(session: Session, programme: FundProgramme) -> list[ProgrammeVersion]:
    """Return all versions, the newest first."""
    some = select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme.id)
    return list(session.scalars(some.order_by(ProgrammeVersion.starts_on.desc())))


def in_force(session: Session, programme_id: UUID, day: date) -> ProgrammeVersion:
    """Return the version of a day; before the first there is the first."""
    some = select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme_id)
    begun = some.where(ProgrammeVersion.starts_on <= day)
    newest = session.scalars(begun.order_by(ProgrammeVersion.starts_on.desc()).limit(1)).first()
    return newest or session.scalars(some.order_by(ProgrammeVersion.starts_on).limit(1)).one()


def rules_by_programme(
    session: Session, programme_ids: Iterable[UUID], day: date
) -> dict[UUID, Programme]:
    """Return the rules in force for several programmes at once.

    Only which versions these are is asked each time: the database lets no version change.
    """
    which = session.execute(_in_force(), {"ids": list(programme_ids), "day": day}).all()
    known = {row.id: _READ[row.id] for row in which if row.id in _READ}
    if new := {row.id for row in which} - known.keys():
        some = select(ProgrammeVersion).where(ProgrammeVersion.id.in_(new))
        read = {row.id: rules_of(row) for row in session.scalars(some)}
        known |= read
        if len(_READ) < MOST_READ:
            _READ.update(read)
    return {row.programme_id: known[row.id] for row in which}


MOST_READ = 1_024
_READ: dict[UUID, Programme] = {}
"""What versions say, by their id; beyond so many they are read and parsed as they are asked for."""


@cache
def _in_force() -> Select[UUID, UUID]:
    return (
        select(ProgrammeVersion.programme_id, ProgrammeVersion.id)
        .where(ProgrammeVersion.programme_id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
        .ext(distinct_on(ProgrammeVersion.programme_id))
        .order_by(
            ProgrammeVersion.programme_id,
            (ProgrammeVersion.starts_on <= bindparam("day", type_=Date())).desc(),
            ProgrammeVersion.starts_on.desc(),
        )
    )


def programme_by_ref(session: Session, principal: Principal, ref: str) -> FundProgramme:
    """Return the vendor's programme, by its own reference or that of a fund it rules."""
    fund = select(FundBudget.programme_id).where(FundBudget.ref == ref)
    one = select(FundProgramme).where((FundProgramme.ref == ref) | FundProgramme.id.in_(fund))
    row: FundProgramme | None = session.scalars(
        visible(one, principal, FundProgramme)
    ).one_or_none()
    return found(row)
