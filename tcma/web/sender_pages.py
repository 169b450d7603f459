"""The page of one sending domain, the same for a partner and a vendor: records, look, keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tcma.delivery import budgets
from tcma.delivery.sender_domains import record_look
from tcma.permissions import Permission
from tcma.senders import actions, pace, queries
from tcma.senders.looking import look
from tcma.senders.queries import Domain
from tcma.senders.records import KIND_WORDS, OPTIONAL, Finding, Record, alignment
from tcma.senders.relays import relays_of
from tcma.senders.rules import WARM_DAYS, DomainState, Verdict
from tcma.web.attempt import attempt
from tcma.web.forms.partner import PaceForm
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash
from tcma.wiring import UNNAMED
from tcma.words import say, say_n

VERDICT_WORDS = {
    Verdict.FOUND: (say("Found"), "circle-check", "good"),
    Verdict.WRONG: (say("Wrong"), "alert-triangle", "need"),
    Verdict.MISSING: (say("Missing"), "plus", "need"),
    Verdict.SILENT: (say("No answer"), "clock", "work"),
    Verdict.WAITING: (say("Not looked at"), "point", "rest"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as the page shows it: what to paste where, and what the last look found."""

    record: Record
    title: str
    why: str
    finding: Finding
    optional: bool
    short_name: str

    @property
    def done(self) -> bool:
        """Say whether nothing is left to do about it."""
        return self.finding.verdict is Verdict.FOUND

    @property
    def sign(self) -> tuple[str, str, str]:
        """Word, icon and tone of the verdict; an optional record that is missing is no fault."""
        if self.optional and self.finding.verdict is Verdict.MISSING:
            return (say("Optional"), "point", "rest")
        return VERDICT_WORDS[self.finding.verdict]

    @property
    def paste(self) -> Record:
        """What to paste: the record's value, or what the last look made of what stands there."""
        if not self.finding.paste:
            return self.record
        return Record(self.record.kind, self.record.name, self.record.type, self.finding.paste)


def let_go(sender_id: UUID) -> None:
    """Let a held address send again, and say so, or why not."""
    with attempt() as tried:
        budgets.let_send_again(work(), sender_id)
    words = tried.words or say("It sends again. What comes back is counted anew.")
    flash(words, "good" if tried.done else "need")


def shown(domain: Domain) -> list[Shown]:
    """Return a domain's records with the findings of the last look."""
    records = queries.records_of(work().session, domain, mail_host=work().site.mail_host)
    found = {(each.kind, each.key): each for each in domain.findings}
    lines = []
    for record in records:
        title, why = KIND_WORDS[record.kind]
        unknown = Finding(record.kind, Verdict.WAITING, "", key=record.key)
        finding = found.get((record.kind, record.key), unknown)
        lines.append(
            Shown(
                record, title, why, finding, record.kind in OPTIONAL,
                record.below(zone_of(domain.name)),
            )
        )  # fmt: skip
    return lines


def zone_of(domain: str) -> str:
    """Return the zone a domain is probably kept in: what one registers has two or three parts."""
    labels = domain.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if short else -2 :])


def facts(domain: Domain) -> dict[str, object]:
    """Return what the page of a domain is made of."""
    lines = shown(domain)
    return {
        "domain": domain,
        "records": lines,
        "todo": [line for line in lines if not line.done],
        "done": [line for line in lines if line.done],
        "alignment": alignment(domain.findings, domain=domain.name) if domain.findings else [],
        "old_keys": queries.old_keys(work().session, domain, now=work().now),
        "now": work().now,
        "zone": zone_of(domain.name),
        "unnamed": work().site.mail_host == UNNAMED,
        "waits_for_keys": rotating(lines, domain),
        "relays": relays_of(work().session, domain.id),
        "may_relay": work().principal.may(
            Permission.VENDOR_EDIT if work().principal.vendor_id else Permission.BRAND_EDIT
        ),
        "room": pace.room_of(work().session, domain.id, work().now),
        "warm_days": WARM_DAYS,
        "pace": PaceForm(None, data={"per_hour": domain.per_hour}),
    }


def rotating(lines: Sequence[Shown], domain: Domain) -> bool:
    """Say whether new keys wait for their records while the old ones sign."""
    proved = domain.state in (DomainState.VERIFIED, DomainState.FAILING)
    keys = [line for line in lines if line.record.key]
    return proved and len(keys) > 2


def set_pace(domain: str) -> None:
    """Limit a domain as the posted form says, and say what holds now."""
    form = PaceForm()
    if not form.validate():
        flash(say("Write a number of mails an hour, or leave it empty for no limit."), "need")
        return
    pace.set_pace(work(), domain, per_hour=form.per_hour.data, is_warm=bool(form.is_warm.data))
    flash(say("Saved. It holds from the next mail on."), "good")


def look_now(domain: Domain) -> None:
    """Ask DNS about a domain here and now, and say what came of it."""
    records = queries.records_of(work().session, domain, mail_host=work().site.mail_host)
    seen = look(services().names, records, domain=domain.name)
    change = record_look(work(), domain.id, seen)
    fresh = queries.domain_by_id(work().session, domain.id)
    left = [
        each
        for each in fresh.findings
        if each.verdict in (Verdict.WRONG, Verdict.MISSING) and each.kind not in OPTIONAL
    ]
    if change.after is DomainState.VERIFIED:
        flash(say("{domain} is verified. Mail leaves from it, signed.", domain=domain.name), "good")
    elif any(each.verdict is Verdict.SILENT for each in fresh.findings):
        flash(say("DNS did not answer everything. Try again in a minute."), "need")
    else:
        words = say_n(
            "{n} record is not as it must be. What is new can take an hour to be seen.",
            "{n} records are not as they must be. What is new can take an hour to be seen.",
            len(left),
        )
        flash(words, "need")


def make_new_keys(domain: str) -> None:
    """Rotate the keys of a domain, or say why not."""
    with attempt() as tried:
        actions.rotate(work(), domain)
    if tried.done:
        flash(
            say("New keys are made. Paste their two records; the old ones sign until then."), "good"
        )
    else:
        flash(tried.words, "need")
